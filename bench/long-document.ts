import type { BenchRun } from "./bench-run.ts";
import type { Keeping, LongDocumentOrder, LongDocumentReport } from "./documents/long/orders.ts";
import { carryOut } from "./one-order.ts";
import type { Trial } from "./outcome.ts";
import { quantilesOf, round } from "./quantiles.ts";
import type { Contender, LongDocument } from "./workload.ts";

const seed = 7;
const batchItems = 300;
const quickEdits = 5_000;
const quickOpenings = 5;

/** Lets a process store a long document, compact it, and open large ones. */
export async function runLongDocument(workload: LongDocument, contender: Contender, bench: BenchRun): Promise<Trial> {
  const { edits, authors, openedBytes, openings } = workload;
  const order: LongDocumentOrder = {
    ...{ seed, authors, batchItems, openedBytes },
    edits: bench.isQuick ? Math.min(quickEdits, edits) : edits,
    openings: bench.isQuick ? quickOpenings : openings,
  };
  const report = await carryOut<LongDocumentReport>(order, {
    file: "documents/long/keeper.ts",
    database: contender.database,
    cores: bench.places.server,
    nodeOptions: ["--expose-gc"],
  });
  const { failures: problems } = report;
  return { fixed: undefined, fixedLimitedBy: "", ramp: [], figures: figuresOf(order, report), problems };
}

function figuresOf({ edits }: LongDocumentOrder, report: LongDocumentReport): Record<string, number> {
  const { editsPerSecond, before, compactMs, after, coldMs, warmMs, openedBytes } = report;
  const [cold, warm] = [quantilesOf([coldMs]), quantilesOf([warmMs])];
  return {
    edits,
    "edits/s stored": round(editsPerSecond),
    ...keepingOf("before", before),
    "ms to compact": round(compactMs),
    ...keepingOf("after", after),
    "KB opened": round(openedBytes / 1_024),
    ...(cold ? { "ms to open it, from the database": cold.p50, "ms, longest": cold.max } : {}),
    ...(warm ? { "ms to open it, from memory": warm.p50 } : {}),
  };
}

function keepingOf(when: string, { rows, bytes, readMs, applyMs, heapBytes }: Keeping): Record<string, number> {
  return {
    [`rows ${when}`]: rows,
    [`KB ${when}`]: round(bytes / 1_024),
    [`ms to read ${when}`]: round(readMs),
    [`ms to apply ${when}`]: round(applyMs),
    [`MB of heap ${when}`]: round(heapBytes / 1_024 / 1_024),
  };
}
