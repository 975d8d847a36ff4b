import type { Message, Role } from "@mirage/protocol";
import type { Topic } from "../topics.ts";

/** A person to be told, and the notification's id should it be new. */
export interface Notify {
  userId: string;
  notificationId: string;
}

/** What a mention tells the person mentioned. */
export interface MentionNotice {
  roomId: string;
  messageId: string;
  mentionedBy: string;
  mentionedById: string;
  content: string;
  title: string;
}

interface MessageItem {
  roomId: string;
  messageId: string;
  userId: string;
  /** The room's fence when this was judged: another one at commit makes it `stale`. */
  fence: number;
}

interface Mentioning {
  mentions: Message["mentions"];
  notify: readonly Notify[];
  notice: MentionNotice | undefined;
}

/** Everything the chat lane can commit: to rooms, and to people's own streams. Instants are milliseconds since 1970. */
export type ChatItem =
  | (MessageItem &
      Mentioning & {
        op: "send";
        username: string;
        type: Message["type"];
        content: string;
        metadata: Record<string, unknown>;
        nonce: string | undefined;
        bodyHash: string | undefined;
        replyTo: string | undefined;
        threadId: string | undefined;
        at: number;
      })
  | (MessageItem & Mentioning & { op: "edit"; content: string; unmentioned: readonly string[]; at: number })
  | (MessageItem & { op: "delete"; at: number })
  | (MessageItem & { op: "react"; emoji: string; on: boolean; maxEmoji: number })
  | (MessageItem & { op: "pin"; on: boolean; at: number })
  | { op: "mark"; roomId: string; userId: string; seq: number }
  | {
      op: "member";
      roomId: string;
      userId: string;
      role: Role | null;
      /** `join` changes nothing for a member; `change` demands that the role is still the one that was judged. */
      kind: "join" | "change";
      expected?: Role | null;
      invite?: string;
      fence: number;
      at: number;
    }
  /** A member's name or picture changed in `users`. */
  | { op: "rename"; roomId: string; userId: string }
  | { op: "room"; roomId: string; fence: number; name?: string; description?: string; archivedAt?: number }
  | {
      op: "create";
      roomId: string;
      userId: string;
      name: string;
      type: string;
      description: string | undefined;
      directKey: string | undefined;
      people: readonly { userId: string; role: Role }[];
      at: number;
    };

/** What became of one item. */
export type ChatOutcome =
  | { status: "ok"; seq?: number; roomId?: string; message?: Message; marker?: Marker }
  | { status: "duplicate"; message: Message }
  | {
      status:
        | "stale"
        | "not_found"
        | "nonce_conflict"
        | "reference_not_found"
        | "too_many"
        | "last_owner"
        | "invite_void";
    };

export interface Marker {
  seq: number;
  unread: number;
  mentions: number;
}

/** The stream an item is numbered and fenced on. */
export function primaryStream(item: ChatItem): Topic {
  return item.op === "mark" || item.op === "create" ? `user:${item.userId}` : `room:${item.roomId}`;
}

/** Every stream an item may write to: all of them are locked before anything is read. */
export function streamsOf(item: ChatItem): Topic[] {
  const streams: Topic[] = [primaryStream(item)];
  if (item.op === "member") streams.push(`user:${item.userId}`);
  if (item.op === "create") streams.push(...item.people.map((person): Topic => `user:${person.userId}`));
  if (item.op === "send" || item.op === "edit") {
    streams.push(...item.notify.map((person): Topic => `user:${person.userId}`));
  }
  return streams;
}
