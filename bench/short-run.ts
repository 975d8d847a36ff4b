import type { BenchRun } from "./bench-run.ts";

const nowhere = { server: undefined, generator: undefined, postgres: undefined, summary: "nothing is pinned" };
/** Nothing is pinned and everything is short: among other tests, about the bench and not about the machine. */
export const shortRun: BenchRun = {
  places: nowhere,
  postgresPid: undefined,
  ceilingPerSecond: undefined,
  seconds: 2,
  repeats: 1,
  isQuick: true,
  say: () => undefined,
  progress: () => undefined,
};
