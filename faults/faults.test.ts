import { expect, test } from "vitest";
import { crash } from "./crash.ts";
import { runShort } from "./run-short.ts";
import { secondProcess } from "./second-process.ts";

test("[ACK-1] [SEQ-1] [CAT-1] a killed server loses nothing it acknowledged, on the embedded database", async () => {
  const short = { kills: 3, clients: 8, messagesPerSecond: 60, database: "pglite" as const };
  expect(await runShort(crash, short)).toEqual([]);
}, 180_000);

test("a second server on the same data directory is refused and harms nothing", async () => {
  expect(await runShort(secondProcess, {})).toEqual([]);
}, 120_000);
