import type { Member, Message, Reaction, Role, Room, RoomType } from "@mirage/protocol";
import type { Change } from "../change.ts";

/** One row of `message_state`, straight or inside JSON. */
export interface MessageRow {
  id: string;
  room_id: string;
  user_id: string;
  username: string;
  seq: number;
  updated_seq: number;
  type: Message["type"];
  content: string;
  metadata: Record<string, unknown>;
  nonce: string | null;
  reply_to: string | null;
  thread_id: string | null;
  mentions: Message["mentions"] | null;
  attachments: Message["attachments"] | null;
  created_at: string | Date;
  edited_at: string | Date | null;
  deleted_at: string | Date | null;
  pinned_at: string | Date | null;
  reactions: Reaction[] | null;
}

/** One row of `member_state`. */
export interface MemberRow {
  room_id: string;
  user_id: string;
  role: Role | null;
  updated_seq: number;
  username: string;
  avatar_url: string | null;
}

/** One row of `room_state`. */
export interface RoomRow {
  id: string;
  name: string;
  type: RoomType;
  description: string | null;
  archived_at: string | Date | null;
  member_count: number;
  updated_seq: number;
}

export const isoTime = (instant: string | Date): string => new Date(instant).toISOString();

export function toMessage(row: MessageRow): Message {
  return {
    id: row.id,
    roomId: row.room_id,
    userId: row.user_id,
    username: row.username,
    content: row.content,
    type: row.type,
    metadata: row.metadata,
    timestamp: isoTime(row.created_at),
    edited: row.edited_at !== null,
    reactions: row.reactions ?? [],
    seq: row.seq,
    updatedSeq: row.updated_seq,
    ...(row.edited_at === null ? {} : { editedAt: isoTime(row.edited_at) }),
    ...(row.deleted_at === null ? {} : { deleted: true }),
    ...(row.nonce === null ? {} : { nonce: row.nonce }),
    ...(row.reply_to === null ? {} : { replyTo: row.reply_to }),
    ...(row.thread_id === null ? {} : { threadId: row.thread_id }),
    ...(row.mentions ? { mentions: row.mentions } : {}),
    ...(row.attachments?.length ? { attachments: row.attachments } : {}),
    ...(row.pinned_at === null ? {} : { pinned: true }),
  };
}

export function toRoom(row: Omit<RoomRow, "updated_seq">): Room {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    memberCount: row.member_count,
    ...(row.description === null ? {} : { description: row.description }),
    ...(row.archived_at === null ? {} : { archived: true }),
  };
}

export function toMember(row: MemberRow): Omit<Member, "status"> {
  return {
    userId: row.user_id,
    username: row.username,
    role: row.role,
    ...(row.avatar_url === null ? {} : { avatarUrl: row.avatar_url }),
  };
}

/** A message's own change at its last position. */
export function messageChange(message: Message): Change {
  const isNew = message.seq === message.updatedSeq;
  return {
    stream: `room:${message.roomId}`,
    position: message.updatedSeq,
    entity: `message:${message.id}`,
    ...(isNew ? { event: "chat_message", payload: message } : { event: "message_updated", payload: message }),
  };
}

/** All member changes of a room that share one position. */
export function membersChange(rows: MemberRow[], memberCount: number): Change | undefined {
  const [first] = rows;
  if (!first) return undefined;
  return {
    stream: `room:${first.room_id}`,
    position: first.updated_seq,
    entity: `members:${first.updated_seq}`,
    evicts: rows.filter((row) => row.role === null).map((row) => row.user_id),
    event: "member_updated",
    payload: { roomId: first.room_id, users: rows.map(toMember), memberCount, seq: first.updated_seq },
  };
}

export function roomChange(row: RoomRow): Change {
  return {
    stream: `room:${row.id}`,
    position: row.updated_seq,
    entity: "room",
    event: "room_updated",
    payload: { room: toRoom(row), seq: row.updated_seq },
  };
}
