"use client";
import type { DocumentHandle } from "@mirage/client/documents";
import type { Document } from "@mirage/protocol";
import { useCallback, useEffect, useRef } from "react";
import { useDocumentEditor } from "../use-document-editor.ts";
import { type ImageUpload, useOwnUpload } from "./image-upload.ts";
import { useImageUploads } from "./use-image-uploads.ts";

interface Options {
  handle: DocumentHandle;
  document: Document;
  canEdit: boolean;
  onError(error: unknown): void;
  /** Absent: the server of the document stores pictures; null: none are offered. */
  uploadImage?: ImageUpload | null | undefined;
}

/** The editor of a document, and what puts pictures into its text; no `images` where there may be none. */
export function useIllustratedEditor({ uploadImage, ...options }: Options) {
  const own = useOwnUpload(options.document.id);
  const upload = options.canEdit && uploadImage !== null ? (uploadImage ?? own) : undefined;
  // The editor is made before what puts pictures into it, and for good.
  const take = useRef<(files: readonly File[]) => boolean>(() => false);
  const onImages = useCallback((files: readonly File[]) => take.current(files), []);
  const { editor, mentions } = useDocumentEditor({ ...options, onImages });
  const images = useImageUploads({ editor, handle: options.handle, upload });
  const { add } = images;
  useEffect(() => {
    take.current = (files) => {
      if (upload) add(files);
      return upload !== undefined;
    };
  }, [add, upload]);
  return { editor, mentions, images: upload && images };
}
