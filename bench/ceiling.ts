import type { BenchRun } from "./bench-run.ts";
import { runFanOut } from "./fan-out.ts";
import { shareOf } from "./limited-by.ts";
import { round } from "./quantiles.ts";
import type { FanOut } from "./workload.ts";
import { thousand } from "./workloads/one-room.ts";

/** The cheapest server writes large blocks as fast as it can. */
const flood: FanOut = {
  kind: "fan-out",
  name: "ceiling",
  title: "what the load generator can count",
  shape: { ...thousand, senders: 0 },
  load: { messagesPerSecond: 0, flood: { messagesPerWrite: 20, writesPerSecond: 500 }, warmUpSeconds: 1, seconds: 3 },
  contenders: [],
  targets: [],
};

export interface Ceiling {
  perSecond: number;
  readsPerSecond: number;
  /** Of the generator's core; clearly below 1 it was the server that could not do more. */
  generatorShare: number;
}

/** What the load generator counts at most on this machine, so that no figure is mistaken for a server's. */
export async function measureCeiling(bench: BenchRun): Promise<Ceiling> {
  const contender = { peer: "limit", database: "none", hasFixedLoad: true } as const;
  const { fixed } = await runFanOut(flood, contender, { ...bench, seconds: undefined });
  if (!fixed) throw new Error("the ceiling was not measured");
  const { span } = fixed;
  return {
    perSecond: round(span.deliveries / span.seconds),
    readsPerSecond: round(span.reads / span.seconds),
    generatorShare: round(shareOf(span).generator),
  };
}
