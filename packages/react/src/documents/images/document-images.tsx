"use client";
import type { Editor } from "@tiptap/react";
import { useCallback } from "react";
import { useFileDrop } from "../../files/use-file-drop.ts";
import { useDocumentLabels } from "../use-document-labels.ts";
import { ImageTray } from "./image-tray.tsx";
import type { ImageUploads } from "./use-image-uploads.ts";

/** Pictures on their way into the text, and the whole window as a place to drop more. */
export function DocumentImages({ editor, uploads }: { editor: Editor; uploads: ImageUploads }) {
  const words = useDocumentLabels();
  const { add } = uploads;
  const drop = useCallback(
    (files: Iterable<File>, { x, y }: { x: number; y: number }) =>
      add(files, editor.view.posAtCoords({ left: x, top: y })?.pos),
    [add, editor],
  );
  const isOver = useFileDrop(drop);
  return (
    <>
      <ImageTray uploads={uploads} />
      {isOver && <div className="mrg-drop">{words.dropImages}</div>}
    </>
  );
}
