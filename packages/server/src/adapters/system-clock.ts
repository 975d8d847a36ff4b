import type { Clock } from "../ports/clock.ts";

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  every(intervalMs, call) {
    const timer = setInterval(call, intervalMs);
    timer.unref();
    return { cancel: () => clearInterval(timer) };
  },
};
