import { expect, test } from "vitest";
import { runShort } from "./run-short.ts";
import { secondProcess } from "./second-process.ts";

test("a second server on the same data directory is refused and harms nothing", async () => {
  expect(await runShort(secondProcess, {})).toEqual([]);
}, 120_000);
