import type { Clock, Timer } from "../../server/src/ports/clock.ts";

interface Pending {
  dueMs: number;
  intervalMs: number | undefined;
  call: () => void;
}

/** A clock that stands still until it is turned by hand; timers fire in the order they are due. */
export class FakeClock implements Clock {
  readonly #startedAt: number;
  #elapsedMs = 0;
  #pending: Pending[] = [];

  /** `startAt` is wall time in milliseconds since 1970. */
  constructor(startAt = Date.UTC(2026, 0, 1)) {
    this.#startedAt = startAt;
  }

  now(): number {
    return this.#startedAt + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, call: () => void): Timer {
    return this.#add({ dueMs: this.#elapsedMs + Math.max(0, delayMs), intervalMs: undefined, call });
  }

  every(intervalMs: number, call: () => void): Timer {
    return this.#add({ dueMs: this.#elapsedMs + intervalMs, intervalMs: Math.max(1, intervalMs), call });
  }

  /** Timers that are set: a test ends with the number it began with, or something leaks. */
  get timerCount(): number {
    return this.#pending.length;
  }

  /** Turns the clock on, firing what becomes due, also what those calls set themselves. */
  advance(ms: number): void {
    const untilMs = this.#elapsedMs + ms;
    while (this.#fireNext(untilMs));
    this.#elapsedMs = untilMs;
  }

  /** Like `advance`, and lets promises and I/O callbacks run between the timers. */
  async advanceAsync(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await settle();
    while (this.#fireNext(untilMs)) await settle();
    this.#elapsedMs = untilMs;
    await settle();
  }

  #add(pending: Pending): Timer {
    this.#pending.push(pending);
    return {
      cancel: () => {
        this.#pending = this.#pending.filter((other) => other !== pending);
      },
    };
  }

  #fireNext(untilMs: number): boolean {
    let next: Pending | undefined;
    for (const pending of this.#pending) if (!next || pending.dueMs < next.dueMs) next = pending;
    if (!next || next.dueMs > untilMs) return false;
    this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
    if (next.intervalMs === undefined) this.#pending = this.#pending.filter((other) => other !== next);
    else next.dueMs += next.intervalMs;
    next.call();
    return true;
  }
}

// Three turns of the loop: a promise chain that ends in an I/O callback that sets the next timer.
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
