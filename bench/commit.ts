import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { BenchRun } from "./bench-run.ts";
import type { CommitOrder, CommitReport } from "./commit/orders.ts";
import { limitedBy } from "./limited-by.ts";
import type { Failure } from "./load/orders.ts";
import { pin } from "./machine/cores.ts";
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
  const report = await letCommit(
    { ...shape, seed, users, batchItems, warmUpSeconds, seconds, postgresPid },
    { database: contender.database, cores: bench.places.server },
  );
  const batch = quantilesOf([report.batchMs]);
  const figures = {
    "changes/s": round(report.changes / report.span.seconds),
    ...(batch ? { "ms p50 a batch": batch.p50, "ms p99 a batch": batch.p99 } : {}),
  };
  const fixedLimitedBy = limitedBy(report.span, bench.places);
  return { fixed: undefined, fixedLimitedBy, ramp: [], figures, problems: report.failures };
}

/** A process of its own for one order, on the server's core. */
async function letCommit(
  order: CommitOrder,
  place: { database: Contender["database"]; cores: string | undefined },
): Promise<CommitReport> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("commit/committer.ts", import.meta.url))], {
    env: { ...process.env, TEST_DATABASE: place.database },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
  });
  const reap = (): void => void child.kill("SIGKILL");
  process.once("exit", reap);
  pin(child.pid ?? 0, place.cores);
  const ended = once(child, "exit").then(([code, signal]) => {
    throw new Error(`the process that commits ended: ${signal ?? code}`);
  });
  try {
    child.send(order);
    const [report] = (await Promise.race([once(child, "message"), ended])) as [CommitReport | Failure];
    if (report.kind === "failed") throw new Error(`the process that commits failed: ${report.error}`);
    return report;
  } finally {
    process.off("exit", reap);
    reap();
    await ended.catch(() => undefined);
  }
}
