"use client";
import { useEffect, useState } from "react";

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") === true;

/** Takes files that are dropped anywhere in the window, with where; answers whether some are being dragged over it. */
export function useFileDrop(onFiles: (files: Iterable<File>, place: { x: number; y: number }) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsOver(true);
    };
    const leave = (event: DragEvent) => {
      // Between elements of the page it is left for something; out of the window for nothing.
      if (event.relatedTarget === null) setIsOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      setIsOver(false);
      // A picture that is moved within an editor is a file, too.
      if (event.defaultPrevented) return;
      event.preventDefault();
      if (event.dataTransfer) onFiles([...event.dataTransfer.files], { x: event.clientX, y: event.clientY });
    };
    window.addEventListener("dragover", over);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, [onFiles]);
  return isOver;
}
