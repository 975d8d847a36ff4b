import type { TimeFormats } from "../format-time.ts";

/** How long a room is muted, and how long somebody does not want to be disturbed. */
export const muteFors = ["15m", "1h", "8h", "tomorrow", "always"] as const;
export type MuteFor = (typeof muteFors)[number];
export const quietFors = ["30m", "1h", "4h", "tomorrow", "always"] as const;
export type QuietFor = (typeof quietFors)[number];

const minutes = { "15m": 15, "30m": 30, "1h": 60, "4h": 240, "8h": 480 };
/** Tomorrow begins when people get up. */
const morningHour = 8;
/** The last instant that the server can keep stands for no end. */
const endless = "9999-12-31T23:59:59.000Z";

/** The instant, as ISO 8601, at which a quiet time that begins now is over. */
export function quietUntil(quiet: MuteFor | QuietFor, now: Date): string {
  if (quiet === "always") return endless;
  if (quiet !== "tomorrow") return new Date(now.getTime() + minutes[quiet] * 60_000).toISOString();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, morningHour).toISOString();
}

/** What is left of a quiet time: until when, without an end, or nothing. */
export function quietLeft(until: string | undefined, now: Date): Date | "always" | undefined {
  if (until === undefined) return undefined;
  const end = new Date(until);
  if (end.getTime() <= now.getTime()) return undefined;
  return end.getUTCFullYear() >= 9999 ? "always" : end;
}

/** When a quiet time ends, with its day where that is not today. */
export function sayEnd(end: Date, now: Date, formats: Pick<TimeFormats, "briefDay" | "time">): string {
  const day = formats.briefDay(end);
  return day === formats.briefDay(now) ? formats.time(end) : `${day}, ${formats.time(end)}`;
}

/** Often enough for a quiet time to be seen to end. */
export const renewQuietMs = 30_000;
