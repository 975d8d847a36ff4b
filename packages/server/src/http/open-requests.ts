import { Refusal } from "@mirage/protocol";
import type { MiddlewareHandler } from "hono";
import type { Clock } from "../ports/clock.ts";
import type { HttpEnvironment } from "./http-options.ts";

/** The requests that are being answered: a planned stop lets them end. */
export class OpenRequests {
  readonly #clock: Clock;
  #count = 0;
  #isStopping = false;
  #ended: PromiseWithResolvers<void> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a request until its answer has left; refuses it where the server is about to be gone. */
  readonly count: MiddlewareHandler<HttpEnvironment> = async (context, next) => {
    const { outgoing } = context.env;
    if (this.#isStopping) {
      // Whoever asks again does so on a connection that leads to another server.
      outgoing.shouldKeepAlive = false;
      throw new Refusal("unavailable", "The server is stopping", { retryAfterMs: 1_000 });
    }
    this.#count++;
    outgoing.once("close", () => {
      this.#count--;
      if (this.#count === 0) this.#ended?.resolve();
    });
    await next();
  };

  /** Takes nothing new. Resolves when all that was asked before is answered, after `patienceMs` at the latest. */
  async stop(patienceMs: number): Promise<void> {
    this.#isStopping = true;
    if (this.#count === 0 || patienceMs === 0) return;
    this.#ended = Promise.withResolvers();
    const timer = this.#clock.after(patienceMs, () => this.#ended?.resolve());
    await this.#ended.promise;
    timer.cancel();
  }
}
