import { FakeClock } from "@mirage/testing/fake-clock";
import { expect, it } from "vitest";
import { RealtimeError } from "../lib/error.ts";
import { ChangeLane } from "./change-lane.ts";

it("[CLI-9] many changes at once go a few at a time, wait where the server asks for it, and all arrive", async () => {
  const clock = new FakeClock(0);
  const lane = new ChangeLane(clock);
  const arrived: number[] = [];
  let underWay = 0;
  let most = 0;
  const send = async (number: number) => {
    most = Math.max(most, ++underWay);
    await Promise.resolve();
    underWay--;
    // As many in ten seconds as a server takes.
    if (arrived.length >= 100 && clock.now() < 10_000) {
      throw new RealtimeError("rate_limited", "Rate limit exceeded", { retryAfterMs: 20 });
    }
    arrived.push(number);
  };
  const numbers = Array.from({ length: 130 }, (_, number) => number);
  const all = Promise.all(numbers.map((number) => lane.run(() => send(number))));
  await clock.advanceAsync(20_000);
  await all;
  expect(arrived.toSorted((a, b) => a - b)).toEqual(numbers);
  expect(most).toBe(20);
});

it("[CLI-9] what is refused for good fails at once, and makes room for the next", async () => {
  const lane = new ChangeLane(new FakeClock(0));
  const refused = Array.from({ length: 30 }, () =>
    lane.run(() => Promise.reject(new RealtimeError("not_found", "Not found"))),
  );
  for (const one of await Promise.allSettled(refused)) expect(one).toMatchObject({ reason: { code: "not_found" } });
  expect(await lane.run(async () => "done")).toBe("done");
});
