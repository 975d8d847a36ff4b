"use client";
import { Paperclip } from "lucide-react";
import { IconButton } from "../icon-button.tsx";
import { useRealtime } from "../provider.tsx";
import { useFileInput } from "./use-file-input.tsx";

/** Lets one choose files. */
export function AttachButton({ onFiles }: { onFiles(files: Iterable<File>): void }) {
  const { labels } = useRealtime();
  const { choose, input } = useFileInput({ onFiles });
  return (
    <>
      <IconButton label={labels.attach} onClick={choose}>
        <Paperclip size={20} aria-hidden />
      </IconButton>
      {input}
    </>
  );
}
