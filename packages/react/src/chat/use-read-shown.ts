"use client";
import { useEffect } from "react";
import { useRealtime } from "../provider.tsx";

/** Who is led to a message has read what was told of it, once, as soon as that is known. */
export function useReadShown(messageId: string | undefined): void {
  const { notifications } = useRealtime().realtime;
  useEffect(() => {
    if (messageId === undefined) return;
    let end: (() => void) | undefined;
    const read = () => {
      const { status, notifications: listed } = notifications.state.get();
      if (status !== "ready") return;
      end?.();
      for (const { id, read, metadata } of listed) {
        // What could not be marked is still in the list.
        if (!read && metadata.messageId === messageId) notifications.markRead(id).catch(() => undefined);
      }
    };
    end = notifications.state.subscribe(read);
    read();
    return end;
  }, [notifications, messageId]);
}
