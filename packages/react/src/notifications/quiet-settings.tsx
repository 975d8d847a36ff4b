"use client";
import type { DoNotDisturb, QuietHours } from "@mirage/protocol";
import { useNow } from "../hooks/use-now.ts";
import { useRealtime } from "../provider.tsx";
import { type QuietFor, quietFors, quietLeft, quietUntil, renewQuietMs, sayEnd } from "./quiet-times.ts";
import { usePreferenceLabels } from "./use-preferences.ts";

const everyDay = [0, 1, 2, 3, 4, 5, 6];

interface QuietProps {
  value: DoNotDisturb;
  onChange(value: DoNotDisturb): void;
}

/** When nothing is to sound or pop up: from now on, and at hours that come back. */
export function QuietSettings({ value, onChange }: QuietProps) {
  const { formats } = useRealtime();
  const words = usePreferenceLabels();
  const { schedule } = value;
  const now = useNow(renewQuietMs);
  const left = value.until === undefined ? "always" : quietLeft(value.until, now);
  const chosen = !value.isOn || left === undefined ? "off" : left === "always" ? "always" : "until";
  const kept = schedule ? { schedule } : {};
  const choose = (quiet: string) => {
    if (quiet === "off") onChange({ isOn: false, ...kept });
    else if (quiet === "always") onChange({ isOn: true, ...kept });
    else onChange({ isOn: true, until: quietUntil(quiet as QuietFor, new Date()), ...kept });
  };
  const setSchedule = (next: QuietHours | undefined) => {
    const { schedule: _old, ...rest } = value;
    onChange(next ? { ...rest, schedule: next } : rest);
  };
  return (
    <section>
      <h3>{words.quietTitle}</h3>
      <p>{words.quietHint}</p>
      <label className="mrg-settings-line">
        {words.quiet}
        <select className="mrg-input" value={chosen} onChange={(event) => choose(event.target.value)}>
          <option value="off">{words.quietFors.off}</option>
          {left instanceof Date && <option value="until">{words.quietUntil(sayEnd(left, now, formats))}</option>}
          {quietFors.map((each) => (
            <option key={each} value={each}>
              {words.quietFors[each]}
            </option>
          ))}
        </select>
      </label>
      <label className="mrg-settings-check">
        <input
          type="checkbox"
          checked={schedule !== undefined}
          onChange={(event) => setSchedule(event.target.checked ? usualHours() : undefined)}
        />
        {words.schedule}
      </label>
      {schedule && <Hours value={schedule} onChange={setSchedule} />}
    </section>
  );
}

function Hours({ value, onChange }: { value: QuietHours; onChange(value: QuietHours): void }) {
  const words = usePreferenceLabels();
  const toggle = (day: number) => {
    const days = value.days.includes(day) ? value.days.filter((one) => one !== day) : [...value.days, day].sort();
    onChange({ ...value, days });
  };
  const setTime = (edge: "from" | "to", time: string) => {
    // A field that is being typed into is empty in between.
    if (time !== "") onChange({ ...value, [edge]: time });
  };
  return (
    <div className="mrg-settings-hours">
      {(["from", "to"] as const).map((edge) => (
        <label key={edge} className="mrg-settings-line">
          {words[edge]}
          <input
            type="time"
            className="mrg-input"
            value={value[edge]}
            onChange={(event) => setTime(edge, event.target.value)}
          />
        </label>
      ))}
      <fieldset className="mrg-settings-days">
        <legend>{words.days}</legend>
        {everyDay.map((day) => (
          <label key={day} className="mrg-settings-check">
            <input type="checkbox" checked={value.days.includes(day)} onChange={() => toggle(day)} />
            {nameDay(day)}
          </label>
        ))}
      </fieldset>
    </div>
  );
}

function usualHours(): QuietHours {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return { from: "22:00", to: "07:00", days: everyDay, timeZone };
}

/** Any Sunday, and the days after it. */
function nameDay(day: number): string {
  return new Intl.DateTimeFormat(undefined, { weekday: "short" }).format(new Date(2026, 2, 1 + day));
}
