import type { Realtime, RealtimeOptions } from "./realtime.ts";

/** Makes a client for one signed-in person. */
export function createRealtime(options: RealtimeOptions): Realtime {
  throw new Error(`not built yet: ${String(options.url)}`);
}
