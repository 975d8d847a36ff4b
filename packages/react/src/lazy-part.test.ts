import { type Clock, systemClock } from "@mirage/client";
import { beforeEach, expect, it } from "vitest";
import { loadPatiently } from "./lazy-part.ts";
import { watchForGone } from "./outdated.ts";

let waits: number[];
const clock: Clock = {
  ...systemClock,
  after(ms, run) {
    waits.push(ms);
    queueMicrotask(run);
    return { cancel: () => undefined };
  },
};
beforeEach(() => {
  waits = [];
});

/** Fails until it was tried so often. */
const loadAt = (tries: number) => async () => {
  if (waits.length < tries - 1) throw new Error("cannot be loaded");
  return "code";
};

it("[FACE-39] what cannot be loaded is tried again, later each time up to eight seconds, until it can", async () => {
  expect(await loadPatiently(loadAt(8), { clock })).toBe("code");
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
});

it("[FACE-40] what cannot be loaded from a server that answers is told to be gone, once, and waited for all the same", async () => {
  const toldAfter: number[] = [];
  const load = async (doesAnswer: () => boolean) => {
    waits = [];
    toldAfter.length = 0;
    const onFailure = watchForGone(
      () => toldAfter.push(waits.length),
      async () => doesAnswer(),
    );
    expect(await loadPatiently(loadAt(20), { clock, onFailure })).toBe("code");
  };
  await load(() => true);
  expect(toldAfter).toEqual([3]);
  await load(() => false);
  expect(toldAfter).toEqual([]);
  // It comes and goes: no try was between two answers.
  await load(() => waits.length % 2 === 0);
  expect(toldAfter).toEqual([]);
});
