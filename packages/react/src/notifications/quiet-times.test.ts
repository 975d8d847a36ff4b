import { expect, it } from "vitest";
import { createTimeFormats } from "../format-time.ts";
import { quietLeft, quietUntil, sayEnd } from "./quiet-times.ts";

const now = new Date("2026-02-28T22:30:00");

it("[FACE-19] a quiet time ends when it says, tomorrow in the morning of this place, or never", () => {
  expect(quietUntil("15m", now)).toBe(new Date("2026-02-28T22:45:00").toISOString());
  expect(quietUntil("8h", now)).toBe(new Date("2026-03-01T06:30:00").toISOString());
  expect(quietUntil("tomorrow", now)).toBe(new Date("2026-03-01T08:00:00").toISOString());
  expect(quietLeft(quietUntil("always", now), now)).toBe("always");
  expect(quietLeft(quietUntil("1h", now), now)).toEqual(new Date("2026-02-28T23:30:00"));
  expect(quietLeft(now.toISOString(), now)).toBeUndefined();
  expect(quietLeft(undefined, now)).toBeUndefined();
});

it("[FACE-19] the end of a quiet time is said with its day, unless that is today", () => {
  const formats = createTimeFormats({ today: "Today", yesterday: "Yesterday" }, { locale: "en-GB" });
  expect(sayEnd(new Date("2026-02-28T23:30:00"), now, formats)).toBe("23:30");
  expect(sayEnd(new Date("2026-03-01T08:00:00"), now, formats)).toBe("Sun 1 Mar, 08:00");
});
