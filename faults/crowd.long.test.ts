import { expect, test } from "vitest";
import { crowd } from "./crowd.ts";
import { runShort } from "./run-short.ts";

test("[FAN-4] in a crowd stock clients by websocket, by polling and in mid-upgrade see everything once and in order", async () => {
  expect(await runShort(crowd, { sockets: 40, messagesPerSecond: 150, seconds: 4 })).toEqual([]);
}, 120_000);
