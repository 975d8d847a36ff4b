import type { WireResult, WireValue } from "./sql-values.ts";

/** What the main thread and the thread of the embedded database say to each other. */
export type PgliteRequest =
  | { id: number; kind: "query"; text: string; params: readonly WireValue[]; isOfLane?: true }
  | { id: number; kind: "script"; text: string }
  | { id: number; kind: "close" };

export type PgliteReply =
  | { kind: "ready" }
  | { kind: "failed"; message: string }
  | { kind: "result"; id: number; result: WireResult }
  | { kind: "error"; id: number; message: string; sqlState: string | undefined };

export interface PgliteWorkerData {
  directory: string;
}
