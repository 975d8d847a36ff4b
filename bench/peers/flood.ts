import type { Flood } from "../workload.ts";

const tickMs = 1;

/** Writes at an even pace for as long as the process lives; when it is behind it does not make up for it. */
export function runFlood({ writesPerSecond }: Flood, write: () => void): void {
  const intervalMs = 1_000 / writesPerSecond;
  let dueMs = performance.now();
  setInterval(() => {
    const nowMs = performance.now();
    if (nowMs < dueMs) return;
    write();
    dueMs = Math.max(dueMs + intervalMs, nowMs - intervalMs);
  }, tickMs);
}
