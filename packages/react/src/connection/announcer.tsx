"use client";
import type { RoomState } from "@mirage/client";
import type { Message } from "@mirage/protocol";
import { useEffect, useRef, useState } from "react";
import { summariseMessage } from "../content/summarise-message.ts";
import { useRealtime } from "../provider.tsx";

/** A screen reader is spoken to at most this often. */
const announceEveryMs = 1_000;
const excerptLength = 200;

/** Reads new messages of others aloud, politely; what is loaded from history stays silent. */
export function Announcer({ state }: { state: RoomState }) {
  const { me, labels } = useRealtime();
  const [text, setText] = useState("");
  const waiting = useRef<Message[]>([]);
  const lastSeq = useRef<number>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const roomName = state.room?.name ?? "";

  useEffect(() => {
    if (state.status !== "ready" || state.hasMoreAfter) return;
    const newest = state.items.reduce((seq, { message }) => Math.max(seq, message.seq), 0);
    const since = lastSeq.current;
    lastSeq.current = Math.max(newest, since ?? 0);
    if (since === undefined) return;
    const isNew = ({ message }: RoomState["items"][number]) =>
      message.seq > since && message.userId !== me.userId && !message.deleted;
    waiting.current.push(...state.items.filter(isNew).map(({ message }) => message));
    if (waiting.current.length === 0 || timer.current !== undefined) return;
    const speak = () => {
      const [first, ...more] = waiting.current.splice(0);
      timer.current = first ? setTimeout(speak, announceEveryMs) : undefined;
      if (!first) return;
      if (more.length > 0) setText(labels.announceMany(more.length + 1, roomName));
      else setText(labels.announce(first.username, roomName, summariseMessage(first).slice(0, excerptLength)));
    };
    speak();
  }, [state, me.userId, labels, roomName]);

  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <div className="mrg-hidden" role="log" aria-live="polite">
      {text}
    </div>
  );
}
