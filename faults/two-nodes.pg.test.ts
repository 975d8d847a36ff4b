import { expect, test } from "vitest";
import { runShort } from "./run-short.ts";
import { twoNodes } from "./two-nodes.ts";

test("[SEQ-1] [ACK-2] [ACC-1] two nodes write to the same rooms, remove people, and are given the same nonces", async () => {
  expect(await runShort(twoNodes, { seconds: 6, clients: 8, messagesPerSecond: 60 })).toEqual([]);
}, 180_000);
