"use client";
import { useNow } from "../hooks/use-now.ts";
import { sayEnd } from "../notifications/quiet-times.ts";
import { useRealtime } from "../provider.tsx";
import { type ClearAfter, clearAfters, endLeft } from "./clear-after.ts";

/** Often enough for an end to be seen to pass. */
const renewMs = 30_000;

interface ClearChoiceProps {
  /** Absent: as it is set. */
  after: ClearAfter | undefined;
  /** When what is set clears; absent: it stays. */
  end: Date | undefined;
  onChange(after: ClearAfter | undefined): void;
}

/** Chooses when a status clears by itself, and shows when the one that is set does. */
export function ClearChoice({ after, end, onChange }: ClearChoiceProps) {
  const { labels, formats } = useRealtime();
  const now = useNow(renewMs);
  const left = endLeft(end, now);
  return (
    <label className="mrg-status-clear">
      {labels.clearAfter}
      <select
        className="mrg-input"
        value={after ?? (left ? "kept" : "never")}
        onChange={({ target: { value } }) => onChange(value === "kept" ? undefined : (value as ClearAfter))}
      >
        {left && <option value="kept">{labels.clearsAt(sayEnd(left, now, formats))}</option>}
        {clearAfters.map((each) => (
          <option key={each} value={each}>
            {labels.clearAfters[each]}
          </option>
        ))}
      </select>
    </label>
  );
}
