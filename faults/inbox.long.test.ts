import { expect, test } from "vitest";
import { inbox } from "./inbox.ts";
import { runShort } from "./run-short.ts";

test("[NOTE-1] [NOTE-3] [NOTE-6] [NOTE-11] through kills each cause tells each person once, and all devices agree", async () => {
  expect(await runShort(inbox, { seconds: 12, kills: 2 })).toEqual([]);
}, 120_000);
