import { expect, test } from "vitest";
import { runShort } from "./run-short.ts";
import { stuckReaders } from "./stuck-readers.ts";

test("[FAN-2] [CAT-1] readers that stop in a busy room are cut, delay nobody, and have everything when they are back", async () => {
  const short = { sockets: 20, clients: 40, messagesPerSecond: 200, seconds: 16 };
  expect(await runShort(stuckReaders, { ...short, database: "pglite" })).toEqual([]);
}, 120_000);
