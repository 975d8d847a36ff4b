import type { Clock, Timer } from "../../ports/clock.ts";

/** Timers closer together than this fire together. */
const minTickMs = 50;

/** Calls once for each key when its time has come, in no special order. One timer for all of them. */
export class Deadlines<Key> {
  readonly #clock: Clock;
  readonly #onDue: (key: Key) => void;
  readonly #dueMs = new Map<Key, number>();
  #timer: Timer | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, onDue: (key: Key) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  has(key: Key): boolean {
    return this.#dueMs.has(key);
  }

  keys(): Iterable<Key> {
    return this.#dueMs.keys();
  }

  /** In place of an earlier time of the same key. */
  set(key: Key, delayMs: number): void {
    const dueMs = this.#clock.monotonicMs() + delayMs;
    this.#dueMs.set(key, dueMs);
    this.#wakeAt(dueMs);
  }

  delete(key: Key): boolean {
    return this.#dueMs.delete(key);
  }

  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    this.#dueMs.clear();
  }

  #wakeAt(dueMs: number): void {
    if (dueMs >= this.#timerDueMs) return;
    this.#timer?.cancel();
    this.#timerDueMs = dueMs;
    // A timer of Node's holds no more than 24 days.
    const delayMs = Math.min(Math.max(minTickMs, dueMs - this.#clock.monotonicMs()), 2 ** 31 - 1);
    this.#timer = this.#clock.after(delayMs, () => this.#tick());
  }

  #tick(): void {
    this.#timer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.monotonicMs();
    let nextMs = Number.POSITIVE_INFINITY;
    const due: Key[] = [];
    for (const [key, dueMs] of this.#dueMs) {
      if (dueMs <= nowMs) due.push(key);
      else nextMs = Math.min(nextMs, dueMs);
    }
    for (const key of due) this.#dueMs.delete(key);
    if (nextMs < Number.POSITIVE_INFINITY) this.#wakeAt(nextMs);
    for (const key of due) this.#onDue(key);
  }
}
