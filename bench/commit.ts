import type { BenchRun } from "./bench-run.ts";
import type { CommitOrder, CommitReport } from "./commit/orders.ts";
import { limitedBy } from "./limited-by.ts";
import { carryOut } from "./one-order.ts";
import type { Trial } from "./outcome.ts";
import { quantilesOf, round } from "./quantiles.ts";
import type { Commit, Contender } from "./workload.ts";

const seed = 7;

/** Lets a process commit as fast as the database answers, one batch after the other. */
export async function runCommit(workload: Commit, contender: Contender, bench: BenchRun): Promise<Trial> {
  const { shape, users, batchItems } = workload;
  const warmUpSeconds = bench.isQuick ? 1 : workload.warmUpSeconds;
  const seconds = bench.seconds ?? (bench.isQuick ? 3 : workload.seconds);
  const postgresPid = contender.database === "postgres" ? bench.postgresPid : undefined;
  const order: CommitOrder = { ...shape, seed, users, batchItems, warmUpSeconds, seconds, postgresPid };
  const place = { file: "commit/committer.ts", database: contender.database, cores: bench.places.server };
  const report = await carryOut<CommitReport>(order, place);
  const batch = quantilesOf([report.batchMs]);
  const figures = {
    "changes/s": round(report.changes / report.span.seconds),
    ...(batch ? { "ms p50 a batch": batch.p50, "ms p99 a batch": batch.p99 } : {}),
  };
  const fixedLimitedBy = limitedBy(report.span, bench.places);
  return { fixed: undefined, fixedLimitedBy, ramp: [], figures, problems: report.failures };
}
