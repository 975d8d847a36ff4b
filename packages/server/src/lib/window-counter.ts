/** At most `points` in a window of `windowMs` that begins with the first of them. */
export interface Allowance {
  points: number;
  windowMs: number;
}

interface Window {
  count: number;
  endsAtMs: number;
}

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
    if (window === undefined || window.endsAtMs <= nowMs) {
      this.#prune(nowMs);
      this.#windows.set(key, { count: 1, endsAtMs: nowMs + this.#allowance.windowMs });
      return 0;
    }
    if (window.count >= this.#allowance.points) return Math.ceil(window.endsAtMs - nowMs);
    window.count++;
    return 0;
  }

  #prune(nowMs: number): void {
    if (this.#windows.size < this.#pruneAt) return;
    for (const [key, window] of this.#windows) if (window.endsAtMs <= nowMs) this.#windows.delete(key);
    this.#pruneAt = Math.max(pruneFrom, this.#windows.size * 2);
  }
}
