import type { Topic } from "../topics.ts";
import { type ChatItem, primaryStream, streamsOf } from "./items.ts";

/** A batch as `commit_chat_v1` takes it: its streams (the database puts them into the order of locking), and items that point into them. */
export interface EncodedBatch {
  streams: Topic[];
  items: string;
}

export interface BatchItem {
  item: ChatItem;
  /** Items of one pair keep their order: after a stale one the rest of the pair is stale too. */
  pair: string | undefined;
}

export function encodeBatch(batch: readonly BatchItem[]): EncodedBatch {
  const streams = [...new Set(batch.flatMap(({ item }) => streamsOf(item)))];
  const places = new Map(streams.map((stream, index) => [stream, index + 1]));
  const place = (stream: Topic): number => places.get(stream) ?? 0;
  const items = batch.map(({ item, pair }) => ({ pair, s: place(primaryStream(item)), ...encodeItem(item, place) }));
  return { streams, items: JSON.stringify(items) };
}

function encodeItem(item: ChatItem, place: (stream: Topic) => number): Record<string, unknown> {
  const at = "at" in item ? new Date(item.at).toISOString() : undefined;
  const base = { op: item.op, at, ...("fence" in item ? { f: item.fence } : {}) };
  switch (item.op) {
    case "send":
      return { ...base, ...encodeMentions(item, place), ...encodeSend(item) };
    case "edit":
      return {
        ...base,
        ...encodeMentions(item, place),
        id: item.messageId,
        user: item.userId,
        content: item.content,
        unmentioned: item.unmentioned,
      };
    case "delete":
      return { ...base, id: item.messageId };
    case "react":
      return { ...base, id: item.messageId, user: item.userId, emoji: item.emoji, on: item.on, max: item.maxEmoji };
    case "pin":
      return { ...base, id: item.messageId, on: item.on };
    case "rename":
      return { ...base, user: item.userId };
    case "mark":
      return { ...base, user: item.userId, room: item.roomId, seq: item.seq };
    case "member":
      return {
        ...base,
        u: place(`user:${item.userId}`),
        user: item.userId,
        role: item.role,
        kind: item.kind,
        expected: item.expected,
        invite: item.invite,
      };
    case "room":
      return {
        ...base,
        name: item.name,
        description: item.description,
        archivedAt: item.archivedAt === undefined ? undefined : new Date(item.archivedAt).toISOString(),
      };
    case "create":
      return { ...base, ...encodeCreate(item, place) };
  }
}

function encodeSend(item: Extract<ChatItem, { op: "send" }>): Record<string, unknown> {
  return {
    id: item.messageId,
    user: item.userId,
    username: item.username,
    type: item.type,
    content: item.content,
    metadata: item.metadata,
    nonce: item.nonce,
    hash: item.bodyHash,
    replyTo: item.replyTo,
    threadId: item.threadId,
  };
}

function encodeCreate(
  item: Extract<ChatItem, { op: "create" }>,
  place: (stream: Topic) => number,
): Record<string, unknown> {
  return {
    room: item.roomId,
    user: item.userId,
    name: item.name,
    type: item.type,
    description: item.description,
    directKey: item.directKey,
    people: item.people.map((person) => ({
      u: place(`user:${person.userId}`),
      user: person.userId,
      role: person.role,
    })),
  };
}

function encodeMentions(
  item: Extract<ChatItem, { op: "send" | "edit" }>,
  place: (stream: Topic) => number,
): Record<string, unknown> {
  const { notice } = item;
  return {
    mentions: item.mentions,
    mentioned: item.mentions?.users.length ? item.mentions.users : undefined,
    notify: item.notify.length
      ? item.notify.map((person) => ({
          u: place(`user:${person.userId}`),
          user: person.userId,
          id: person.notificationId,
        }))
      : undefined,
    notice: notice && {
      title: notice.title,
      content: notice.content,
      metadata: {
        roomId: notice.roomId,
        messageId: notice.messageId,
        mentionedBy: notice.mentionedBy,
        mentionedById: notice.mentionedById,
      },
    },
  };
}
