import { expect, test } from "vitest";
import { crowd } from "./crowd.ts";
import { restarts } from "./restarts.ts";
import { runShort } from "./run-short.ts";
import { secondProcess } from "./second-process.ts";
import { stuckReaders } from "./stuck-readers.ts";

test("a second server on the same data directory is refused and harms nothing", async () => {
  expect(await runShort(secondProcess, {})).toEqual([]);
}, 120_000);

test("[FAN-4] in a crowd stock clients by websocket, by polling and in mid-upgrade see everything once and in order", async () => {
  expect(await runShort(crowd, { sockets: 40, messagesPerSecond: 150, seconds: 4 })).toEqual([]);
}, 120_000);

test("[FAN-2] [CAT-1] readers that stop in a busy room are cut, delay nobody, and have everything when they are back", async () => {
  const short = { sockets: 20, clients: 40, messagesPerSecond: 200, seconds: 16 };
  expect(await runShort(stuckReaders, { ...short, database: "pglite" })).toEqual([]);
}, 120_000);

test("[ACK-1] [CAT-1] a crowd that talks through restarts loses nothing and is shown nothing twice", async () => {
  const short = { clients: 60, kills: 2, messagesPerSecond: 60 };
  expect(await runShort(restarts, { ...short, database: "pglite" })).toEqual([]);
}, 120_000);
