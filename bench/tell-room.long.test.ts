import { expect, test } from "vitest";
import { runWorkload } from "./run-workload.ts";
import { shortRun } from "./short-run.ts";
import type { TellRoom } from "./workload.ts";
import { tellAway, tellThere } from "./workloads/people.ts";

const onPglite = [{ peer: "mirage", database: "pglite", hasFixedLoad: false }] as const;

test.for([tellAway, tellThere])("everybody in a room is told, and is counted: $part", async (workload) => {
  const few: TellRoom = {
    ...workload,
    members: 250,
    quiet: { ...workload.quiet, shape: { ...workload.quiet.shape, rooms: 5, senders: 5, sampledReaders: 50 } },
    contenders: onPglite,
  };
  const [outcome] = await runWorkload(few, shortRun);
  expect(outcome?.problems).toEqual({});
  expect(outcome?.figures).toMatchObject({ "not told": 0, "missing in quiet rooms": 0 });
  expect(outcome?.figures["times told"]).toBeGreaterThan(0);
  expect(outcome?.figures["s until all are told"]).toBeGreaterThan(0);
});
