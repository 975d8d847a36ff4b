/** Times as people of this place write them. */
export interface TimeFormats {
  time(at: Date): string;
  exact(at: Date): string;
  day(at: Date, now: Date): string;
  /** A day to come, in few letters. */
  briefDay(at: Date): string;
  /** How long ago, in whole minutes or hours: for what is of this day. */
  ago(at: Date, now: Date): string;
}

const minuteMs = 60 * 1000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Makes the formats of a locale and time zone; absent: those of the browser. */
export function createTimeFormats(
  words: { today: string; yesterday: string },
  place: { locale?: string | undefined; timeZone?: string | undefined } = {},
): TimeFormats {
  const zone = place.timeZone === undefined ? {} : { timeZone: place.timeZone };
  const clock = new Intl.DateTimeFormat(place.locale, { ...zone, hour: "2-digit", minute: "2-digit" });
  const full = new Intl.DateTimeFormat(place.locale, { ...zone, dateStyle: "full", timeStyle: "medium" });
  const thisYear = new Intl.DateTimeFormat(place.locale, { ...zone, weekday: "long", day: "numeric", month: "long" });
  const otherYear = new Intl.DateTimeFormat(place.locale, { ...zone, day: "numeric", month: "long", year: "numeric" });
  const brief = new Intl.DateTimeFormat(place.locale, { ...zone, weekday: "short", day: "numeric", month: "short" });
  const date = new Intl.DateTimeFormat("en-CA", { ...zone, year: "numeric", month: "2-digit", day: "2-digit" });
  const relative = new Intl.RelativeTimeFormat(place.locale, { numeric: "auto", style: "short" });
  return {
    time: (at) => clock.format(at),
    exact: (at) => full.format(at),
    day(at, now) {
      if (date.format(at) === date.format(now)) return words.today;
      if (date.format(at) === date.format(new Date(now.getTime() - dayMs))) return words.yesterday;
      return (at.getFullYear() === now.getFullYear() ? thisYear : otherYear).format(at);
    },
    briefDay: (at) => brief.format(at),
    ago(at, now) {
      // The clocks of a server and a device differ: nothing is told of the future.
      const agoMs = Math.max(0, now.getTime() - at.getTime());
      if (agoMs < minuteMs) return relative.format(0, "second");
      if (agoMs < hourMs) return relative.format(-Math.floor(agoMs / minuteMs), "minute");
      return relative.format(-Math.floor(agoMs / hourMs), "hour");
    },
  };
}
