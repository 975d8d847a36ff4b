import { Worker } from "node:worker_threads";
import { DatabaseError } from "./database.ts";
import type { PgliteReply, PgliteRequest, PgliteWorkerData } from "./pglite-messages.ts";
import type { WireResult } from "./sql-values.ts";

type Body<Request> = Request extends PgliteRequest ? Omit<Request, "id"> : never;
export type PgliteCall = Body<PgliteRequest>;

interface Pending {
  resolve: (result: WireResult) => void;
  reject: (error: DatabaseError) => void;
}

export interface PgliteLinkOptions {
  directory: string;
  /** The first start of a directory makes the whole database in it. */
  openDeadlineMs: number;
  /** The thread is ended when it has calls to answer and answers none for so long. */
  silenceMs: number;
  /** Called once, when the open database's thread has died other than by `close` or `destroy`. */
  onDeath: (error: DatabaseError) => void;
}

/**
 * One life of the embedded database's thread. When it dies, or hangs (a full disk does that), every call without an
 * answer fails `connectionLost`: what it did is unknown.
 */
export class PgliteLink {
  readonly #worker: Worker;
  readonly #options: PgliteLinkOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #opened = Promise.withResolvers<void>();
  #watchdog: NodeJS.Timeout | undefined;
  #silenceMs: number;
  #lastId = 0;
  #isOpen = false;
  #isOver = false;

  /** @throws DatabaseError when the database cannot be opened. */
  static async open(options: PgliteLinkOptions): Promise<PgliteLink> {
    const link = new PgliteLink(options);
    const timer = setTimeout(() => {
      link.#fail(lost(`The embedded database did not open within ${options.openDeadlineMs} ms.`));
    }, options.openDeadlineMs);
    try {
      await link.#opened.promise;
      return link;
    } catch (error) {
      await link.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  private constructor(options: PgliteLinkOptions) {
    this.#options = options;
    this.#silenceMs = options.silenceMs;
    const workerData: PgliteWorkerData = { directory: options.directory };
    this.#worker = new Worker(new URL("./pglite-worker.ts", import.meta.url), { workerData, name: "pglite" });
    this.#worker.on("message", (reply: PgliteReply) => this.#handleReply(reply));
    this.#worker.on("error", (error) => this.#fail(lost("The embedded database crashed.", error)));
    this.#worker.on("exit", () => this.#fail(lost("The embedded database stopped.")));
  }

  call(call: PgliteCall): Promise<WireResult> {
    if (this.#isOver) return Promise.reject(lost("The embedded database stopped."));
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#pending.set(id, { resolve, reject });
      this.#watch();
      this.#worker.postMessage({ ...call, id } satisfies PgliteRequest);
    });
  }

  /** While `work` runs the thread may be silent for as long as it likes. */
  async unwatched<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#silenceMs = Number.POSITIVE_INFINITY;
    this.#watch();
    try {
      return await work();
    } finally {
      this.#silenceMs = this.#options.silenceMs;
      this.#watch();
    }
  }

  /** Shuts the database down in order, after the calls made before; ends the thread if that takes too long. */
  async close(deadlineMs: number): Promise<void> {
    const timer = setTimeout(() => void this.destroy(), deadlineMs);
    try {
      if (!this.#isOver) await this.call({ kind: "close" });
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
    } finally {
      clearTimeout(timer);
      await this.destroy();
    }
  }

  /** Ends the thread at once. */
  async destroy(): Promise<void> {
    this.#end(lost("The embedded database was closed."));
    await this.#worker.terminate();
  }

  #handleReply(reply: PgliteReply): void {
    if (reply.kind === "ready") {
      this.#isOpen = true;
      this.#opened.resolve();
    } else if (reply.kind === "failed") {
      this.#fail(lost(`The embedded database did not open: ${reply.message}`));
    } else this.#settle(reply);
  }

  #settle(reply: Extract<PgliteReply, { id: number }>): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    this.#watch();
    if (reply.kind === "result") pending?.resolve(reply.result);
    else pending?.reject(new DatabaseError(reply.message, withState(reply.sqlState)));
  }

  /** Starts the watch anew: an answer is a sign of life. */
  #watch(): void {
    clearTimeout(this.#watchdog);
    if (this.#pending.size === 0 || !Number.isFinite(this.#silenceMs)) return;
    this.#watchdog = setTimeout(() => {
      this.#fail(lost(`The embedded database did not answer for ${this.#silenceMs} ms.`));
    }, this.#silenceMs);
  }

  #fail(error: DatabaseError): void {
    if (this.#end(error) && this.#isOpen) this.#options.onDeath(error);
  }

  #end(error: DatabaseError): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearTimeout(this.#watchdog);
    this.#opened.reject(error);
    // Nobody waits for it any more once the database is open.
    this.#opened.promise.catch(() => undefined);
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    return true;
  }
}

export function lost(message: string, cause?: unknown): DatabaseError {
  return new DatabaseError(message, { connectionLost: true, cause });
}

function withState(sqlState: string | undefined): { sqlState?: string } {
  return sqlState === undefined ? {} : { sqlState };
}
