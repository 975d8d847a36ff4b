import { expect, test } from "vitest";
import { restarts } from "./restarts.ts";
import { runShort } from "./run-short.ts";

test("[ACK-1] [CAT-1] a crowd that talks through restarts loses nothing and is shown nothing twice", async () => {
  const short = { clients: 60, kills: 2, messagesPerSecond: 60 };
  expect(await runShort(restarts, { ...short, database: "pglite" })).toEqual([]);
}, 120_000);
