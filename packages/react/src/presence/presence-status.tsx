"use client";
import type { Presence } from "@mirage/protocol";
import { Suspense, useState } from "react";
import { useConnection } from "../hooks/use-connection.ts";
import { usePresence } from "../hooks/use-presence.ts";
import { lazyPart } from "../lazy-part.ts";
import { LazyPopover } from "../lazy-popover.tsx";
import { useRealtime } from "../provider.tsx";
import { PresenceDot } from "./presence-dot.tsx";

const StatusForm = lazyPart(() => import("./status-form.tsx").then((module) => module.StatusForm));

/** One's own status: how one is seen, and the place to choose it. */
export function PresenceStatus() {
  const { me, labels } = useRealtime();
  const presence = usePresence(me.userId);
  const isOnline = useConnection().status === "online";
  const [isOpen, setIsOpen] = useState(false);
  return (
    <LazyPopover
      trigger={
        <button type="button" className="mrg-status" disabled={!isOnline}>
          <PresenceWords presence={isOnline ? presence : undefined} />
          <span className="mrg-hidden">, {labels.setStatus}</span>
        </button>
      }
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      className="mrg-status-popover"
      align="start"
      side="top"
      label={labels.setStatus}
    >
      <Suspense fallback={<p className="mrg-notes-empty">{labels.loading}</p>}>
        <StatusForm presence={presence} onDone={() => setIsOpen(false)} />
      </Suspense>
    </LazyPopover>
  );
}

/** Whoever is connected and seen as offline has chosen to be. */
function PresenceWords({ presence }: { presence: Presence | undefined }) {
  const { labels } = useRealtime();
  if (!presence) return <span className="mrg-status-words">{labels.connecting}</span>;
  const { status, text, emoji } = presence;
  const word = status === "offline" ? labels.invisible : labels.presence[status];
  return (
    <>
      <span aria-hidden>
        <PresenceDot status={status} />
      </span>
      <span className="mrg-status-words" dir="auto">
        {emoji && `${emoji} `}
        {text ?? word}
        {text && <span className="mrg-hidden"> ({word})</span>}
      </span>
    </>
  );
}
