import { expect, it } from "vitest";
import { safeNextPath } from "./next-path.ts";

it("[FACE-5] signing in never leads to another site", () => {
  expect(safeNextPath("/invite/abc?x=1")).toBe("/invite/abc?x=1");
  for (const bad of [null, "", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]) {
    expect(safeNextPath(bad)).toBe("/rooms");
  }
});
