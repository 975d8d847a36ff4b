import type { LoadReport, SideCount } from "./load/orders.ts";
import { median, type Quantiles, quantilesOf, round } from "./quantiles.ts";
import { type Contender, labelOf, type Ramp } from "./workload.ts";

/** One load on one server, without its raw samples. */
export interface Step {
  messagesPerSecond: number;
  deliveriesPerSecond: number;
  isAllDelivered: boolean;
  latency: Quantiles | undefined;
  limitedBy: string;
}

/** One server from its start to its end. */
export interface Trial {
  fixed: LoadReport | undefined;
  fixedLimitedBy: string;
  ramp: Step[];
  /** What other kinds of workloads measure, by name. */
  figures: Record<string, number>;
  problems: Record<string, number>;
}

/** All trials of one contender, merged. */
export interface Outcome {
  contender: Contender;
  label: string;
  trials: number;
  latency: Quantiles | undefined;
  ackLatency: Quantiles | undefined;
  typingLatency: Quantiles | undefined;
  urgentLatency: Quantiles | undefined;
  /** How late the generator sent. */
  late: Quantiles | undefined;
  sent: number;
  delivered: number;
  expected: number;
  /** Signals may be lost; how many were not. */
  typing: SideCount;
  presence: SideCount;
  urgent: SideCount;
  violations: number;
  problems: Record<string, number>;
  /** Medians over the trials. */
  deliveriesPerSecond: number;
  eventsPerRead: number;
  cpuPerMillion: Cpu;
  ramps: Step[][];
  /** The largest load that held, the median of the ramps. */
  best: { messagesPerSecond: number; deliveriesPerSecond: number } | undefined;
  limitedBy: string[];
  figures: Record<string, number>;
  isBlind: boolean;
}

/** CPU seconds for a million deliveries. */
export interface Cpu {
  server: number;
  main: number;
  workers: number;
  postgres: number;
  generator: number;
}

export function mergeTrials(contender: Contender, trials: readonly Trial[], ramp: Ramp | undefined): Outcome {
  const fixed = trials.flatMap((trial) => trial.fixed ?? []);
  const quantiles = (pick: (report: LoadReport) => Float32Array) => quantilesOf(fixed.map(pick));
  const sum = (pick: (report: LoadReport) => number) => fixed.reduce((total, report) => total + pick(report), 0);
  const side = (kind: "typing" | "presence" | "urgent"): SideCount => ({
    sent: sum((report) => report[kind].sent),
    delivered: sum((report) => report[kind].delivered),
  });
  const middle = (pick: (report: LoadReport) => number) => round(median(fixed.map(pick)));
  const ramps = trials.map((trial) => trial.ramp).filter((steps) => steps.length > 0);
  return {
    contender,
    label: labelOf(contender),
    trials: trials.length,
    latency: quantiles((report) => report.latenciesMs),
    ackLatency: quantiles((report) => report.ackLatenciesMs),
    typingLatency: quantiles((report) => report.typingLatenciesMs),
    urgentLatency: quantiles((report) => report.urgentLatenciesMs),
    late: quantiles((report) => report.lateMs),
    sent: sum((report) => report.sent),
    delivered: sum((report) => report.delivered),
    expected: sum((report) => report.expected),
    typing: side("typing"),
    presence: side("presence"),
    urgent: side("urgent"),
    violations: sum((report) => report.violations),
    problems: addUp([...trials.map(({ problems }) => problems), ...fixed.map(({ failures }) => failures)]),
    deliveriesPerSecond: middle(({ span }) => span.deliveries / span.seconds),
    eventsPerRead: middle(({ span }) => span.deliveries / Math.max(1, span.reads)),
    cpuPerMillion: {
      server: middle(({ span }) => perMillion(span.server.total, span.deliveries)),
      main: middle(({ span }) => perMillion(span.server.main, span.deliveries)),
      workers: middle(({ span }) => perMillion(span.server.workers, span.deliveries)),
      postgres: middle(({ span }) => perMillion(span.postgresCpu, span.deliveries)),
      generator: middle(({ span }) => perMillion(span.generatorCpu, span.deliveries)),
    },
    ramps,
    best: ramp && ramps.length > 0 ? bestOf(ramps, ramp.boundMs) : undefined,
    limitedBy: [...new Set(trials.map((trial) => trial.fixedLimitedBy).filter(Boolean))],
    figures: mergeFigures(trials),
    isBlind: fixed.some((report) => report.isBlind),
  };
}

/** Everything delivered, and the 99th percentile within the bound. */
export function holds(step: Step, boundMs: number): boolean {
  return step.isAllDelivered && step.latency !== undefined && step.latency.p99 <= boundMs;
}

function bestOf(ramps: readonly Step[][], boundMs: number): NonNullable<Outcome["best"]> {
  const held = ramps.map((steps) => steps.findLast((step) => holds(step, boundMs)));
  return {
    messagesPerSecond: round(median(held.map((step) => step?.messagesPerSecond ?? 0))),
    deliveriesPerSecond: round(median(held.map((step) => step?.deliveriesPerSecond ?? 0))),
  };
}

function perMillion(cpuSeconds: number, deliveries: number): number {
  return deliveries === 0 ? 0 : (1e6 * cpuSeconds) / deliveries;
}

function addUp(records: readonly Record<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const record of records) {
    for (const [name, count] of Object.entries(record)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

function mergeFigures(trials: readonly Trial[]): Record<string, number> {
  const names = new Set(trials.flatMap(({ figures }) => Object.keys(figures)));
  return Object.fromEntries(
    [...names].map((name) => [name, round(median(trials.flatMap(({ figures }) => figures[name] ?? [])))]),
  );
}
