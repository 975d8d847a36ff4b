/** A timer that was set; `cancel` after it fired does nothing. */
export interface Timer {
  cancel(): void;
}

/** Time comes in through this door, so that tests turn it by hand. */
export interface Clock {
  /** Wall time for people: milliseconds since 1970, UTC. */
  now(): number;
  /** Milliseconds since an arbitrary start; never goes back. Every duration is measured with it. */
  monotonicMs(): number;
  /** Calls once, after at least `delayMs`. */
  after(delayMs: number, call: () => void): Timer;
}

/** The clock of the platform. Its timers do not keep a Node process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, call) {
    const timer: unknown = setTimeout(call, delayMs);
    if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function") {
      timer.unref();
    }
    return { cancel: () => clearTimeout(timer as number) };
  },
};
