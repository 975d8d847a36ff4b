"use client";
import type { Notification } from "@mirage/protocol";
import { useRouter } from "next/navigation";
import { useCallback } from "react";
import { messagePath, roomPath } from "../rooms/room-path.ts";

/** Address of what a notification tells of: the message, or its room; undefined where it names neither. */
export function notificationPath({ metadata: { roomId, messageId, seq } }: Notification): string | undefined {
  if (typeof roomId !== "string") return undefined;
  const position = typeof seq === "number" ? seq : undefined;
  return typeof messageId === "string" ? messagePath(roomId, messageId, position) : roomPath(roomId);
}

/** Goes to what a notification tells of, where there is such a place. */
export function useOpenNotification(): (notification: Notification) => void {
  const router = useRouter();
  return useCallback(
    (notification) => {
      const path = notificationPath(notification);
      if (path !== undefined) router.push(path);
    },
    [router],
  );
}
