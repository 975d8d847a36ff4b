import type { HistoryEntry, Violation } from "@mirage/testing";
import type { FaultClient } from "./fault-client.ts";
import type { Random } from "./random.ts";

/** What a fault run may use. */
export interface FaultRun {
  seed: number;
  random: Random;
  /** Says how far it is, on a line of its own. */
  say(line: string): void;
  options: FaultOptions;
}

export interface FaultOptions {
  database: "pglite" | "postgres";
  kills: number;
  seconds: number;
  clients: number;
  messagesPerSecond: number;
  sockets: number;
}

export const defaults: FaultOptions = {
  database: "pglite",
  kills: 20,
  seconds: 20,
  clients: 20,
  messagesPerSecond: 200,
  sockets: 1_000,
};

/** One promise that was looked at. */
export interface Check {
  what: string;
  isOk: boolean;
  /** Figures of a good one, the first violations of a bad one. */
  details: string;
  /** It says how fast this machine was; a test among others does not judge that. */
  isTiming?: boolean;
}

/** A client who wrote down what it did and saw. */
export interface Witness {
  readonly name: string;
  readonly fullHistory: HistoryEntry[];
}

export interface FaultResult {
  checks: Check[];
  /** For the folder that is kept when something went wrong. */
  clients?: readonly Witness[];
  serverOutputs?: readonly string[];
}

/** One thing that is broken on purpose, and what must still hold. */
export interface Fault {
  summary: string;
  defaults?: Partial<FaultOptions>;
  /** It starts a database of its own, whatever was chosen. */
  ownDatabase?: FaultOptions["database"];
  run(run: FaultRun): Promise<FaultResult>;
}

const shownViolations = 8;

export function checkViolations(violations: readonly Violation[], figures: string): Check {
  const lines = violations
    .slice(0, shownViolations)
    .map(({ invariant, roomId, client, what }) => `${invariant} ${roomId} ${client ?? ""}: ${what}`);
  return {
    what: "histories and database agree",
    isOk: violations.length === 0,
    details: violations.length === 0 ? figures : `${violations.length} violations\n    ${lines.join("\n    ")}`,
  };
}

export function check(what: string, isOk: boolean, details = ""): Check {
  return { what, isOk, details };
}

/** `tookMs` against a bound, with what else was measured. */
export function checkTime(what: string, time: { tookMs: number; maxMs: number }, details: string): Check {
  return { ...check(what, time.tookMs <= time.maxMs, details), isTiming: true };
}

/** Nobody was refused anything that they may do. */
export function checkRefusals(clients: readonly FaultClient[]): Check {
  const counts = new Map<string, number>();
  for (const client of clients) {
    for (const [code, count] of client.refusals) counts.set(code, (counts.get(code) ?? 0) + count);
  }
  // A change of a message may be refused while the database is away; it is not repeated.
  for (const code of ["unavailable", "overloaded"]) counts.delete(code);
  return check("nobody is refused what they may do", counts.size === 0, JSON.stringify(Object.fromEntries(counts)));
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}
