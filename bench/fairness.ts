import { setTimeout as pause } from "node:timers/promises";
import type { BenchRun } from "./bench-run.ts";
import { limitedBy } from "./limited-by.ts";
import type { LoadReport, OpenReport } from "./load/orders.ts";
import { type Generator, startGenerator } from "./load/start-generator.ts";
import type { Trial } from "./outcome.ts";
import { type Peer, startPeer } from "./peers/peer.ts";
import { quantilesOf, round } from "./quantiles.ts";
import { type Contender, type Fairness, type Load, labelOf } from "./workload.ts";

const settleMs = 1_000;
/** The busy room begins before the quiet ones are looked at, and ends after them. */
const headStartMs = 1_000;
const quickSeconds = 4;

/** The same talk in quiet rooms twice on one server: by itself, and beside a busy room. */
export async function runFairness(workload: Fairness, contender: Contender, bench: BenchRun): Promise<Trial> {
  const peer = await startPeer(contender, { places: bench.places });
  const start = (): Generator =>
    startGenerator({
      cores: bench.places.generator,
      onProgress: (line) => bench.progress(`${labelOf(contender)}: ${line}`),
    });
  const [quiet, busy] = [start(), start()];
  try {
    const { port, jwtSecret } = peer;
    const opened = await quiet.open({ port, jwtSecret, shape: workload.quiet.shape });
    const { rooms, membersPerRoom } = workload.quiet.shape;
    const firstUser = rooms * membersPerRoom;
    const alsoOpened = await busy.open({ port, jwtSecret, shape: workload.busy.shape, firstUser });
    await pause(settleMs);
    const seconds = bench.seconds ?? (bench.isQuick ? quickSeconds : workload.quiet.load.seconds);
    const about = { isBlind: false, hasPositions: true, watch: watchOf(peer, bench) };
    const quietOrder = { ...about, load: { ...workload.quiet.load, seconds } };
    const alone = await quiet.load(quietOrder);
    const underWay = busy.load({ ...about, load: busyLoad(workload, seconds) });
    // It fails the trial below, after the quiet rooms have come to their end.
    underWay.catch(() => undefined);
    await pause(headStartMs);
    const beside = await quiet.load(quietOrder);
    const busyReport = await underWay;
    const generatorCpu = beside.span.generatorCpu + busyReport.span.generatorCpu;
    return {
      fixed: undefined,
      fixedLimitedBy: limitedBy({ ...beside.span, generatorCpu }, bench.places),
      ramp: [],
      figures: figuresOf({ alone, beside, busy: busyReport }),
      problems: problemsOf([opened, alsoOpened, alone, beside]),
    };
  } catch (error) {
    throw new Error(`${labelOf(contender)} broke off; it said last:\n${peer.output()}`, { cause: error });
  } finally {
    await Promise.all([quiet.stop(), busy.stop()]);
    await peer.remove();
  }
}

function watchOf({ pid }: Peer, { postgresPid }: BenchRun) {
  return { server: pid, ...(postgresPid === undefined ? {} : { postgres: postgresPid }) };
}

function busyLoad({ quiet, busy }: Fairness, seconds: number): Load {
  return { ...busy.load, seconds: quiet.load.warmUpSeconds + seconds + headStartMs / 1_000 };
}

function figuresOf({ alone, beside, busy }: Record<"alone" | "beside" | "busy", LoadReport>): Record<string, number> {
  const p99Of = ({ latenciesMs }: LoadReport) => quantilesOf([latenciesMs])?.p99;
  const [before, after, ofBusy] = [p99Of(alone), p99Of(beside), p99Of(busy)];
  const { span } = busy;
  const missing = [alone, beside].reduce((sum, { expected, delivered }) => sum + expected - delivered, 0);
  return {
    ...(before && after ? { "quiet p99 ms alone": before, "quiet p99 ms beside": after } : {}),
    ...(before && after ? { "times as long": round(after / before) } : {}),
    // Latencies count from the intended time of sending, so this is part of them.
    "quiet p99 ms sent late": quantilesOf([beside.lateMs])?.p99 ?? 0,
    "missing in quiet rooms": missing + alone.violations + beside.violations,
    "busy deliveries/s": round(span.deliveries / span.seconds),
    "busy % accepted": round((100 * busy.acked) / Math.max(1, busy.sent)),
    ...(ofBusy ? { "busy p99 ms": ofBusy } : {}),
  };
}

/** Of everybody's way in, and of the quiet rooms; the busy one may be refused what it cannot take. */
function problemsOf(reports: readonly (OpenReport | LoadReport)[]): Record<string, number> {
  const problems: Record<string, number> = {};
  for (const { failures } of reports) {
    for (const [what, count] of Object.entries(failures)) problems[what] = (problems[what] ?? 0) + count;
  }
  return problems;
}
