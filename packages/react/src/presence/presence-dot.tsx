"use client";
import type { PresenceStatus } from "@mirage/protocol";
import { useRealtime } from "../provider.tsx";

/** A mark whose shape alone says how somebody is; its word is there for screen readers. */
export function PresenceDot({ status }: { status: PresenceStatus }) {
  const { labels } = useRealtime();
  return (
    <span className="mrg-presence" data-status={status}>
      <svg viewBox="0 0 12 12" aria-hidden>
        {shapes[status]}
      </svg>
      <span className="mrg-hidden">{labels.presence[status]}</span>
    </span>
  );
}

const shapes: Record<PresenceStatus, React.ReactNode> = {
  online: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  away: <path d="M7.5 1.2A5 5 0 1 0 10.8 7.8 4.6 4.6 0 0 1 7.5 1.2Z" fill="currentColor" />,
  dnd: (
    <>
      <circle cx="6" cy="6" r="5" fill="currentColor" />
      <path d="M3.4 6h5.2" stroke="var(--mrg-surface)" strokeWidth="1.7" strokeLinecap="round" />
    </>
  ),
  offline: <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="2" />,
};
