import type { Places } from "./machine/cores.ts";

/** What all parts of one run of the bench share. */
export interface BenchRun {
  places: Places;
  /** Of the private Postgres; undefined where none is needed. */
  postgresPid: number | undefined;
  /** What the load generator can count at most; undefined: not measured, and it counts everything. */
  ceilingPerSecond: number | undefined;
  /** Shorter or longer than the workload says, in seconds. */
  seconds: number | undefined;
  repeats: number;
  isQuick: boolean;
  /** A line that stays. */
  say(line: string): void;
  /** A line that the next one replaces. */
  progress(line: string): void;
}
