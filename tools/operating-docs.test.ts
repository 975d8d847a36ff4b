import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { environmentSchema } from "../packages/server/src/config/environment.ts";

test("[CFG-1] docs/operating.md lists every setting there is, and no other", () => {
  const page = readFileSync(new URL("../docs/operating.md", import.meta.url), "utf8");
  const firstCells = page.match(/^\| `[^|]*\|/gm) ?? [];
  const listed = firstCells.flatMap((cell) => [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name));
  expect(listed.sort()).toEqual(Object.keys(environmentSchema.shape).sort());
});
