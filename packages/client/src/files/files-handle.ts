import type { FileUrl, UploadedFile } from "@mirage/protocol";
import type { Failure } from "../lib/error.ts";
import type { ReadonlyStore } from "../lib/store.ts";

/** How far an upload is; `progress` goes from 0 to 1. */
export type UploadState =
  | { readonly status: "uploading"; readonly progress: number }
  | { readonly status: "done"; readonly file: UploadedFile }
  | { readonly status: "failed"; readonly error: Failure }
  | { readonly status: "cancelled" };

/** A file on its way, or there. */
export interface Upload {
  /** The client's own id of it. */
  readonly id: string;
  readonly blob: Blob;
  readonly name: string;
  readonly state: ReadonlyStore<UploadState>;
  /** Begins again what has failed or was cancelled. */
  retry(): void;
  cancel(): void;
}

export interface UploadOptions {
  /** Called with a number from 0 to 1. */
  onProgress?: (progress: number) => void;
  /** Cancels the upload; nothing of it stays on the server. */
  signal?: AbortSignal;
  /** Default: the name of a `File`. */
  name?: string;
  /** A picture for this document: whoever may read that may read it, and messages cannot have it. */
  documentId?: string;
}

/** Files of messages, and pictures of documents: sending them and finding where they are. */
export interface FilesHandle {
  /**
   * Uploads one file, once; nobody but its uploader sees it until a message has it, or whoever may read its document.
   * @throws RealtimeError with the server's code (`too_large`, `rate_limited` …), `disconnected`, or `closed` when cancelled.
   */
  upload(file: Blob, options?: UploadOptions): Promise<UploadedFile>;
  /** Begins an upload that can be watched, cancelled, retried, and given to `RoomHandle.send` before it is done. */
  begin(file: Blob, name?: string): Upload;
  /** An upload that was begun in this page and hangs on a message that waits for it. */
  find(uploadId: string): Upload | undefined;
  /**
   * Where a file is to be had, absolute; undefined where it is not for this person, or gone. Asked for together, many are
   * one request. Kept for ten minutes: ask again for each view.
   */
  findUrl(fileId: string): Promise<FileUrl | undefined>;
  /** What `findUrl` would answer at once, if it is known. */
  peekUrl(fileId: string): FileUrl | undefined;
  /** An address did not work: the next question asks anew. */
  forgetUrl(fileId: string): void;
}
