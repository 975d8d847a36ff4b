import { expect, test } from "vitest";
import { slicesByWeight } from "./slices-by-weight.ts";

test("slices keep to a weight, and what is heavier by itself is alone", () => {
  const slices = (weights: number[]) => [...slicesByWeight(weights, (weight) => weight, 10)];
  expect(slices([])).toEqual([]);
  expect(slices([4, 6, 1, 99, 3, 0, 7])).toEqual([[4, 6], [1], [99], [3, 0, 7]]);
});
