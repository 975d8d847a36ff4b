import { expect, test } from "vitest";
import { countFitting, fittingPage, jsonBytesOf } from "./answer-size.ts";

test("[CAT-3] of a list the first that fit are answered, one at least", () => {
  const items = ["a", "\u0001", "ä"].map((text) => ({ text }));
  expect(items.map(jsonBytesOf)).toEqual([12, 17, 13]);
  const bytes = Buffer.byteLength(JSON.stringify(items));
  expect(countFitting(items, bytes)).toBe(3);
  expect(countFitting(items, bytes - 2)).toBe(2);
  expect(fittingPage(items, bytes - 2)).toEqual(items.slice(0, 2));
  expect(fittingPage(items, 1)).toEqual(items.slice(0, 1));
  expect(fittingPage([], 1)).toEqual([]);
});
