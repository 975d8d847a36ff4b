import { expect, test } from "vitest";
import type { BenchRun } from "./bench-run.ts";
import { runWorkload } from "./run-workload.ts";
import { deliversWithin, figure, Outcomes } from "./targets.ts";
import type { Commit, Fairness, FanOut } from "./workload.ts";
import { commit } from "./workloads/commit.ts";
import { fairness } from "./workloads/fairness.ts";
import { t1 } from "./workloads/one-room.ts";

const nowhere = { server: undefined, generator: undefined, postgres: undefined, summary: "nothing is pinned" };
const bench: BenchRun = {
  places: nowhere,
  postgresPid: undefined,
  ceilingPerSecond: undefined,
  seconds: 2,
  repeats: 1,
  isQuick: true,
  say: () => undefined,
  progress: () => undefined,
};

/** T1 in small: it is about the bench, not about the machine it runs on. */
const tiny: FanOut = {
  ...t1,
  shape: { ...t1.shape, membersPerRoom: 20, senders: 5, sampledReaders: 5 },
  ramp: { boundMs: 60_000, factor: 2, seconds: 1, maxSteps: 1 },
  load: { messagesPerSecond: 100, warmUpSeconds: 0.5, seconds: 2 },
  contenders: [
    { peer: "mirage", database: "pglite", hasFixedLoad: true, rampFrom: 50 },
    { peer: "limit", database: "none", hasFixedLoad: true },
  ],
};

test("a bench run delivers everything, in order, and judges it", async () => {
  const outcomes = await runWorkload(tiny, bench);
  for (const { problems, delivered, expected, violations, latency, ackLatency } of outcomes) {
    expect(problems).toEqual({});
    expect({ delivered, violations }).toEqual({ delivered: 250 * 20, violations: 0 });
    expect(expected).toBe(delivered);
    expect([latency?.count, ackLatency?.count]).toEqual([200 * 5, 200]);
  }
  expect(outcomes.map(({ ramps }) => ramps.length)).toEqual([1, 0]);
  const withinAMinute = deliversWithin(60_000)(new Outcomes(outcomes));
  expect(withinAMinute).toMatchObject({ isHeld: true, measured: expect.stringContaining("100 % delivered") });
  // The same run does not hold where a single delivery is missing.
  const lacking = outcomes.map((outcome) => ({ ...outcome, delivered: outcome.delivered - 1 }));
  expect(deliversWithin(60_000)(new Outcomes(lacking)).isHeld).toBe(false);
});

test("a bench of commits commits every kind of change, and is judged by it", async () => {
  const contenders = [{ peer: "mirage", database: "pglite", hasFixedLoad: false }] as const;
  const small: Commit = { ...commit, batchItems: 100, contenders };
  const [outcome] = await runWorkload(small, bench);
  expect(outcome?.problems).toEqual({});
  const perSecond = outcome?.figures["changes/s"] ?? 0;
  expect(perSecond).toBeGreaterThan(0);
  const reaches = (min: number) => figure("changes/s", { min })(new Outcomes(outcome ? [outcome] : [])).isHeld;
  expect([reaches(perSecond), reaches(2 * perSecond)]).toEqual([true, false]);
});

test("quiet rooms are measured by themselves and beside a busy one, on one server", async () => {
  const { quiet, busy } = fairness;
  const few: Fairness = {
    ...fairness,
    quiet: { ...quiet, shape: { ...quiet.shape, rooms: 5, senders: 5, sampledReaders: 50 } },
    busy: { ...busy, load: { messagesPerSecond: 200, warmUpSeconds: 1 } },
    contenders: [{ peer: "mirage", database: "pglite", hasFixedLoad: false }],
  };
  const [outcome] = await runWorkload(few, bench);
  expect(outcome?.problems).toEqual({});
  const figures = outcome?.figures ?? {};
  expect(figures).toMatchObject({ "missing in quiet rooms": 0, "busy % accepted": 100 });
  const [alone = 0, beside = 0] = [figures["quiet p99 ms alone"], figures["quiet p99 ms beside"]];
  expect(alone).toBeGreaterThan(0);
  expect(figures["times as long"]).toBeCloseTo(beside / alone, 1);
  expect(figures["busy deliveries/s"]).toBeGreaterThan(2_000);
});
