"use client";
import { RealtimeError } from "@mirage/client";
import { useCallback } from "react";
import { useRealtime } from "../../provider.tsx";
import { fileAddress } from "./file-address.ts";

/** What a document keeps of a picture: where it is served from, relative or whole, and its size in CSS pixels. */
export interface StoredImage {
  src: string;
  alt: string;
  width: number;
  height: number;
}

/** Stores a picture. `onProgress` is told numbers from 0 to 1; `signal` gives it up. */
export type ImageUpload = (
  file: File,
  options: { onProgress: (progress: number) => void; signal: AbortSignal },
) => Promise<StoredImage>;

/** Stores pictures on the server of the document, for those who may read that. */
export function useOwnUpload(documentId: string): ImageUpload {
  const { realtime } = useRealtime();
  return useCallback(
    async (file, options) => {
      const { id, width, height } = await realtime.files.upload(file, { ...options, documentId });
      if (width === undefined || height === undefined) throw new RealtimeError("bad_request", "This is not a picture");
      return { src: fileAddress(id), alt: "", width, height };
    },
    [realtime, documentId],
  );
}
