import { expect, test } from "vitest";
import { runWorkload } from "./run-workload.ts";
import { shortRun } from "./short-run.ts";
import { figure, Outcomes } from "./targets.ts";
import type { LongDocument } from "./workload.ts";
import { longDocument } from "./workloads/long-document.ts";

test("a bench of a long document stores, compacts and opens it, and is judged by it", async () => {
  const contenders = [{ peer: "mirage", database: "pglite", hasFixedLoad: false }] as const;
  const short: LongDocument = { ...longDocument, edits: 600, openedBytes: 50_000, contenders };
  const [outcome] = await runWorkload(short, shortRun);
  expect(outcome?.problems).toEqual({});
  const figures = outcome?.figures ?? {};
  expect(figures).toMatchObject({ edits: 600, "rows before": 600, "rows after": 5 });
  expect(figures["KB after"]).toBeLessThan(figures["KB before"] ?? 0);
  expect(figures["KB opened"]).toBeGreaterThan(48);
  const opensWithin = (max: number) =>
    figure("ms to open it, from the database", { max })(new Outcomes(outcome ? [outcome] : [])).isHeld;
  expect([opensWithin(60_000), opensWithin(0)]).toEqual([true, false]);
});
