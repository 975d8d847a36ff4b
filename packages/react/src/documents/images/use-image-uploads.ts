"use client";
import type { DocumentHandle } from "@mirage/client/documents";
import type { Editor } from "@tiptap/react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { ImageUpload } from "./image-upload.ts";
import { insertImage, type Place, placeAt } from "./place.ts";

/** A picture on its way into the text. */
export interface RunningImage {
  readonly id: number;
  readonly file: File;
  /** From 0 to 1. */
  readonly progress: number;
  /** Why it was not stored. */
  readonly failure: string | undefined;
}

export interface ImageUploads {
  items: readonly RunningImage[];
  /** Pictures go to where they were put, however long they take: at a position, or at the cursor. */
  add(files: Iterable<File>, at?: number): void;
  retry(item: RunningImage): void;
  /** Gives it up; nothing of it stays on the server. */
  remove(item: RunningImage): void;
}

/** Pictures that came together stand behind each other, in the order in which they came. */
interface Batch {
  place: Place;
  /** Settles when the last one of it is in the text, or will not be. */
  last: Promise<void>;
}

interface Options {
  editor: Editor | null;
  handle: DocumentHandle;
  /** Absent: nobody may put pictures here. */
  upload: ImageUpload | undefined;
}

/** Stores pictures and puts them into the text, each where it was dropped, pasted or asked for. */
export function useImageUploads({ editor, handle, upload }: Options): ImageUploads {
  const [items, setItems] = useState<readonly RunningImage[]>([]);
  const running = useRef(new Map<number, { batch: Batch; giveUp: AbortController }>());
  const nextId = useRef(0);
  const change = useCallback((id: number, facts: Partial<RunningImage>) => {
    setItems((known) => known.map((item) => (item.id === id ? { ...item, ...facts } : item)));
  }, []);
  const drop = useCallback((id: number) => {
    running.current.get(id)?.giveUp.abort();
    running.current.delete(id);
    setItems((known) => known.filter((item) => item.id !== id));
  }, []);
  const begin = useCallback(
    async (id: number, file: File, batch: Batch) => {
      if (!editor || !upload) return;
      const giveUp = new AbortController();
      const before = batch.last;
      const turn = Promise.withResolvers<void>();
      batch.last = turn.promise;
      running.current.set(id, { batch, giveUp });
      change(id, { progress: 0, failure: undefined });
      try {
        const onProgress = (progress: number) => change(id, { progress });
        const image = await upload(file, { onProgress, signal: giveUp.signal });
        await before;
        if (giveUp.signal.aborted || editor.isDestroyed) return;
        batch.place = insertImage(editor, { doc: handle.doc, place: batch.place, image });
        drop(id);
      } catch (error) {
        if (!giveUp.signal.aborted) change(id, { failure: error instanceof Error ? error.message : String(error) });
      } finally {
        turn.resolve();
      }
    },
    [editor, handle, upload, change, drop],
  );
  const add = useCallback(
    (files: Iterable<File>, at?: number) => {
      if (!editor || !upload) return;
      const place = placeAt(editor.state, at ?? editor.state.selection.to);
      const batch: Batch = { place, last: Promise.resolve() };
      for (const file of files) {
        if (!file.type.startsWith("image/")) continue;
        const id = nextId.current++;
        setItems((known) => [...known, { id, file, progress: 0, failure: undefined }]);
        void begin(id, file, batch);
      }
    },
    [editor, upload, begin],
  );
  // Whoever leaves the document takes nothing along.
  useEffect(() => {
    const begun = running.current;
    return () => begun.forEach(({ giveUp }) => void giveUp.abort());
  }, []);
  return {
    items,
    add,
    retry: ({ id, file }) => {
      const batch = running.current.get(id)?.batch;
      if (batch) void begin(id, file, batch);
    },
    remove: ({ id }) => drop(id),
  };
}
