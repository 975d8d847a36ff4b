import { expect, test } from "vitest";
import { runWorkload } from "./run-workload.ts";
import { shortRun } from "./short-run.ts";
import { deliversWithin, Outcomes, p99Within, presenceTold } from "./targets.ts";
import type { FanOut } from "./workload.ts";
import { t5 } from "./workloads/many-rooms.ts";
import { t1 } from "./workloads/one-room.ts";

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
  const outcomes = await runWorkload(tiny, shortRun);
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

test("beside the messages people type, choose and are told something urgent, and all of it is counted", async () => {
  const few: FanOut = {
    ...t5,
    shape: { ...t5.shape, rooms: 10, senders: 20, sampledReaders: 100 },
    load: {
      ...t5.load,
      messagesPerSecond: 50,
      typingPerSecond: 10,
      presencePerSecond: 10,
      warmUpSeconds: 1,
      seconds: 2,
    },
    contenders: [{ peer: "mirage", database: "pglite", hasFixedLoad: true }],
  };
  const [outcome] = await runWorkload(few, shortRun);
  if (!outcome) throw new Error("nothing was measured");
  expect(outcome.problems).toEqual({});
  expect(outcome.urgent).toEqual({ sent: 60, delivered: 60 });
  expect(outcome.urgentLatency?.count).toBe(60);
  expect(outcome.typing).toEqual({ sent: 30, delivered: 270 });
  const found = new Outcomes([outcome]);
  const p99 = outcome.urgentLatency?.p99 ?? 0;
  expect([p99Within("urgentLatency", p99)(found).isHeld, p99Within("urgentLatency", p99 / 2)(found).isHeld]).toEqual([
    true,
    false,
  ]);
  expect([presenceTold(5)(found).isHeld, presenceTold(50)(found).isHeld]).toEqual([true, false]);
});
