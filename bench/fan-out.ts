import type { BenchRun } from "./bench-run.ts";
import { limitedBy } from "./limited-by.ts";
import type { LoadReport, OpenReport } from "./load/orders.ts";
import { type Generator, startGenerator } from "./load/start-generator.ts";
import { holds, type Step, type Trial } from "./outcome.ts";
import { type Peer, startPeer } from "./peers/peer.ts";
import { quantilesOf, round } from "./quantiles.ts";
import { type Contender, type FanOut, type Load, labelOf, type Ramp } from "./workload.ts";

/** What people who join are told of goes out before anything is measured. */
const settleMs = 1_000;
/** Of the generator's ceiling; above it the generator looks at samples only. */
const blindAbove = 0.5;
/** Before a ramp, of the load that it begins with. */
const warmUpSeconds = 5;
/** A step that is worse than this many times the bound ends the ramp. */
const tooFar = 2;

export interface TrialHooks {
  /** The server is up and everybody is connected; what it returns is called after the fixed load. */
  onLoad?: (peer: Peer) => Promise<() => Promise<void>>;
}

/** The fixed load, then the ramp, on one server; where the fixed load left something behind, on a second one. */
export async function runFanOut(workload: FanOut, contender: Contender, bench: BenchRun & TrialHooks): Promise<Trial> {
  const about = { workload, contender, bench };
  let fixed: LoadReport | undefined;
  let ramp: Step[] | undefined;
  let problems: Record<string, number> = {};
  if (contender.hasFixedLoad) {
    await onServer(about, async (trial, opened) => {
      problems = opened.failures;
      fixed = await trial.runFixed(opened.roomIds);
      if (isClean(fixed)) ramp = await trial.runRamp();
    });
  }
  if (!ramp && workload.ramp && contender.rampFrom !== undefined) {
    await onServer(about, async (trial, opened) => {
      problems = { ...problems, ...opened.failures };
      ramp = await trial.runRamp();
    });
  }
  const fixedLimitedBy = fixed ? limitedBy(fixed.span, bench.places) : "";
  return { fixed, fixedLimitedBy, ramp: ramp ?? [], figures: {}, problems };
}

/** Nothing is under way any more that the next load could take for its own. */
function isClean({ delivered, expected, failures }: LoadReport): boolean {
  return delivered === expected && Object.keys(failures).length === 0;
}

type About = Pick<Parts, "workload" | "contender" | "bench">;

/** A server from its start to its end, with everybody connected. */
async function onServer(about: About, work: (trial: RunningTrial, opened: OpenReport) => Promise<void>): Promise<void> {
  const { workload, contender, bench } = about;
  const peer = await startPeer(contender, { places: bench.places, hasInspector: bench.onLoad !== undefined });
  const onProgress = (line: string): void => bench.progress(`${labelOf(contender)}: ${line}`);
  const generator = startGenerator({ cores: bench.places.generator, onProgress });
  try {
    const { port, jwtSecret } = peer;
    const opened = await generator.open({ port, jwtSecret, shape: workload.shape });
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    await work(new RunningTrial({ ...about, peer, generator }), opened);
  } catch (error) {
    throw new Error(`${labelOf(contender)} broke off; it said last:\n${peer.output()}`, { cause: error });
  } finally {
    await generator.stop();
    await peer.remove();
  }
}

interface Parts {
  workload: FanOut;
  contender: Contender;
  bench: BenchRun & TrialHooks;
  peer: Peer;
  generator: Generator;
}

class RunningTrial {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async runFixed(roomIds: readonly string[]): Promise<LoadReport> {
    const { workload, bench, peer } = this.#parts;
    const load = shorten(workload.load, bench);
    if (load.flood) peer.flood(load.flood, roomIds);
    const finish = await bench.onLoad?.(peer);
    const report = await this.#load(load);
    await finish?.();
    return report;
  }

  /** Goes up for as long as it holds; where even the first step does not, down until one does. */
  async runRamp(): Promise<Step[]> {
    const { workload, contender, bench } = this.#parts;
    const { ramp } = workload;
    if (!ramp || contender.rampFrom === undefined) return [];
    // What a server does for the first time it does slowly: that is not what a ramp asks.
    await this.#load({ messagesPerSecond: contender.rampFrom, warmUpSeconds: 0, seconds: warmUpSeconds });
    const steps: Step[] = [];
    const maxSteps = bench.isQuick ? Math.min(2, ramp.maxSteps) : ramp.maxSteps;
    let isGoingDown = false;
    for (let messagesPerSecond = contender.rampFrom; steps.length < maxSteps; ) {
      const step = await this.#step(messagesPerSecond, ramp);
      const isHeld = holds(step, ramp.boundMs);
      isGoingDown ||= steps.length === 0 && !isHeld;
      steps.push(step);
      if (isGoingDown ? isHeld : !holds(step, tooFar * ramp.boundMs)) break;
      messagesPerSecond = Math.round(messagesPerSecond * (isGoingDown ? 1 / ramp.factor : ramp.factor));
    }
    return steps;
  }

  async #step(messagesPerSecond: number, ramp: Ramp): Promise<Step> {
    const { bench, workload, contender } = this.#parts;
    const load = { messagesPerSecond, warmUpSeconds: 1, seconds: bench.isQuick ? 2 : ramp.seconds };
    const report = await this.#load(load);
    const step = toStep(report, { messagesPerSecond, limitedBy: limitedBy(report.span, bench.places) });
    const verdict = holds(step, ramp.boundMs) ? "holds" : "does not hold";
    const perSecond = messagesPerSecond * workload.shape.membersPerRoom;
    bench.say(
      `  ${labelOf(contender)}: ${messagesPerSecond} msg/s (${perSecond} deliveries/s) ${verdict}: ` +
        `p99 ${step.latency?.p99 ?? "none"} ms, ${report.delivered} of ${report.expected}, limited by ${step.limitedBy}`,
    );
    return step;
  }

  #load(load: Load): Promise<LoadReport> {
    const { workload, contender, bench, peer, generator } = this.#parts;
    const perSecond = load.messagesPerSecond * workload.shape.membersPerRoom;
    return generator.load({
      load,
      isBlind: bench.ceilingPerSecond !== undefined && perSecond > blindAbove * bench.ceilingPerSecond,
      // The order of a pool's answers is the order of a stock server's messages.
      hasPositions: contender.peer !== "stock",
      apiKey: peer.apiKey,
      watch: { server: peer.pid, ...(bench.postgresPid === undefined ? {} : { postgres: bench.postgresPid }) },
    });
  }
}

function toStep(report: LoadReport, about: { messagesPerSecond: number; limitedBy: string }): Step {
  const { span, delivered, expected, violations, failures } = report;
  return {
    ...about,
    deliveriesPerSecond: round(span.deliveries / span.seconds),
    isAllDelivered: delivered === expected && expected > 0 && violations === 0 && Object.keys(failures).length === 0,
    latency: quantilesOf([report.latenciesMs]),
  };
}

function shorten(load: Load, bench: BenchRun): Load {
  if (bench.seconds !== undefined) return { ...load, seconds: bench.seconds };
  return bench.isQuick ? { ...load, warmUpSeconds: 1, seconds: 3 } : load;
}
