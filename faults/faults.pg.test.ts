import { expect, test } from "vitest";
import { crash } from "./crash.ts";
import { runShort } from "./run-short.ts";
import { twoNodes } from "./two-nodes.ts";

const short = { kills: 2, clients: 8, messagesPerSecond: 60 };

test.for(["pglite", "postgres"] as const)(
  "[ACK-1] [SEQ-1] [CAT-1] a killed server loses nothing it acknowledged, on %s",
  { timeout: 180_000 },
  async (database) => {
    expect(await runShort(crash, { ...short, database })).toEqual([]);
  },
);

test("[SEQ-1] [ACK-2] [ACC-1] two nodes write to the same rooms, remove people, and are given the same nonces", async () => {
  expect(await runShort(twoNodes, { seconds: 6, clients: 8, messagesPerSecond: 60 })).toEqual([]);
}, 180_000);
