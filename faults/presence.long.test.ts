import { expect, test } from "vitest";
import { presence } from "./presence.ts";
import { runShort } from "./run-short.ts";

test("[PRES-1] [PRES-3] [PRES-5] [PRES-10] people come, go, flap, hide and lose their server, and all are shown what is", async () => {
  expect(await runShort(presence, { clients: 12, seconds: 10, kills: 1 })).toEqual([]);
}, 120_000);
