"use client";
import type { DraftAttachment, Upload } from "@mirage/client";
import { limits } from "@mirage/protocol/limits";
import { useCallback, useEffect, useRef, useState } from "react";
import { useRealtime } from "../provider.tsx";

/** What is about to be sent beside the text. */
export interface Attachments {
  items: readonly DraftAttachment[];
  add(files: Iterable<File>): void;
  describe(upload: Upload, alt: string): void;
  remove(upload: Upload): void;
  /** Hands them over to a message: nothing is cancelled. */
  take(): readonly DraftAttachment[];
}

/** Uploads begin as soon as a file was chosen; a message may be sent before they are done. */
export function useAttachments(): Attachments {
  const { realtime } = useRealtime();
  const [items, setItems] = useState<readonly DraftAttachment[]>([]);
  const change = useCallback((upload: Upload, facts: Partial<DraftAttachment>) => {
    setItems((known) => known.map((item) => (item.upload === upload ? { ...item, ...facts } : item)));
  }, []);
  const latest = useRef(items);
  useEffect(() => {
    latest.current = items;
  }, [items]);
  const add = useCallback(
    (files: Iterable<File>) => {
      const free = Math.max(0, limits.attachmentsPerMessage - latest.current.length);
      const begun = [...files].slice(0, free).map((file) => ({ upload: realtime.files.begin(file) }));
      for (const { upload } of begun) measure(upload.blob).then((box) => box && change(upload, box));
      setItems((known) => [...known, ...begun]);
    },
    [realtime, change],
  );
  // Whoever leaves the room without sending takes nothing along.
  useEffect(() => () => latest.current.forEach(({ upload }) => void upload.cancel()), []);
  return {
    items,
    add,
    describe: (upload, alt) => change(upload, { alt }),
    remove(upload) {
      upload.cancel();
      setItems((known) => known.filter((item) => item.upload !== upload));
    },
    take() {
      setItems([]);
      return items;
    },
  };
}

/** How large a picture is, so that its place can be kept; undefined where the browser cannot read it. */
async function measure(blob: Blob): Promise<{ width: number; height: number } | undefined> {
  if (!blob.type.startsWith("image/")) return undefined;
  const bitmap = await createImageBitmap(blob).catch(() => undefined);
  if (!bitmap) return undefined;
  const { width, height } = bitmap;
  bitmap.close();
  return { width, height };
}
