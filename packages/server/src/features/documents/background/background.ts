import { Worker } from "node:worker_threads";
import type { Clock, Timer } from "../../../ports/clock.ts";
import type {
  BackgroundJob,
  BackgroundKind,
  BackgroundReply,
  BackgroundRequest,
  BackgroundResult,
} from "./messages.ts";

/** A job that takes longer is given up, with the thread that is at it. */
const maxJobMs = 30_000;
/** Without work for so long the thread ends. */
const idleMs = 60_000;
const maxWaiting = 100;

interface Waiting {
  request: BackgroundRequest;
  resolve: (result: BackgroundResult) => void;
  reject: (error: Error) => void;
}

/** Works on whole documents in a thread of its own, one job after the other; the thread is made when there is work. */
export class Background {
  readonly #clock: Clock;
  readonly #waiting: Waiting[] = [];
  #worker: Worker | undefined;
  #current: Waiting | undefined;
  #deadline: Timer | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws Error when it fails, takes too long, or too much waits. */
  run<Kind extends BackgroundKind>(job: BackgroundJob<Kind>): Promise<BackgroundResult<Kind>> {
    if (this.#isClosed || this.#waiting.length >= maxWaiting)
      return Promise.reject(new Error("too much is waiting for the thread of documents"));
    const { promise, resolve, reject } = Promise.withResolvers<BackgroundResult>();
    this.#waiting.push({ request: { ...job, id: ++this.#lastId } as BackgroundRequest, resolve, reject });
    this.#next();
    return promise as Promise<BackgroundResult<Kind>>;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error("the server is stopping"));
    await this.#stop(new Error("the server is stopping"));
  }

  #next(): void {
    if (this.#current) return;
    this.#deadline?.cancel();
    this.#current = this.#waiting.shift();
    if (!this.#current) {
      this.#deadline = this.#worker && this.#clock.after(idleMs, () => void this.#stop(new Error("idle")));
      return;
    }
    this.#deadline = this.#clock.after(maxJobMs, () => void this.#stop(new Error("a job on a document took too long")));
    this.#worker ??= this.#start();
    this.#worker.postMessage(this.#current.request);
  }

  #start(): Worker {
    const worker = new Worker(new URL("./background-worker.ts", import.meta.url), { name: "documents" });
    worker.on("message", (reply: BackgroundReply) => this.#finish(reply));
    worker.on("error", (error) => {
      if (this.#worker === worker) void this.#stop(error instanceof Error ? error : new Error(String(error)));
    });
    worker.unref();
    return worker;
  }

  #finish(reply: BackgroundReply): void {
    const current = this.#current;
    if (!current || current.request.id !== reply.id) return;
    this.#current = undefined;
    if (reply.kind === "done") current.resolve(reply.result);
    else current.reject(new Error(reply.message));
    this.#next();
  }

  async #stop(reason: Error): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#deadline?.cancel();
    this.#deadline = undefined;
    this.#current?.reject(reason);
    this.#current = undefined;
    await worker?.terminate();
    if (!this.#isClosed && this.#waiting.length > 0) this.#next();
  }
}
