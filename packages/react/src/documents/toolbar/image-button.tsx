"use client";
import { ImagePlus } from "lucide-react";
import { useFileInput } from "../../files/use-file-input.tsx";
import { useDocumentLabels } from "../use-document-labels.ts";
import { ToolButton } from "./tool-button.tsx";

/** Lets one choose pictures, which go to where the cursor is. */
export function ImageButton({ onFiles }: { onFiles(files: readonly File[]): void }) {
  const words = useDocumentLabels();
  const { choose, input } = useFileInput({ accept: "image/*", onFiles });
  return (
    <>
      <ToolButton label={words.image} onClick={choose}>
        <ImagePlus size={17} aria-hidden />
      </ToolButton>
      {input}
    </>
  );
}
