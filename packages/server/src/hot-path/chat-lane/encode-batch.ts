import type { Topic } from "../topics.ts";
import { encodeJobs, encodeNotices, encodeWithdrawals, knownIds } from "./encode-notices.ts";
import { type ChatItem, primaryStream, streamsOf } from "./items.ts";
import { planSteps } from "./plan-steps.ts";

/** A batch as `commit_chat_v1` takes it: its streams (the database puts them into the order of locking), and steps whose items point into them. */
export interface EncodedBatch {
  streams: Topic[];
  steps: string;
}

export interface BatchItem {
  item: ChatItem;
  /** Items of one pair keep their order: after a stale one the rest of the pair is stale too. */
  pair: string | undefined;
}

export function encodeBatch(batch: readonly BatchItem[]): EncodedBatch {
  const places = new Map<Topic, number>();
  for (const { item } of batch) {
    for (const stream of streamsOf(item)) if (!places.has(stream)) places.set(stream, places.size + 1);
  }
  const place = (stream: Topic): number => places.get(stream) ?? 0;
  const items = batch.map(({ item }) => item);
  const steps = planSteps(items).map(({ op, indexes }) => ({
    op,
    items: indexes.map((i) => encodeEntry(batch[i], i, place)),
    notices: encodeNotices(items, indexes, place),
    withdrawals: encodeWithdrawals(items, indexes, place),
    jobs: encodeJobs(items, indexes),
    files: filesOf(items, indexes),
  }));
  return { streams: [...places.keys()], steps: JSON.stringify(steps) };
}

function encodeEntry(entry: BatchItem | undefined, i: number, place: (stream: Topic) => number) {
  if (!entry) throw new Error("a step names an item that is not in its batch");
  const { item, pair } = entry;
  return { i, pair, s: place(primaryStream(item)), ...encodeItem(item, place) };
}

function encodeItem(item: ChatItem, place: (stream: Topic) => number): Record<string, unknown> {
  const at = "at" in item ? new Date(item.at).toISOString() : undefined;
  const base = { op: item.op, at, ...("fence" in item ? { f: item.fence } : {}) };
  switch (item.op) {
    case "send":
      return { ...base, ...encodeMentions(item), ...encodeSend(item) };
    case "edit":
      return {
        ...base,
        ...encodeMentions(item),
        id: item.messageId,
        user: item.userId,
        content: item.content,
        unmentioned: item.unmentioned,
        known: knownIds(item),
      };
    case "delete":
      return { ...base, id: item.messageId, known: knownIds(item) };
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
    case "notify":
      return base;
    case "slice":
      return { ...base, ...item.progress, leasedUntil: new Date(item.progress.leasedUntil).toISOString() };
    case "inbox":
      return { ...base, user: item.userId, id: item.notificationId, change: item.change };
    case "read_all":
      return { ...base, user: item.userId };
    case "prefer":
      return { ...base, user: item.userId, ...encodePreferences(item, place) };
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
    attachments: item.attachments,
    files: item.attachments?.map(({ id }) => id),
  };
}

/** The files that a step hangs on messages: locked before it, so that no two messages get one; undefined for none. */
function filesOf(batch: readonly ChatItem[], indexes: readonly number[]): string[] | undefined {
  const ids: string[] = [];
  for (const i of indexes) {
    const item = batch[i];
    if (item?.op === "send") for (const { id } of item.attachments ?? []) ids.push(id);
  }
  return ids.length > 0 ? ids : undefined;
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

function encodePreferences(
  item: Extract<ChatItem, { op: "prefer" }>,
  place: (stream: Topic) => number,
): Record<string, unknown> {
  if ("overrides" in item) return { overrides: item.overrides };
  const { roomId, level, mutedUntil } = item;
  return { room: roomId, r: place(`room:${roomId}`), level, mutedUntil };
}

function encodeMentions({ mentions }: Extract<ChatItem, { op: "send" | "edit" }>): Record<string, unknown> {
  return { mentions, mentioned: mentions?.users.length ? mentions.users : undefined };
}
