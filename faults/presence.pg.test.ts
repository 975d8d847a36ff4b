import { expect, test } from "vitest";
import { presence } from "./presence.ts";
import { runShort } from "./run-short.ts";

test("[PRES-5] [PRES-8] [PRES-10] of two nodes one is killed: its people are gone on the other, nobody else is, and all see what is", async () => {
  expect(await runShort(presence, { database: "postgres", clients: 16, seconds: 12, kills: 1 })).toEqual([]);
}, 180_000);
