"use client";
import type { DocumentHandle } from "@mirage/client/documents";
import { useCallback, useSyncExternalStore } from "react";
import { Avatar } from "../avatar.tsx";
import { useRealtime } from "../provider.tsx";
import { useDocumentLabels } from "./use-document-labels.ts";

const shownCount = 4;

interface Editor {
  userId: string;
  username: string;
  color: string;
}

/** The others who have the document open, each once however many tabs they have. */
export function AvatarStack({ awareness }: Pick<DocumentHandle, "awareness">) {
  const words = useDocumentLabels();
  const others = useOthers(awareness);
  if (others.length === 0) return null;
  const rest = others.length - shownCount;
  return (
    <div
      className="mrg-doc-stack"
      role="img"
      aria-label={words.editorsNow(others.map(({ username }) => username).join(", "))}
      title={words.editorsNow(others.map(({ username }) => username).join(", "))}
    >
      {others.slice(0, shownCount).map(({ userId, color }) => (
        <span key={userId} style={{ borderColor: color }}>
          <Avatar userId={userId} size={26} />
        </span>
      ))}
      {rest > 0 && <b>+{rest}</b>}
    </div>
  );
}

function useOthers(awareness: DocumentHandle["awareness"]): readonly Editor[] {
  const { me } = useRealtime();
  const subscribe = useCallback(
    (listener: () => void) => {
      awareness.on("change", listener);
      return () => awareness.off("change", listener);
    },
    [awareness],
  );
  // A string, so that the same people are the same value.
  const read = useCallback(() => {
    const people = new Map<string, Editor>();
    for (const [clientId, state] of awareness.getStates()) {
      const { id, name, color } = (state.user ?? {}) as Record<string, unknown>;
      if (clientId === awareness.clientID || typeof id !== "string" || id === me.userId) continue;
      people.set(id, { userId: id, username: String(name), color: String(color) });
    }
    return JSON.stringify([...people.values()]);
  }, [awareness, me.userId]);
  return JSON.parse(useSyncExternalStore(subscribe, read, () => "[]")) as Editor[];
}
