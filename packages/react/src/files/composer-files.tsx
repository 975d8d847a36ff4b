"use client";
import { useRealtime } from "../provider.tsx";
import { UploadTray } from "./lazy-files.tsx";
import type { Attachments } from "./use-attachments.ts";
import { useFileDrop } from "./use-file-drop.ts";

/** What is about to be sent beside the text, and the whole window as a place to drop more. */
export function ComposerFiles({ attachments }: { attachments: Attachments }) {
  const { labels } = useRealtime();
  const isOver = useFileDrop(attachments.add);
  return (
    <>
      <UploadTray attachments={attachments} />
      {isOver && <div className="mrg-drop">{labels.dropFiles}</div>}
    </>
  );
}
