import { expect, test } from "vitest";
import { crash } from "./crash.ts";
import { runShort } from "./run-short.ts";

const short = { kills: 2, clients: 8, messagesPerSecond: 60 };

test.for(["pglite", "postgres"] as const)(
  "[ACK-1] [SEQ-1] [CAT-1] a killed server loses nothing it acknowledged, on %s",
  { timeout: 180_000 },
  async (database) => {
    expect(await runShort(crash, { ...short, database })).toEqual([]);
  },
);
