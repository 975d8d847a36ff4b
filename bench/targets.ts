import { holds, type Outcome } from "./outcome.ts";
import type { DatabaseKind, PeerName } from "./workload.ts";

/** One promise of the table of targets. */
export interface Target {
  grade: "must" | "moonshot";
  what: string;
  judge(outcomes: Outcomes): Verdict;
}

export interface Verdict {
  measured: string;
  /** Undefined: this run did not measure it. */
  isHeld: boolean | undefined;
}

type Judge = (outcomes: Outcomes) => Verdict;

/** What was measured, found by who it is about. */
export class Outcomes {
  readonly all: readonly Outcome[];

  constructor(all: readonly Outcome[]) {
    this.all = all;
  }

  find(peer: PeerName, database?: DatabaseKind): Outcome | undefined {
    return this.all.find(
      ({ contender }) => contender.peer === peer && (database === undefined || contender.database === database),
    );
  }
}

const unmeasured: Verdict = { measured: "not measured", isHeld: undefined };

export function must(what: string, judge: Judge): Target {
  return { grade: "must", what, judge };
}

export function moonshot(what: string, judge: Judge): Target {
  return { grade: "moonshot", what, judge };
}

// A target is about the first contender of the workload that is called mirage.

/** Everything is delivered in order and once, nobody is refused or lost, and the 99th percentile is within `maxMs`. */
export function deliversWithin(maxMs: number): Judge {
  return (outcomes) => {
    const outcome = outcomes.find("mirage");
    if (!outcome || outcome.sent === 0) return unmeasured;
    const { delivered, expected, violations, latency, problems } = outcome;
    const troubles = Object.entries(problems).map(([what, count]) => `${count} × ${what}`);
    if (violations > 0) troubles.push(`${violations} out of order, twice or left out`);
    const share = expected === 0 ? 0 : Math.floor((10_000 * delivered) / expected) / 100;
    const isAll = delivered === expected && expected > 0 && troubles.length === 0;
    return {
      measured: [`${share} % delivered`, `p99 ${latency?.p99 ?? "unknown"} ms`, ...troubles].join(", "),
      isHeld: isAll && latency !== undefined && latency.p99 <= maxMs,
    };
  };
}

/** From the ramp: some step at this rate, or above, held this bound. */
export function reaches(messagesPerSecond: number, maxMs: number): Judge {
  return (outcomes) => {
    const outcome = outcomes.find("mirage");
    if (!outcome || outcome.ramps.length === 0) return unmeasured;
    const steps = outcome.ramps.flat().filter((step) => holds(step, maxMs));
    const best = Math.max(0, ...steps.map((step) => step.messagesPerSecond));
    return { measured: `${best} msg/s with p99 ≤ ${maxMs} ms`, isHeld: best >= messagesPerSecond };
  };
}

/** The largest load that held, against that of a stock server. */
export function timesStock(times: number): Judge {
  return (outcomes) => {
    const ours = outcomes.find("mirage")?.best;
    const theirs = outcomes.find("stock")?.best;
    if (!ours || !theirs || theirs.deliveriesPerSecond === 0) return unmeasured;
    const ratio = ours.deliveriesPerSecond / theirs.deliveriesPerSecond;
    return { measured: `${ratio.toFixed(1)} × stock`, isHeld: ratio >= times };
  };
}

/** CPU of the server for one delivery, as a share of a stock server's. */
export function cpuAtMost(share: number): Judge {
  return (outcomes) => {
    const ours = outcomes.find("mirage")?.cpuPerMillion.server;
    const theirs = outcomes.find("stock")?.cpuPerMillion.server;
    if (!ours || !theirs) return unmeasured;
    return { measured: `${(ours / theirs).toFixed(2)} × stock's CPU`, isHeld: ours / theirs <= share };
  };
}

/** CPU of the server for one edit that somebody sees, as a share of Hocuspocus's. */
export function cpuOfHocuspocus(share: number): Judge {
  return (outcomes) => {
    const ours = outcomes.find("mirage")?.cpuPerMillion.server;
    const theirs = outcomes.find("hocuspocus")?.cpuPerMillion.server;
    if (!ours || !theirs) return unmeasured;
    return { measured: `${(ours / theirs).toFixed(2)} × Hocuspocus's CPU`, isHeld: ours / theirs <= share };
  };
}

/** Deliveries per CPU second, as a share of the cheapest server's. */
export function shareOfLimit(share: number): Judge {
  return (outcomes) => {
    const ours = outcomes.find("mirage-transport")?.cpuPerMillion.server;
    const theirs = outcomes.find("limit")?.cpuPerMillion.server;
    if (!ours || !theirs) return unmeasured;
    return { measured: `${Math.round((100 * theirs) / ours)} % of limit`, isHeld: theirs / ours >= share };
  };
}

const sideOf = { typingLatency: "typing", urgentLatency: "urgent" } as const;

/** The 99th percentile of acknowledgements, of typing, or of urgent notifications. */
export function p99Within(kind: "ackLatency" | "typingLatency" | "urgentLatency", maxMs: number): Judge {
  return (outcomes) => {
    const outcome = outcomes.find("mirage");
    const latency = outcome?.[kind];
    if (!outcome || !latency) return unmeasured;
    const side = kind === "ackLatency" ? undefined : outcome[sideOf[kind]];
    const told = side ? `, ${side.sent} sent, told ${side.delivered} times` : "";
    return { measured: `p99 ${latency.p99} ms${told}`, isHeld: latency.p99 <= maxMs };
  };
}

/** Each choice of a status is told to so many connections; what falls into one list with another's counts once. */
export function presenceTold(perChoice: number): Judge {
  return (outcomes) => {
    const { sent, delivered } = outcomes.find("mirage")?.presence ?? { sent: 0, delivered: 0 };
    if (sent === 0) return unmeasured;
    const measured = `${sent} choices told in ${delivered} lists`;
    return { measured, isHeld: delivered >= 0.95 * perChoice * sent };
  };
}

/** A figure of its own, by its name. */
export function figure(name: string, bound: { min?: number; max?: number }): Judge {
  return (outcomes) => {
    const value = outcomes.find("mirage")?.figures[name];
    if (value === undefined) return unmeasured;
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = bound;
    return { measured: `${value} ${name}`, isHeld: value >= min && value <= max };
  };
}
