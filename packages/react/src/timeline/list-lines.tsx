"use client";
import type { OwnRoom } from "@mirage/protocol";
import { useRealtime } from "../provider.tsx";

/** Between two days. */
export function DayLine({ at }: { at: Date }) {
  const { formats } = useRealtime();
  return (
    <div className="mrg-day">
      <span>{formats.day(at, new Date())}</span>
    </div>
  );
}

/** Above the first message that was new when the room was opened. */
export function NewLine() {
  const { labels } = useRealtime();
  return (
    <div className="mrg-new">
      <span>{labels.newMessages}</span>
    </div>
  );
}

/** Above the very first message. */
export function RoomStart({ room }: { room: OwnRoom | undefined }) {
  const { labels } = useRealtime();
  if (!room) return null;
  return (
    <div className="mrg-start">
      <h2 dir="auto">{labels.roomStart(room.name)}</h2>
      <p dir="auto">{room.description || (room.type === "direct" ? labels.directStartHint : labels.roomStartHint)}</p>
    </div>
  );
}

const skeletonWidths = [72, 46, 88, 60, 34, 80];

/** Shown while a room loads for the first time; its style keeps it invisible for the first 150 ms. */
export function Skeleton() {
  const { labels } = useRealtime();
  return (
    <div className="mrg-skeleton" role="status" aria-label={labels.loading}>
      {skeletonWidths.map((width) => (
        <div key={width} className="mrg-skeleton-row">
          <i />
          <div>
            <b style={{ width: "7rem" }} />
            <b style={{ width: `${width}%` }} />
          </div>
        </div>
      ))}
    </div>
  );
}
