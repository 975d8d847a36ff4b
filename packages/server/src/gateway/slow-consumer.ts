import type { Connection } from "./connection.ts";

/** A reader this long above the bound that took less than this is stuck, or as good as. */
const patienceMs = 10_000;
const progressBytes = 64 * 1024;

/** Says whether a reader has stopped keeping up; asked once a second for each connection. */
export function isSlowConsumer(connection: Connection, boundBytes: number, nowMs: number): boolean {
  const { outlet } = connection;
  if (boundBytes <= 0 || outlet.queuedBytes <= boundBytes) {
    connection.behindSince = undefined;
    return false;
  }
  const since = connection.behindSince;
  if (since === undefined || outlet.sentBytes - since.sentBytes >= progressBytes) {
    connection.behindSince = { atMs: nowMs, sentBytes: outlet.sentBytes };
    return false;
  }
  return nowMs - since.atMs >= patienceMs;
}
