const firstCeilingMs = 500;
const lastCeilingMs = 30_000;

/**
 * How long to wait before attempt `attempt` (0 is the first after a loss): full jitter, any time up to a ceiling that
 * doubles from 0.5 s to 30 s, so that clients that were lost together do not come back together.
 */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(lastCeilingMs, firstCeilingMs * 2 ** Math.min(attempt, 16));
}
