import { Refusal } from "@mirage/protocol";
import { FakeClock } from "@mirage/testing";
import { describe, expect, test } from "vitest";
import { RateLimits } from "./rate-limits.ts";

describe("[S37] limits", () => {
  test("a connection has a burst of two seconds and then its rate", () => {
    const clock = new FakeClock();
    const limits = new RateLimits({ settings: { eventsPerSecond: 50, chatPerMinute: 0 }, clock });
    const bucket = limits.openBucket();
    const passed = (): number => {
      let count = 0;
      while (limits.spendEvent(bucket) === undefined) count++;
      return count;
    };
    expect(passed()).toBe(100);
    expect(limits.spendEvent(bucket)?.toBody()).toMatchObject({ code: "rate_limited", retryAfterMs: 20 });
    clock.advance(1_000);
    expect(passed()).toBe(50);
    clock.advance(60_000);
    expect(passed()).toBe(100);
  });

  test("messages of a user are counted by the minute, whatever else is limited", () => {
    const clock = new FakeClock();
    const limited: string[] = [];
    const onLimited = (limit: string): void => void limited.push(limit);
    const limits = new RateLimits({ settings: { eventsPerSecond: 0, chatPerMinute: 30 }, clock, onLimited });
    const outcomes = Array.from({ length: 31 }, () => limits.spend("ann", "chat_message"));
    expect(outcomes.slice(0, 30).every((refusal) => refusal === undefined)).toBe(true);
    expect(outcomes[30]?.retryAfterMs).toBe(60_000);
    expect(limits.spend("bob", "chat_message")).toBeUndefined();
    clock.advance(59_999);
    expect(limits.spend("ann", "chat_message")?.retryAfterMs).toBe(1);
    clock.advance(1);
    expect(limits.spend("ann", "chat_message")).toBeUndefined();
    expect(limited).toEqual(["message", "message"]);
  });

  test("what was not posted costs nothing, within bounds, and what moderators refused costs as a message does", () => {
    const clock = new FakeClock();
    const limits = new RateLimits({ settings: { eventsPerSecond: 0, chatPerMinute: 2 }, clock });
    const attempt = (result: Parameters<RateLimits["settle"]>[2]): boolean => {
      const spentAtMs = clock.monotonicMs();
      if (limits.spend("ann", "chat_message", spentAtMs) !== undefined) return false;
      limits.settle("chat_message", { userId: "ann", spentAtMs }, result);
      return true;
    };
    const repeat = { message: {}, duplicate: true } as Parameters<RateLimits["settle"]>[2];
    const posted = { message: {} } as Parameters<RateLimits["settle"]>[2];
    const forbidden = new Refusal("forbidden", "no");
    const moderated = new Refusal("moderated", "no");
    const free = Array.from({ length: 30 }, (_, index) => attempt(index % 2 === 0 ? repeat : forbidden));
    // Twenty are given back, ten times the two; then each counts.
    expect(free.filter((isIn) => isIn).length).toBe(22);
    clock.advance(60_000);
    expect([repeat, posted, forbidden, moderated, repeat].map(attempt)).toEqual([true, true, true, true, false]);
    clock.advance(60_000);
    expect([posted, posted, posted].map(attempt)).toEqual([true, true, false]);
  });

  test("a point of a window that is over is not given back to the next", () => {
    const clock = new FakeClock();
    const limits = new RateLimits({ settings: { eventsPerSecond: 0, chatPerMinute: 1 }, clock });
    const spentAtMs = clock.monotonicMs();
    limits.spend("ann", "chat_message", spentAtMs);
    clock.advance(60_000);
    expect(limits.spend("ann", "chat_message")).toBeUndefined();
    limits.settle("chat_message", { userId: "ann", spentAtMs }, new Refusal("unavailable", "later"));
    expect(limits.spend("ann", "chat_message")).toBeDefined();
  });

  test("zero switches the ceiling and the limits per kind off", () => {
    const limits = new RateLimits({ settings: { eventsPerSecond: 0, chatPerMinute: 0 }, clock: new FakeClock() });
    expect(limits.openBucket()).toBeUndefined();
    for (let index = 0; index < 1_000; index++) {
      expect(limits.spendEvent(undefined)).toBeUndefined();
      expect(limits.spend("ann", "create_invite")).toBeUndefined();
      expect(limits.spend("ann", "chat_message")).toBeUndefined();
    }
  });

  test("what belongs to users that went quiet is forgotten", () => {
    const clock = new FakeClock();
    const limits = new RateLimits({ settings: { eventsPerSecond: 50, chatPerMinute: 1 }, clock });
    for (let index = 0; index < 5_000; index++) {
      expect(limits.spend(`user${index}`, "chat_message")).toBeUndefined();
      clock.advance(100);
    }
    expect(limits.spend("user4999", "chat_message")).toBeDefined();
    expect(limits.spend("user0", "chat_message")).toBeUndefined();
  });
});
