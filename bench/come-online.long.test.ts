import { expect, test } from "vitest";
import { runWorkload } from "./run-workload.ts";
import { shortRun } from "./short-run.ts";
import type { ComeOnline } from "./workload.ts";
import { comeOnline } from "./workloads/people.ts";

const onPglite = [{ peer: "mirage", database: "pglite", hasFixedLoad: false }] as const;

test("people who share rooms and people who have each their own come online in turn", async () => {
  const few: ComeOnline = { ...comeOnline, people: 40, peoplePerRoom: 10, contenders: onPglite };
  const [outcome] = await runWorkload(few, shortRun);
  expect(outcome?.problems).toEqual({});
  const own = outcome?.figures["events about people, each in their own"] ?? Number.POSITIVE_INFINITY;
  expect(outcome?.figures["events about people"]).toBeGreaterThan(own);
  expect(outcome?.figures["times as long"]).toBeGreaterThan(0);
});
