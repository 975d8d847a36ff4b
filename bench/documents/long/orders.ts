// What the bench and the process that keeps a long document say to each other.

export interface LongDocumentOrder {
  seed: number;
  /** Small edits of one document. */
  edits: number;
  authors: number;
  /** In one call of the database. */
  batchItems: number;
  /** How large a document is that is opened, at least, as its snapshot takes it. */
  openedBytes: number;
  /** So many of them are opened. */
  openings: number;
}

/** A document as it is stored, and what it takes to have it in memory. */
export interface Keeping {
  /** Rows of updates and snapshots, and their bytes. */
  rows: number;
  bytes: number;
  /** From the query to a document that can be written to, medians. */
  readMs: number;
  applyMs: number;
  heapBytes: number;
}

export interface LongDocumentReport {
  kind: "kept";
  editsPerSecond: number;
  before: Keeping;
  /** One compaction, of everything. */
  compactMs: number;
  after: Keeping;
  /** Each from the request to its answer with all of the content, over a websocket. */
  coldMs: Float32Array;
  warmMs: Float32Array;
  openedBytes: number;
  failures: Record<string, number>;
}
