import { FakeClock } from "@mirage/testing/fake-clock";
import { expect, it } from "vitest";
import { awayAfterMs, startAutoAway } from "./auto-away.ts";

it("[PRES-11] nobody is taken to sit at a device five minutes after its last use, until the next one", () => {
  const clock = new FakeClock();
  const target = new EventTarget();
  let isAway = false;
  const stop = startAutoAway({ target, clock, setAway: (next) => (isAway = next) });
  clock.advance(awayAfterMs - 1);
  target.dispatchEvent(new Event("keydown"));
  clock.advance(awayAfterMs - 1);
  expect(isAway).toBe(false);
  clock.advance(1);
  expect(isAway).toBe(true);
  target.dispatchEvent(new Event("pointermove"));
  expect(isAway).toBe(false);
  clock.advance(awayAfterMs);
  expect(isAway).toBe(true);
  stop();
  target.dispatchEvent(new Event("keydown"));
  expect(isAway).toBe(true);
  expect(clock.timerCount).toBe(0);
});
