// `npm run bench`: starts the server and its peers, loads them, and says how fast and how much.
//   npm run bench                          every workload, at most an hour
//   npm run bench -- T1 T4 --quick         short, to try
//   npm run bench -- --list
import { parseArgs } from "node:util";
import type { BenchRun } from "./bench-run.ts";
import { type Ceiling, measureCeiling } from "./ceiling.ts";
import { choosePlaces } from "./machine/cores.ts";
import { describeMachine } from "./machine/describe-machine.ts";
import { startOwnPostgres } from "./own-postgres.ts";
import { keepResult, toResult } from "./report/results.ts";
import { showResult } from "./report/show-result.ts";
import { writePage } from "./report/write-page.ts";
import { runWorkload } from "./run-workload.ts";
import { type DatabaseKind, nameOf, type Workload } from "./workload.ts";
import { findWorkloads, missing, missingPeers, workloads } from "./workloads/index.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: "boolean" },
    quick: { type: "boolean", default: false },
    seconds: { type: "string" },
    repeats: { type: "string" },
    database: { type: "string" },
    out: { type: "string" },
  },
});

// A try must not take the place of what was measured.
const folder = values.out ?? (values.quick ? "bench/tries/results" : "bench/results");

if (values.list) {
  for (const workload of workloads) console.log(`${nameOf(workload).padEnd(16)} ${workload.title}`);
  for (const [name, what] of Object.entries(missing)) console.log(`${name.padEnd(16)} not there yet: ${what}`);
  console.log(`peers that are not started: ${missingPeers.join("; ")}`);
} else {
  try {
    await runAll(findWorkloads(positionals));
    process.exit();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

async function runAll(chosen: readonly Workload[]): Promise<void> {
  const startedMs = performance.now();
  const wanted = chosen.map(onChosenDatabase);
  const machine = describeMachine();
  const places = choosePlaces();
  console.log(`${machine.cores} × ${machine.processor}, Node ${machine.node}, PostgreSQL ${machine.postgres}`);
  console.log(`${places.summary}\nnot compared with: ${missingPeers.join("; ")}`);
  const needsPostgres = wanted.some(({ contenders }) => contenders.some(({ database }) => database === "postgres"));
  const postgres = needsPostgres ? await startOwnPostgres(places) : undefined;
  try {
    const bench: BenchRun = { ...readOptions(), places, postgresPid: postgres?.pid, ceilingPerSecond: undefined };
    const ceiling = await measureCeiling(bench);
    sayCeiling(ceiling);
    for (const workload of wanted) {
      say(`\n=== ${nameOf(workload)}: ${workload.title}`);
      const outcomes = await runWorkload(workload, { ...bench, ceilingPerSecond: ceiling.perSecond });
      const result = toResult(workload, outcomes, { machine, places: places.summary, ceiling, isQuick: bench.isQuick });
      showResult(result);
      console.log(`kept in ${keepResult(result, folder)}`);
    }
  } finally {
    await postgres?.stop();
  }
  console.log(`\n${writePage(folder)} shows all results (${Math.round((performance.now() - startedMs) / 1_000)} s)`);
}

/** `--database` leaves the product on that one alone; who needs none stays. */
function onChosenDatabase(workload: Workload): Workload {
  const { database } = values;
  if (database === undefined) return workload;
  if (database !== "postgres" && database !== "pglite") throw new Error("--database is postgres or pglite");
  const fits = (kind: DatabaseKind) => kind === database || kind === "none";
  const contenders = workload.contenders.filter((contender) => fits(contender.database));
  if (contenders.length === 0) throw new Error(`Nothing of ${nameOf(workload)} runs on ${database}`);
  return { ...workload, contenders };
}

function readOptions(): Pick<BenchRun, "seconds" | "repeats" | "isQuick" | "say" | "progress"> {
  const { quick, seconds, repeats } = values;
  return {
    seconds: seconds === undefined ? undefined : Number(seconds),
    repeats: Number(repeats ?? (quick ? 1 : 3)),
    isQuick: quick,
    say,
    progress: (line) => void (process.stdout.isTTY && process.stdout.write(`\r\x1b[2K  ${line}`)),
  };
}

function say(line: string): void {
  console.log(`${process.stdout.isTTY ? "\r\x1b[2K" : ""}${line}`);
}

function sayCeiling({ perSecond, readsPerSecond, generatorShare }: Ceiling): void {
  const share = Math.round(100 * generatorShare);
  say(`the load generator counts ${perSecond} deliveries/s in ${readsPerSecond} reads/s, at ${share} % of its core`);
}
