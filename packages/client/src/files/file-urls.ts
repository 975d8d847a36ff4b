import type { FileUrl } from "@mirage/protocol";
import { limits } from "@mirage/protocol/limits";
import type { Requests } from "../connection/requests.ts";
import type { Clock } from "../lib/clock.ts";

export interface FileUrlsOptions {
  requests: Pick<Requests, "ask">;
  clock: Clock;
  /** Makes an address of the server's absolute. */
  absolute: (url: string) => string;
}

/** The server's addresses live for a quarter of an hour at least. */
const keptMs = 10 * 60_000;

/** Where files are: asked for in one request for all that a view wants, and kept while it is good. */
export class FileUrls {
  readonly #options: FileUrlsOptions;
  readonly #known = new Map<string, { url: FileUrl | undefined; untilMs: number }>();
  readonly #asking = new Map<string, Promise<FileUrl | undefined>>();
  #batch: { ids: string[]; answers: Promise<Map<string, FileUrl>> } | undefined;

  constructor(options: FileUrlsOptions) {
    this.#options = options;
  }

  peek(fileId: string): FileUrl | undefined {
    const known = this.#known.get(fileId);
    return known && known.untilMs > this.#options.clock.monotonicMs() ? known.url : undefined;
  }

  find(fileId: string): Promise<FileUrl | undefined> {
    const known = this.peek(fileId);
    if (known) return Promise.resolve(known);
    const underWay = this.#asking.get(fileId);
    if (underWay) return underWay;
    const asking = this.#ask(fileId).finally(() => this.#asking.delete(fileId));
    this.#asking.set(fileId, asking);
    return asking;
  }

  forget(fileId: string): void {
    this.#known.delete(fileId);
  }

  async #ask(fileId: string): Promise<FileUrl | undefined> {
    const batch = this.#join();
    batch.ids.push(fileId);
    const url = (await batch.answers).get(fileId);
    this.#known.set(fileId, { url, untilMs: this.#options.clock.monotonicMs() + keptMs });
    return url;
  }

  /** What is asked for in one turn goes out together. */
  #join(): { ids: string[]; answers: Promise<Map<string, FileUrl>> } {
    if (this.#batch && this.#batch.ids.length < limits.fileUrls) return this.#batch;
    const ids: string[] = [];
    this.#batch = { ids, answers: Promise.resolve().then(() => this.#request(ids)) };
    return this.#batch;
  }

  async #request(fileIds: string[]): Promise<Map<string, FileUrl>> {
    if (this.#batch?.ids === fileIds) this.#batch = undefined;
    const { absolute, requests } = this.#options;
    const { urls } = await requests.ask("get_file_urls", { fileIds });
    const resolved = urls.map(({ url, thumbnailUrl, previewUrl, ...rest }) => ({
      ...rest,
      url: absolute(url),
      ...(thumbnailUrl === undefined ? {} : { thumbnailUrl: absolute(thumbnailUrl) }),
      ...(previewUrl === undefined ? {} : { previewUrl: absolute(previewUrl) }),
    }));
    return new Map(resolved.map((url) => [url.fileId, url]));
  }
}
