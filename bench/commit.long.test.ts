import { expect, test } from "vitest";
import { runWorkload } from "./run-workload.ts";
import { shortRun } from "./short-run.ts";
import { figure, Outcomes } from "./targets.ts";
import type { Commit } from "./workload.ts";
import { commit } from "./workloads/commit.ts";

test("a bench of commits commits every kind of change, and is judged by it", async () => {
  const contenders = [{ peer: "mirage", database: "pglite", hasFixedLoad: false }] as const;
  const small: Commit = { ...commit, batchItems: 100, contenders };
  const [outcome] = await runWorkload(small, shortRun);
  expect(outcome?.problems).toEqual({});
  const perSecond = outcome?.figures["changes/s"] ?? 0;
  expect(perSecond).toBeGreaterThan(0);
  const reaches = (min: number) => figure("changes/s", { min })(new Outcomes(outcome ? [outcome] : [])).isHeld;
  expect([reaches(perSecond), reaches(2 * perSecond)]).toEqual([true, false]);
});
