// `npm run profile -- T1`: where the server's time goes in a workload. Writes the profile (Chrome's developer tools
// open it) and a flame graph, and prints what takes most by itself.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { BenchRun } from "./bench-run.ts";
import { runDocuments } from "./documents.ts";
import { runFanOut, type TrialHooks } from "./fan-out.ts";
import { limitedBy } from "./limited-by.ts";
import { choosePlaces } from "./machine/cores.ts";
import type { Trial } from "./outcome.ts";
import { startOwnPostgres } from "./own-postgres.ts";
import { type CpuProfile, listSelfTimes, startProfile, toTree } from "./profile/cpu-profile.ts";
import { drawFlameGraph } from "./profile/flame-graph.ts";
import { type Contender, type Documents, type FanOut, labelOf, nameOf } from "./workload.ts";
import { findWorkloads } from "./workloads/index.ts";

const shownFunctions = 25;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "8" },
    rate: { type: "string" },
    database: { type: "string" },
    out: { type: "string", default: "bench/profiles" },
  },
});

try {
  for (const workload of findWorkloads(positionals.length > 0 ? positionals : ["T1"])) {
    if (workload.kind === "fan-out" || workload.kind === "documents") await profile(workload);
    else console.log(`${nameOf(workload)} has no load to profile: choose one that sends messages`);
  }
  process.exit();
} catch (error) {
  console.error(error);
  process.exit(1);
}

async function profile(workload: FanOut | Documents): Promise<void> {
  const contender = chooseContender(workload);
  const places = choosePlaces();
  const postgres = contender.database === "postgres" ? await startOwnPostgres(places) : undefined;
  const bench: BenchRun = {
    places,
    postgresPid: postgres?.pid,
    ceilingPerSecond: undefined,
    seconds: Number(values.seconds),
    repeats: 1,
    isQuick: false,
    say: console.log,
    progress: () => undefined,
  };
  console.log(`${nameOf(workload)}, ${labelOf(contender)}, ${values.seconds} s …`);
  let taken: CpuProfile | undefined;
  const onLoad = async ({ inspectPort = 0 }): Promise<() => Promise<void>> => {
    const stop = await startProfile(inspectPort);
    return async () => {
      taken = await stop();
    };
  };
  try {
    const { fixed } = await run(workload, contender, { ...bench, onLoad });
    if (!taken || !fixed) throw new Error("there is no profile: the load did not run");
    const perSecond = Math.round(fixed.span.deliveries / fixed.span.seconds);
    console.log(`${perSecond} deliveries/s, limited by ${limitedBy(fixed.span, places)}`);
    keep(taken, `${nameOf(workload)} ${labelOf(contender)}`);
  } finally {
    await postgres?.stop();
  }
}

function run(chosen: FanOut | Documents, contender: Contender, bench: BenchRun & TrialHooks): Promise<Trial> {
  if (chosen.kind === "documents") return runDocuments(chosen, contender, bench);
  const messagesPerSecond = values.rate === undefined ? chosen.load.messagesPerSecond : Number(values.rate);
  return runFanOut({ ...chosen, load: { ...chosen.load, messagesPerSecond } }, contender, bench);
}

function chooseContender({ contenders }: FanOut | Documents): Contender {
  const { database } = values;
  const ours = contenders.filter(({ peer }) => peer.startsWith("mirage"));
  const found = ours.find((contender) => database === undefined || contender.database === database);
  if (!found) throw new Error(`nothing to profile on ${database}: leave --database out`);
  return { peer: found.peer, database: found.database, hasFixedLoad: true };
}

function keep(taken: CpuProfile, title: string): void {
  const tree = toTree(taken);
  const times = listSelfTimes(tree);
  mkdirSync(values.out, { recursive: true });
  const path = join(values.out, title.toLowerCase().replaceAll(" ", "-"));
  writeFileSync(`${path}.cpuprofile`, JSON.stringify(taken));
  writeFileSync(`${path}.html`, drawFlameGraph(tree, title));
  console.log("\n    ms  share  function");
  for (const { name, place, selfMs, share } of times.slice(0, shownFunctions)) {
    const percent = `${(100 * share).toFixed(1)} %`;
    console.log(`${selfMs.toFixed(0).padStart(6)} ${percent.padStart(6)}  ${name}  ${place}`);
  }
  console.log(`\n${path}.cpuprofile and ${path}.html, a flame graph`);
}
