// What the bench and the process that commits say to each other.
import type { Span } from "../load/orders.ts";

export interface CommitOrder {
  seed: number;
  rooms: number;
  membersPerRoom: number;
  users: number;
  /** Length of a message's text. */
  contentBytes: number;
  /** Changes in one call of the database. */
  batchItems: number;
  warmUpSeconds: number;
  seconds: number;
  /** Whose CPU time is read as well. */
  postgresPid: number | undefined;
}

/** After the warm-up. */
export interface CommitReport {
  kind: "committed";
  /** Changes that were committed. */
  changes: number;
  /** What became of all others, by outcome. */
  failures: Record<string, number>;
  /** From a batch's hand-over to its outcomes. */
  batchMs: Float32Array;
  /** `deliveries` are changes. */
  span: Span;
}
