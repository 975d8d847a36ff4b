"use client";
import type { Presence } from "@mirage/protocol";
import { Popover } from "radix-ui";
import { useState } from "react";
import { useConnection } from "../hooks/use-connection.ts";
import { usePresence } from "../hooks/use-presence.ts";
import { useRealtime } from "../provider.tsx";
import { PresenceDot } from "./presence-dot.tsx";
import { StatusForm } from "./status-form.tsx";

/** One's own status: how one is seen, and the place to choose it. */
export function PresenceStatus() {
  const { me, labels } = useRealtime();
  const presence = usePresence(me.userId);
  const isOnline = useConnection().status === "online";
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Popover.Root open={isOpen} onOpenChange={setIsOpen}>
      <Popover.Trigger asChild>
        <button type="button" className="mrg-status" disabled={!isOnline}>
          <PresenceWords presence={isOnline ? presence : undefined} />
          <span className="mrg-hidden">, {labels.setStatus}</span>
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="mrg-popover mrg-layer mrg-status-popover"
          align="start"
          side="top"
          sideOffset={6}
          collisionPadding={8}
          aria-label={labels.setStatus}
        >
          <StatusForm presence={presence} onDone={() => setIsOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
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
