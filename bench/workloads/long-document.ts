// What a document costs that was written for months: stored edit by edit, before and after it is compacted.
import { figure, must } from "../targets.ts";
import type { LongDocument } from "../workload.ts";

export const longDocument: LongDocument = {
  kind: "long-document",
  name: "long-document",
  title: "100,000 small edits by five authors, before and after compaction, and documents of 1 MB that are opened",
  edits: 100_000,
  authors: 5,
  openedBytes: 1024 * 1024,
  openings: 20,
  repeats: 1,
  contenders: [
    { peer: "mirage", database: "postgres", hasFixedLoad: false },
    { peer: "mirage", database: "pglite", hasFixedLoad: false },
  ],
  targets: [
    must("1 MB opens ≤ 20 ms from the database", figure("ms to open it, from the database", { max: 20 })),
    must("1 MB opens ≤ 20 ms from memory", figure("ms to open it, from memory", { max: 20 })),
    must("what is opened has 1 MB", figure("KB opened", { min: 1024 })),
    must("compacted, a few rows are left", figure("rows after", { max: 10 })),
  ],
};
