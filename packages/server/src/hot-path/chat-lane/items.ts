import type { Attachment, Message, Role, RoomLevel } from "@mirage/protocol";
import type { Topic } from "../topics.ts";
import type { Notice, RoomJob, Withdrawal } from "./notices.ts";

interface MessageItem {
  roomId: string;
  messageId: string;
  userId: string;
  /** The room's fence when this was judged: another one at commit makes it `stale`. */
  fence: number;
}

interface Telling {
  notices: readonly Notice[];
  job?: RoomJob | undefined;
}

/** Everything the chat lane can commit: to rooms, and to people's own streams. Instants are milliseconds since 1970. */
export type ChatItem =
  | (MessageItem &
      Telling & {
        op: "send";
        mentions: Message["mentions"];
        username: string;
        type: Message["type"];
        content: string;
        metadata: Record<string, unknown>;
        nonce: string | undefined;
        bodyHash: string | undefined;
        replyTo: string | undefined;
        threadId: string | undefined;
        /** Files of the author that hang on nothing yet. */
        attachments?: readonly Attachment[];
        at: number;
      })
  | (MessageItem &
      Telling & {
        op: "edit";
        mentions: Message["mentions"];
        content: string;
        unmentioned: readonly string[];
        withdrawal: Withdrawal;
        at: number;
      })
  | (MessageItem & { op: "delete"; withdrawal: Withdrawal; job?: RoomJob | undefined; at: number })
  | (MessageItem &
      Telling & { op: "react"; emoji: string; on: boolean; maxEmoji: number; withdrawal?: Withdrawal; at: number })
  | (MessageItem & { op: "pin"; on: boolean; at: number })
  | { op: "mark"; roomId: string; userId: string; seq: number; at: number }
  | (Telling & {
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
    })
  /** A member's name or picture changed in `users`. */
  | { op: "rename"; roomId: string; userId: string }
  | { op: "room"; roomId: string; fence: number; name?: string; description?: string; archivedAt?: number }
  | (Telling & {
      op: "create";
      roomId: string;
      userId: string;
      name: string;
      type: string;
      description: string | undefined;
      directKey: string | undefined;
      people: readonly { userId: string; role: Role }[];
      at: number;
    })
  /** Tells people something that nothing else in the batch is the cause of; `userId` is one of them. */
  | (Telling & { op: "notify"; userId: string; at: number })
  /** People of a room job, and how far it has come with them; `userId` is the last one. */
  | (Telling & { op: "slice"; userId: string; withdrawal?: Withdrawal; progress: JobProgress; at: number })
  /** A person has read or deleted one notification, or read all. */
  | { op: "inbox"; userId: string; notificationId: string; change: "read" | "delete"; at: number }
  | { op: "read_all"; userId: string; at: number }
  /** How a person wants to be told: of everything, or of one room. What is absent stays, null is what is usual. */
  | { op: "prefer"; userId: string; overrides: Record<string, unknown> }
  | { op: "prefer"; userId: string; roomId: string; level?: RoomLevel | null; mutedUntil?: string | null };

/** How far a room job has come. The lease keeps other nodes off until then, in milliseconds since 1970. */
export interface JobProgress {
  jobId: string;
  afterUserId: string;
  toldCount: number;
  leasedUntil: number;
}

/** What became of one item. */
export type ChatOutcome =
  | {
      status: "ok";
      seq?: number;
      roomId?: string;
      message?: Message;
      marker?: Marker;
      /** Of a notification that was read: when. */
      readAt?: string;
      /** Unread notifications of the person whose own stream was changed. */
      unreadCount?: number;
    }
  | { status: "duplicate"; message: Message }
  | {
      status:
        | "stale"
        | "not_found"
        | "nonce_conflict"
        | "reference_not_found"
        | "file_not_found"
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
  switch (item.op) {
    case "mark":
    case "create":
    case "notify":
    case "slice":
    case "inbox":
    case "read_all":
    case "prefer":
      return userStream(item.userId);
    default:
      return `room:${item.roomId}`;
  }
}

/** Every stream an item may write to: all of them are locked before anything is read. */
export function streamsOf(item: ChatItem): Topic[] {
  const streams: Topic[] = [primaryStream(item)];
  if (item.op === "member") streams.push(userStream(item.userId));
  if (item.op === "create") streams.push(...item.people.map(({ userId }) => userStream(userId)));
  // A change of what is told of a room raises its fence.
  if (item.op === "prefer" && "roomId" in item) streams.push(`room:${item.roomId}`);
  if ("notices" in item) {
    for (const { people } of item.notices) for (const { userId } of people) streams.push(userStream(userId));
  }
  if ("withdrawal" in item && item.withdrawal) streams.push(...item.withdrawal.userIds.map(userStream));
  return streams;
}

const userStream = (userId: string): Topic => `user:${userId}`;
