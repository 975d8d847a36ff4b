import { expect, test } from "vitest";
import { runWorkload } from "./run-workload.ts";
import { shortRun } from "./short-run.ts";
import type { Fairness } from "./workload.ts";
import { fairness } from "./workloads/fairness.ts";

test("quiet rooms are measured by themselves and beside a busy one, on one server", async () => {
  const { quiet, busy } = fairness;
  const few: Fairness = {
    ...fairness,
    quiet: { ...quiet, shape: { ...quiet.shape, rooms: 5, senders: 5, sampledReaders: 50 } },
    busy: { ...busy, load: { messagesPerSecond: 200, warmUpSeconds: 1 } },
    contenders: [{ peer: "mirage", database: "pglite", hasFixedLoad: false }],
  };
  const [outcome] = await runWorkload(few, shortRun);
  expect(outcome?.problems).toEqual({});
  const figures = outcome?.figures ?? {};
  expect(figures).toMatchObject({ "missing in quiet rooms": 0, "busy % accepted": 100 });
  const [alone = 0, beside = 0] = [figures["quiet p99 ms alone"], figures["quiet p99 ms beside"]];
  expect(alone).toBeGreaterThan(0);
  expect(figures["times as long"]).toBeCloseTo(beside / alone, 1);
  expect(figures["busy deliveries/s"]).toBeGreaterThan(2_000);
});
