import { expect, it } from "vitest";
import { clearAfters, clearAt, endLeft } from "./clear-after.ts";

it("[PRES-4] a status clears in the future, or never; today ends at midnight, the last of a month too", () => {
  const now = new Date(2026, 0, 31, 23, 59);
  for (const after of clearAfters) {
    const at = clearAt(after, now);
    if (after === "never") expect(at).toBeUndefined();
    else expect(Date.parse(at ?? "")).toBeGreaterThan(now.getTime());
  }
  expect(clearAt("1h", now)).toBe(new Date(2026, 1, 1, 0, 59).toISOString());
  expect(clearAt("today", now)).toBe(new Date(2026, 1, 1).toISOString());
});

it("[PRES-4] what was set to clear is kept until then, and no longer", () => {
  const end = new Date(2026, 0, 31, 12);
  expect(endLeft(end, new Date(2026, 0, 31, 11, 59))).toBe(end);
  expect(endLeft(end, end)).toBeUndefined();
  expect(endLeft(undefined, end)).toBeUndefined();
});
