import type { BenchRun } from "./bench-run.ts";
import { runComeOnline } from "./come-online.ts";
import { runCommit } from "./commit.ts";
import { runDocuments } from "./documents.ts";
import { runFairness } from "./fairness.ts";
import { runFanOut } from "./fan-out.ts";
import { runIdle } from "./idle.ts";
import { runLongDocument } from "./long-document.ts";
import { mergeTrials, type Outcome, type Trial } from "./outcome.ts";
import { runRestart } from "./restart.ts";
import { runTellRoom } from "./tell-room.ts";
import { type Contender, labelOf, type Workload } from "./workload.ts";

/** All repeats of all contenders, A B A B, so that a machine that changes its pace changes it for everyone. */
export async function runWorkload(workload: Workload, bench: BenchRun): Promise<Outcome[]> {
  const trials = new Map<Contender, Trial[]>(workload.contenders.map((contender) => [contender, []]));
  const repeats = Math.min(bench.repeats, workload.repeats ?? bench.repeats);
  for (let repeat = 1; repeat <= repeats; repeat++) {
    for (const contender of workload.contenders) {
      const startedMs = performance.now();
      const trial = await runTrial(workload, contender, bench);
      trials.get(contender)?.push(trial);
      const seconds = Math.round((performance.now() - startedMs) / 1_000);
      bench.say(`  ${repeat}/${repeats} ${labelOf(contender)}: ${describe(trial)} (${seconds} s)`);
    }
  }
  const ramp = workload.kind === "fan-out" ? workload.ramp : undefined;
  return [...trials].map(([contender, done]) => mergeTrials(contender, done, ramp));
}

async function runTrial(workload: Workload, contender: Contender, bench: BenchRun): Promise<Trial> {
  try {
    switch (workload.kind) {
      case "fan-out":
        return await runFanOut(workload, contender, bench);
      case "idle":
        return await runIdle(workload, contender, bench);
      case "restart":
        return await runRestart(workload, contender, bench);
      case "commit":
        return await runCommit(workload, contender, bench);
      case "fairness":
        return await runFairness(workload, contender, bench);
      case "tell-room":
        return await runTellRoom(workload, contender, bench);
      case "come-online":
        return await runComeOnline(workload, contender, bench);
      case "documents":
        return await runDocuments(workload, contender, bench);
      case "long-document":
        return await runLongDocument(workload, contender, bench);
    }
  } catch (error) {
    // One server that breaks must not take the others' figures with it.
    console.error(error);
    const problems = { [`broke off: ${error instanceof Error ? error.message.split("\n")[0] : error}`]: 1 };
    return { fixed: undefined, fixedLimitedBy: "", ramp: [], figures: {}, problems };
  }
}

function describe({ fixed, fixedLimitedBy, figures, ramp, problems }: Trial): string {
  const parts: string[] = [];
  if (fixed) {
    const perSecond = Math.round(fixed.span.deliveries / fixed.span.seconds);
    parts.push(`${perSecond} deliveries/s, ${fixed.delivered} of ${fixed.expected}, limited by ${fixedLimitedBy}`);
  }
  if (ramp.length > 0) parts.push(`${ramp.length} steps`);
  if (!fixed && ramp.length === 0) parts.push(...Object.entries(figures).map(([name, value]) => `${value} ${name}`));
  parts.push(...Object.entries({ ...problems, ...fixed?.failures }).map(([what, count]) => `${count} × ${what}`));
  return parts.join("; ");
}
