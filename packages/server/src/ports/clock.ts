/** A timer that was set; `cancel` after it fired does nothing. */
export interface Timer {
  cancel(): void;
}

/**
 * Time comes in through this door, so that tests turn it by hand.
 * `now` is wall time for people; `monotonicMs` never jumps and is what every duration is measured with.
 */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Calls once, after at least `delayMs`. Never keeps the process alive. */
  after(delayMs: number, call: () => void): Timer;
  /** Calls again and again, `intervalMs` apart. Never keeps the process alive. */
  every(intervalMs: number, call: () => void): Timer;
}
