import { FakeClock } from "@mirage/testing";
import { beforeEach, expect, test } from "vitest";
import { type Choice, noChoice } from "./presence.policy.ts";
import type { PersonWrite } from "./presence.store.ts";
import { PresenceWriter } from "./presence-writer.ts";

const dnd: Choice = { ...noChoice, status: "dnd" };
let clock: FakeClock;
let written: PersonWrite[][];
let failure: Error | undefined;
let writer: PresenceWriter;

beforeEach(() => {
  clock = new FakeClock();
  written = [];
  failure = undefined;
  writer = new PresenceWriter({
    clock,
    onFault: () => undefined,
    async write(writes) {
      if (failure) throw failure;
      written.push(
        writes.map(({ userId, here, choice }) => ({ userId, ...(here && { here }), ...(choice && { choice }) })),
      );
    },
  });
});

test("[PRES-9] the first is written at once, all others together 250 ms later, of each person the newest", async () => {
  writer.note({ userId: "ann", here: "online" });
  await clock.advanceAsync(0);
  expect(written).toEqual([[{ userId: "ann", here: "online" }]]);
  writer.note({ userId: "bob", here: "online" });
  writer.note({ userId: "cat", here: "online" });
  writer.note({ userId: "bob", here: "gone" });
  await clock.advanceAsync(249);
  expect(written).toHaveLength(1);
  await clock.advanceAsync(1);
  expect(written[1]).toEqual([
    { userId: "bob", here: "gone" },
    { userId: "cat", here: "online" },
  ]);
  await clock.advanceAsync(1_000);
  expect(written).toHaveLength(2);
  expect(clock.timerCount).toBe(0);
});

test("[PRES-4] what could not be stored is refused; that somebody came or went is tried again", async () => {
  failure = new Error("the database is away");
  const stored = writer.store({ userId: "ann", choice: dnd });
  writer.note({ userId: "ann", here: "online" });
  await expect(stored).rejects.toBe(failure);
  failure = undefined;
  writer.note({ userId: "ann", here: "away" });
  await clock.advanceAsync(999);
  expect(written).toEqual([]);
  await clock.advanceAsync(1);
  expect(written).toEqual([[{ userId: "ann", here: "away" }]]);
});

test("[PRES-8] closing writes what waits, and leaves no timer", async () => {
  writer.note({ userId: "ann", here: "online" });
  writer.note({ userId: "bob", here: "online" });
  await clock.advanceAsync(0);
  writer.note({ userId: "bob", here: "gone" });
  await writer.close();
  expect(written.at(-1)).toEqual([{ userId: "bob", here: "gone" }]);
  expect(clock.timerCount).toBe(0);
});
