import { FakeClock } from "@mirage/testing/fake-clock";
import { expect, test } from "vitest";
import { Rounds } from "./rounds.ts";

/** Rounds that have begun, the first of them at once, and end one by one as they are told to. */
function startRounds() {
  const clock = new FakeClock();
  const ends: PromiseWithResolvers<void>[] = [];
  const faults: unknown[] = [];
  const work = () => {
    const end = Promise.withResolvers<void>();
    ends.push(end);
    return end.promise;
  };
  const rounds = new Rounds({ clock, everyMs: 1_000, work, onFault: (fault) => faults.push(fault) });
  rounds.start();
  return { clock, rounds, ends, faults };
}

test("who asks while a round is under way waits for the next one, however many ask", async () => {
  const { rounds, ends } = startRounds();
  const answered: string[] = [];
  const asked = ["ann", "bob"].map((name) => rounds.run().then(() => answered.push(name)));
  expect(ends).toHaveLength(1);
  ends[0]?.resolve();
  await expect.poll(() => ends.length).toBe(2);
  expect(answered).toEqual([]);
  ends[1]?.resolve();
  await Promise.all(asked);
  expect(ends).toHaveLength(2);
});

test("a round that fails says so and rejects nobody, and the next one begins by itself", async () => {
  const { clock, rounds, ends, faults } = startRounds();
  const asked = rounds.run();
  ends[0]?.reject(new Error("gone"));
  await expect.poll(() => ends.length).toBe(2);
  expect(faults).toEqual([new Error("gone")]);
  ends[1]?.resolve();
  await asked;
  clock.advance(1_000);
  expect(ends).toHaveLength(3);
});

test("closing waits for the round under way, and none begins after it", async () => {
  const { clock, rounds, ends } = startRounds();
  const asked = rounds.run();
  let isClosed = false;
  const closing = rounds.close().then(() => {
    isClosed = true;
  });
  await Promise.resolve();
  expect([isClosed, rounds.isOpen]).toEqual([false, false]);
  ends[0]?.resolve();
  await Promise.all([closing, asked]);
  await rounds.run();
  clock.advance(10_000);
  expect(ends).toHaveLength(1);
  expect(clock.timerCount).toBe(0);
});
