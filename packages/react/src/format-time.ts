/** Times as people of this place write them. */
export interface TimeFormats {
  time(at: Date): string;
  exact(at: Date): string;
  day(at: Date, now: Date): string;
}

const dayMs = 24 * 60 * 60 * 1000;

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
  const date = new Intl.DateTimeFormat("en-CA", { ...zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return {
    time: (at) => clock.format(at),
    exact: (at) => full.format(at),
    day(at, now) {
      if (date.format(at) === date.format(now)) return words.today;
      if (date.format(at) === date.format(new Date(now.getTime() - dayMs))) return words.yesterday;
      return (at.getFullYear() === now.getFullYear() ? thisYear : otherYear).format(at);
    },
  };
}
