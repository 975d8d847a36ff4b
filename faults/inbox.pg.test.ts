import { expect, test } from "vitest";
import { inbox } from "./inbox.ts";
import { runShort } from "./run-short.ts";

test("[NOTE-1] [NOTE-3] [NOTE-6] [NOTE-11] of two nodes one is killed, and each cause tells each person once", async () => {
  expect(await runShort(inbox, { database: "postgres", seconds: 12, kills: 2 })).toEqual([]);
}, 180_000);
