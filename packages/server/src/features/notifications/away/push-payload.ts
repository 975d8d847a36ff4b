import { createHash } from "node:crypto";
import { limits, type PushPayload } from "@mirage/protocol";
import type { Push } from "../../../ports/push-sender.ts";
import type { UnreadNotification } from "./deliveries.store.ts";
import { placeOf } from "./place-of.ts";

/** What a device shows of a subject: its newest unread notification, in place of what it showed of it before. */
export function pushOf(subject: string, newest: UnreadNotification, unreadCount: number): Push {
  const payload: PushPayload = {
    title: newest.title,
    body: [...newest.content].slice(0, limits.pushTextCodePoints).join(""),
    url: placeOf(newest),
    tag: subject,
    unreadCount,
  };
  return { payload: JSON.stringify(payload), topic: topicOf(subject), isUrgent: newest.isUrgent };
}

/** What tells a device that nothing of a subject is unread any more. What still waits for it of that subject is void. */
export function closingOf(subject: string, unreadCount: number): Push {
  const payload: PushPayload = { close: subject, unreadCount };
  return { payload: JSON.stringify(payload), topic: topicOf(subject), isUrgent: false };
}

/** At most 32 characters, and nothing that a push service could read. */
function topicOf(subject: string): string {
  return createHash("sha256").update(subject).digest("base64url").slice(0, 32);
}
