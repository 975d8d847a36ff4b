import { expect, test } from "vitest";
import { ByteBudget, type Holder } from "./byte-budget.ts";

test("[DB-8] past its bytes, what was used longest ago is let go, and nothing else", () => {
  const budget = new ByteBudget(100);
  const released: string[] = [];
  const holder = (name: string): Holder => ({ release: () => released.push(name) });
  const [a, b, c] = [holder("a"), holder("b"), holder("c")];
  budget.use(a, 40);
  budget.use(b, 40);
  budget.use(a, 50);
  expect([budget.bytes, released]).toEqual([90, []]);
  budget.use(c, 30);
  expect([budget.bytes, released]).toEqual([80, ["b"]]);
  budget.use(c, 0);
  expect(budget.bytes).toBe(50);
  budget.use(b, 200);
  expect([budget.bytes, released]).toEqual([0, ["b", "a", "b"]]);
});
