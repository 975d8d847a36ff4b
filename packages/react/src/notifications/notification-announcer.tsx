"use client";
import { useEffect, useRef, useState } from "react";
import { useRealtime } from "../provider.tsx";

/** A screen reader is spoken to at most this often. */
const announceEveryMs = 1_000;

/** Reads new notifications aloud, politely; the list's history stays silent, and so does the room that is open. */
export function NotificationAnnouncer({ activeRoomId }: { activeRoomId: string | undefined }) {
  const { realtime, labels } = useRealtime();
  const [text, setText] = useState("");
  const waiting = useRef<{ title: string; content: string }[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    const speak = () => {
      const [first, ...more] = waiting.current.splice(0);
      timer.current = first ? setTimeout(speak, announceEveryMs) : undefined;
      if (!first) return;
      if (more.length > 0) setText(labels.announceNotifications(more.length + 1));
      else setText(labels.announceNotification(first.title, first.content));
    };
    return realtime.on("notification", (notification) => {
      // The conversation announces its own messages.
      if (activeRoomId !== undefined && notification.metadata.roomId === activeRoomId) return;
      waiting.current.push(notification);
      if (timer.current === undefined) speak();
    });
  }, [realtime, labels, activeRoomId]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <span className="mrg-hidden" role="status">
      {text}
    </span>
  );
}
