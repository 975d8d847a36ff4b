/** At most `points` in a window of `windowMs` that begins with the first of them. */
export interface Allowance {
  points: number;
  windowMs: number;
}

interface Window {
  count: number;
  /** Points that were given back in this window. */
  returned: number;
  startedAtMs: number;
}

/** A window gives back this many times its points at most: what costs nothing may still not be asked without end. */
const returnsPerPoint = 10;

/** Below this many keys nothing is looked through. */
const pruneFrom = 1_024;

/** Counts by key and window; a refusal costs nothing. Windows that are over are forgotten as the map doubles. */
export class WindowCounter {
  readonly #allowance: Allowance;
  readonly #windows = new Map<string, Window>();
  #pruneAt = pruneFrom;

  constructor(allowance: Allowance) {
    this.#allowance = allowance;
  }

  /** Takes one point. Returns 0, or how many milliseconds are missing to the end of the window. */
  take(key: string, nowMs: number): number {
    const window = this.#windows.get(key);
    if (window === undefined || this.#isOver(window, nowMs)) {
      this.#prune(nowMs);
      this.#windows.set(key, { count: 1, returned: 0, startedAtMs: nowMs });
      return 0;
    }
    if (window.count >= this.#allowance.points) return Math.ceil(this.#endOf(window) - nowMs);
    window.count++;
    return 0;
  }

  /** Gives back a point that was taken at `takenAtMs`, if its window is still the one that counts. */
  giveBack(key: string, takenAtMs: number): void {
    const window = this.#windows.get(key);
    if (window === undefined || takenAtMs < window.startedAtMs || window.count === 0) return;
    if (window.returned >= this.#allowance.points * returnsPerPoint) return;
    window.returned++;
    window.count--;
  }

  #endOf(window: Window): number {
    return window.startedAtMs + this.#allowance.windowMs;
  }

  #isOver(window: Window, nowMs: number): boolean {
    return this.#endOf(window) <= nowMs;
  }

  #prune(nowMs: number): void {
    if (this.#windows.size < this.#pruneAt) return;
    for (const [key, window] of this.#windows) if (this.#isOver(window, nowMs)) this.#windows.delete(key);
    this.#pruneAt = Math.max(pruneFrom, this.#windows.size * 2);
  }
}
