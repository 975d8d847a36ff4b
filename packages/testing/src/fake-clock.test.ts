import { expect, test } from "vitest";
import { FakeClock } from "./fake-clock.ts";

test("fires timers in the order they are due, and those they set", () => {
  const clock = new FakeClock(0);
  const fired: string[] = [];
  clock.after(20, () => fired.push("late"));
  clock.after(10, () => {
    fired.push("early");
    clock.after(5, () => fired.push(`nested at ${clock.now()}`));
  });
  clock.advance(30);
  expect(fired).toEqual(["early", "nested at 15", "late"]);
  expect(clock.monotonicMs()).toBe(30);
  expect(clock.timerCount).toBe(0);
});

test("repeats until it is cancelled", () => {
  const clock = new FakeClock();
  let count = 0;
  const timer = clock.every(10, () => {
    count++;
    if (count === 3) timer.cancel();
  });
  clock.advance(100);
  expect(count).toBe(3);
});

test("lets promises run between timers", async () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  clock.after(10, () => {
    void Promise.resolve().then(() => clock.after(10, () => seen.push("chained")));
  });
  await clock.advanceAsync(25);
  expect(seen).toEqual(["chained"]);
});
