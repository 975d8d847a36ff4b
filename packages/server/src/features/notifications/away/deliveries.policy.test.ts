import { expect, it } from "vitest";
import { judge, pauseMs } from "./deliveries.policy.ts";

const minute = 60_000;
const at = { unreadCount: 2, wantedCount: 1, isActive: false, toldAtMs: 0, readyAtMs: 0, nowMs: minute };

it("[NOTE-20] sends what is unread, wanted, old enough and for nobody who is there; looks again for five minutes", () => {
  expect(judge(at)).toBe("send");
  expect(judge({ ...at, unreadCount: 0, wantedCount: 0 })).toEqual({ outcome: "read" });
  expect(judge({ ...at, wantedCount: 0 })).toEqual({ outcome: "unwanted" });
  expect(judge({ ...at, readyAtMs: minute + 1, isActive: true })).toEqual({ outcome: "early", dueAtMs: minute + 1 });
  expect(judge({ ...at, isActive: true })).toEqual({ outcome: "active", dueAtMs: 2 * minute });
  expect(judge({ ...at, isActive: true, nowMs: 5 * minute })).toEqual({ outcome: "active" });
});

it("[NOTE-23] waits longer each time up to an hour, a quarter more or less, for hours where it is refused and days where nobody is there", () => {
  const pausesOf = (isOutage: boolean, random: number) => {
    const pauses: number[] = [];
    for (let attempts = 1; ; attempts++) {
      const pause = pauseMs({ attempts, isOutage }, random);
      if (pause === undefined) return pauses;
      pauses.push(pause);
    }
  };
  const sum = (pauses: number[]) => pauses.reduce((total, pause) => total + pause, 0);
  expect(pausesOf(false, 0.5)).toEqual([15, 45, 135, 405, 1_215, 3_600, 3_600].map((seconds) => seconds * 1_000));
  expect(sum(pausesOf(true, 0.5))).toBeGreaterThan(90 * 60 * minute);
  expect(sum(pausesOf(true, 1))).toBeLessThan(5 * 24 * 60 * minute);
  const [low = 0, high = 0] = [pauseMs({ attempts: 1 }, 0), pauseMs({ attempts: 1 }, 1)];
  expect([low, high]).toEqual([11_250, 18_750]);
  expect(pauseMs({ attempts: 1, retryAfterMs: 120_000 }, 0.5)).toBe(120_000);
});
