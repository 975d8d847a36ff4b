"use client";
import { type RoomLevel, roomLevels } from "@mirage/protocol";
import { useNow } from "../hooks/use-now.ts";
import { useRealtime } from "../provider.tsx";
import { type MuteFor, muteFors, quietLeft, quietUntil, renewQuietMs, sayEnd } from "./quiet-times.ts";
import { usePreferenceLabels, usePreferences } from "./use-preferences.ts";

/** How one wants to be told of one room: its level, and a mute that ends by itself. */
export function RoomNotifications({ roomId }: { roomId: string }) {
  const { labels, formats } = useRealtime();
  const words = usePreferenceLabels();
  const { preferences, rooms, error, changeRoom, refusal } = usePreferences();
  const failure = refusal ?? error;
  const { level = null, mutedUntil } = rooms.get(roomId) ?? {};
  const now = useNow(renewQuietMs);
  const left = quietLeft(mutedUntil, now);
  const kept = mutedUntil === undefined ? {} : { mutedUntil };
  const setMute = (mute: string) =>
    changeRoom({ roomId, level, ...(mute === "off" ? {} : { mutedUntil: quietUntil(mute as MuteFor, new Date()) }) });
  const setLevel = (next: string) =>
    changeRoom({ roomId, level: next === "usual" ? null : (next as RoomLevel), ...kept });
  return (
    <fieldset className="mrg-settings" disabled={!preferences}>
      <legend>{words.roomTitle}</legend>
      {failure !== undefined && <p role="alert">{labels.actionFailed(failure)}</p>}
      <label className="mrg-settings-line">
        {words.level}
        <select className="mrg-input" value={level ?? "usual"} onChange={(event) => setLevel(event.target.value)}>
          {(["usual", ...roomLevels] as const).map((each) => (
            <option key={each} value={each}>
              {words.levels[each]}
            </option>
          ))}
        </select>
      </label>
      <label className="mrg-settings-line">
        {words.mute}
        <select
          className="mrg-input"
          value={left === undefined ? "off" : left === "always" ? "always" : "until"}
          onChange={(event) => setMute(event.target.value)}
        >
          <option value="off">{words.mutes.off}</option>
          {left instanceof Date && <option value="until">{words.mutedUntil(sayEnd(left, now, formats))}</option>}
          {muteFors.map((each) => (
            <option key={each} value={each}>
              {words.mutes[each]}
            </option>
          ))}
        </select>
      </label>
    </fieldset>
  );
}
