/**
 * Tries again until `attempt` neither throws nor returns `false`, for things that real I/O brings about.
 * @throws the last error when `timeoutMs` (default 5,000) has passed.
 */
export async function eventually<Result>(
  attempt: () => Result | Promise<Result>,
  options: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<Exclude<Result, false>> {
  const { timeoutMs = 5_000, intervalMs = 15 } = options;
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    let failure: unknown;
    try {
      const result = await attempt();
      if (result !== false) return result as Exclude<Result, false>;
      failure = new Error(`still false after ${timeoutMs} ms`);
    } catch (error) {
      failure = error;
    }
    if (performance.now() > endMs) throw failure;
    await pause(intervalMs);
  }
}

/** Waits real time; only for the kit itself and for fault runs, never for a test. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
