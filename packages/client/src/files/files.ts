import type { FileUrl, UploadedFile } from "@mirage/protocol";
import type { ErrorBody } from "@mirage/protocol/errors";
import { limits } from "@mirage/protocol/limits";
import type { Requests } from "../connection/requests.ts";
import type { Clock } from "../lib/clock.ts";
import { errorFromBody, RealtimeError } from "../lib/error.ts";
import { createId } from "../lib/id.ts";
import { cancelled } from "./cancelled.ts";
import type { FileUrls } from "./file-urls.ts";
import type { FilesHandle, Upload, UploadOptions } from "./files-handle.ts";
import { RunningUpload, type SendOnce } from "./running-upload.ts";
import type { FileSender } from "./send-file.ts";
import { Turns } from "./turns.ts";

export interface FilesOptions {
  requests: Pick<Requests, "ask">;
  clock: Clock;
  random: () => number;
  /** Address of the server; absent: the page's own. */
  url: string | undefined;
  getToken: () => Promise<string>;
  send: FileSender;
}

/** Files of messages. */
export class Files implements FilesHandle {
  readonly #options: FilesOptions;
  #urls: FileUrls | undefined;
  readonly #turns = new Turns(limits.uploadsAtOnce);
  /** Those whose bytes this page has. */
  readonly #uploads = new Map<string, RunningUpload>();

  constructor(options: FilesOptions) {
    this.#options = options;
  }

  upload(file: Blob, options: UploadOptions = {}): Promise<UploadedFile> {
    const { onProgress = () => undefined, signal = new AbortController().signal, name = nameOf(file) } = options;
    return this.#send({ blob: file, name, documentId: options.documentId, onProgress, signal });
  }

  begin(blob: Blob, name = nameOf(blob)): Upload {
    return this.restore(createId(this.#options.random), blob, name);
  }

  /** Begins an upload again whose bytes were kept over a reload. */
  restore(id: string, blob: Blob, name: string): RunningUpload {
    const onCancelled = () => this.#uploads.delete(id);
    const upload = new RunningUpload({ id, blob, name, onCancelled }, this.#send);
    this.#uploads.set(id, upload);
    return upload;
  }

  find(uploadId: string): RunningUpload | undefined {
    return this.#uploads.get(uploadId);
  }

  /** Nothing waits for it any more. */
  drop(uploadId: string): void {
    this.#uploads.get(uploadId)?.cancel();
    this.#uploads.delete(uploadId);
  }

  async findUrl(fileId: string): Promise<FileUrl | undefined> {
    return (await this.#loadUrls()).find(fileId);
  }

  peekUrl(fileId: string): FileUrl | undefined {
    return this.#urls?.peek(fileId);
  }

  forgetUrl(fileId: string): void {
    this.#urls?.forget(fileId);
  }

  close(): void {
    for (const id of [...this.#uploads.keys()]) this.drop(id);
  }

  /** In turns, since a server takes so many of one person at once; one that came too soon is sent again. */
  readonly #send: SendOnce = async (upload) => {
    for (;;) {
      const leave = await this.#turns.enter();
      let waitMs = 1_000;
      try {
        return await this.#sendNow(upload);
      } catch (error) {
        if (!(error instanceof RealtimeError) || error.code !== "rate_limited") throw error;
        waitMs = error.retryAfterMs ?? waitMs;
      } finally {
        leave();
      }
      await this.#pause(waitMs);
    }
  };

  async #sendNow({ blob, name, documentId, onProgress, signal }: Parameters<SendOnce>[0]): Promise<UploadedFile> {
    const { getToken, send } = this.#options;
    if (signal.aborted) throw cancelled();
    const token = await getToken().catch((error: unknown) => {
      throw error instanceof RealtimeError ? error : new RealtimeError("disconnected", "No token could be had");
    });
    const query = new URLSearchParams(documentId === undefined ? { name } : { name, documentId });
    const url = this.#absolute(`/api/v1/files?${query}`);
    const report = (sentBytes: number) => onProgress(blob.size === 0 ? 1 : Math.min(1, sentBytes / blob.size));
    const { status, body } = await send({ url, token, body: blob, onProgress: report, signal });
    const answer = body as { file?: UploadedFile; error?: Partial<ErrorBody> } | undefined;
    if (status === 201 && answer?.file) return answer.file;
    // A proxy that refuses a body says so in its own words.
    const isTooLarge = status === 413 && answer?.error === undefined;
    throw errorFromBody(isTooLarge ? { code: "too_large", message: "File too large" } : answer?.error);
  }

  /** With the first file that is shown. */
  async #loadUrls(): Promise<FileUrls> {
    const { FileUrls } = await import("./file-urls.ts");
    this.#urls ??= new FileUrls({ ...this.#options, absolute: (url) => this.#absolute(url) });
    return this.#urls;
  }

  #pause(waitMs: number): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.after(waitMs, resolve));
  }

  #absolute(path: string): string {
    const { url } = this.#options;
    return url === undefined ? path : new URL(path, url.replace(/^ws/, "http")).href;
  }
}

function nameOf(blob: Blob): string {
  return "name" in blob && typeof blob.name === "string" ? blob.name : "file";
}
