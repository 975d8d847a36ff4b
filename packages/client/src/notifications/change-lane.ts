import type { Clock } from "../lib/clock.ts";
import { RealtimeError } from "../lib/error.ts";

/** Well below what a server lets one connection have unanswered. */
const maxUnderWay = 20;
const shortestWaitMs = 250;
/** A server's limits count ten seconds; a group of some hundred takes a few of those. */
const patienceMs = 60_000;

/**
 * Sends changes a few at a time, and again where the server asks for patience: a group that is read or deleted by one
 * press may hold hundreds.
 */
export class ChangeLane {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws what `send` threw last: at once, or where the server still asked for patience after a minute. */
  async run<Result>(send: () => Promise<Result>): Promise<Result> {
    if (this.#underWay < maxUnderWay) this.#underWay++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#try(send);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#underWay--;
    }
  }

  async #try<Result>(send: () => Promise<Result>): Promise<Result> {
    const endMs = this.#clock.monotonicMs() + patienceMs;
    for (;;) {
      try {
        return await send();
      } catch (error) {
        if (this.#clock.monotonicMs() >= endMs || !isPassing(error)) throw error;
        const waitMs = Math.max(shortestWaitMs, error.retryAfterMs ?? 0);
        await new Promise<void>((resolve) => this.#clock.after(waitMs, resolve));
      }
    }
  }
}

function isPassing(error: unknown): error is RealtimeError {
  return error instanceof RealtimeError && (error.code === "rate_limited" || error.code === "overloaded");
}
