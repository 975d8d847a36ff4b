import type { UploadedFile } from "@mirage/protocol";
import { failureOf } from "../lib/error.ts";
import { Store } from "../lib/store.ts";
import { cancelled } from "./cancelled.ts";
import type { Upload, UploadState } from "./files-handle.ts";

/** Sends the bytes once. */
export type SendOnce = (upload: {
  blob: Blob;
  name: string;
  /** The document that it is a picture for. */
  documentId?: string | undefined;
  onProgress: (progress: number) => void;
  signal: AbortSignal;
}) => Promise<UploadedFile>;

/** One upload, through all of its attempts. */
export class RunningUpload implements Upload {
  readonly id: string;
  readonly blob: Blob;
  readonly name: string;
  readonly state = new Store<UploadState>({ status: "uploading", progress: 0 });
  readonly #send: SendOnce;
  #giveUp = new AbortController();
  #attempt: Promise<UploadedFile>;

  readonly #onCancelled: () => void;

  constructor(file: { id: string; blob: Blob; name: string; onCancelled: () => void }, send: SendOnce) {
    this.id = file.id;
    this.blob = file.blob;
    this.name = file.name;
    this.#send = send;
    this.#onCancelled = file.onCancelled;
    this.#attempt = this.#begin();
  }

  retry(): void {
    const { status } = this.state.get();
    if (status === "failed" || status === "cancelled") this.#attempt = this.#begin();
  }

  cancel(): void {
    this.#giveUp.abort();
    this.#onCancelled();
    if (this.state.get().status !== "done") this.state.set({ status: "cancelled" });
  }

  /** The file, by this attempt or a new one where that has failed. @throws RealtimeError of the attempt */
  finish(): Promise<UploadedFile> {
    if (this.state.get().status === "cancelled") return Promise.reject(cancelled());
    this.retry();
    return this.#attempt;
  }

  #begin(): Promise<UploadedFile> {
    const giveUp = new AbortController();
    this.#giveUp = giveUp;
    this.state.set({ status: "uploading", progress: 0 });
    const set = (state: UploadState) => {
      if (this.#giveUp === giveUp && !giveUp.signal.aborted) this.state.set(state);
    };
    const { blob, name } = this;
    const onProgress = (progress: number) => set({ status: "uploading", progress });
    const attempt = this.#send({ blob, name, onProgress, signal: giveUp.signal });
    attempt.then(
      (file) => set({ status: "done", file }),
      (error: unknown) => set({ status: "failed", error: failureOf(error) }),
    );
    return attempt;
  }
}
