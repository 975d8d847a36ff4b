import type { Message } from "@mirage/protocol";
import type { Change } from "../change.ts";
import type { Topic } from "../topics.ts";
import type { BatchItem } from "./encode-batch.ts";
import type { ChatItem, ChatOutcome } from "./items.ts";
import { type OwnRows, ownChanges } from "./notification-rows.ts";
import {
  isoTime,
  type MemberRow,
  type MessageRow,
  membersChange,
  messageChange,
  type RoomRow,
  roomChange,
  toMessage,
  toRoom,
} from "./rows.ts";

/** What `commit_chat_v1` returns. `i` is an item's index in the batch; `s` counts the batch's streams from 1. */
export interface CommitResult {
  results: ItemResult[];
  changes: RawChange[];
  messages: MessageRow[] | null;
  markers: RawMarker[] | null;
  members: MemberRow[] | null;
  rooms: RoomRow[] | null;
  /** Whose notifications or preferences changed, with what changed of them. */
  own: OwnRows | null;
}

interface ItemResult {
  i: number;
  status: ChatOutcome["status"];
  seq?: number | null;
  id?: string | null;
  readAt?: string | null;
}

type RawChange =
  | { kind: "marker"; s: number; room: string }
  | { kind: "membership"; s: number; seq: number; room: string; role: string | null };

interface RawMarker {
  s: number;
  roomId: string;
  userSeq: number;
  seq: number;
  unread: number;
  mentions: number;
}

export interface DecodedBatch {
  outcomes: ChatOutcome[];
  /** In order of position within each stream. */
  changes: Change[];
}

/** Turns the database's answer into an outcome for each item and the changes of each stream. */
export function decodeBatch(
  batch: readonly BatchItem[],
  streams: readonly Topic[],
  result: CommitResult,
): DecodedBatch {
  const answers: ItemResult[] = [];
  for (const answer of result.results) answers[answer.i] = answer;
  const messages = new Map((result.messages ?? []).map((row) => [row.id, toMessage(row)]));
  const changed = new Set<Message>();
  const hasRoomChanged = new Set<string>();
  for (const [i, { item }] of batch.entries()) {
    const answer = answers[i];
    if (answer?.status !== "ok") continue;
    if (item.op === "room") hasRoomChanged.add(item.roomId);
    if (!("messageId" in item)) continue;
    const message = messages.get(item.messageId) ?? sentMessage(item, answer.seq);
    messages.set(message.id, message);
    changed.add(message);
  }
  const all = [
    ...[...changed].map(messageChange),
    ...memberChanges(result),
    ...(result.rooms ?? []).filter((row) => hasRoomChanged.has(row.id)).map(roomChange),
    ...userChanges(streams, result),
    ...ownChanges(result.own),
  ];
  return {
    outcomes: batch.map(({ item }, i) => outcomeOf(item, { result, answer: answers[i], messages, streams })),
    changes: all.sort((a, b) => a.position - b.position),
  };
}

/** A message as the database would read it back, from what was just written. */
function sentMessage(item: ChatItem, seq: number | null | undefined): Message {
  if (item.op !== "send" || seq == null) throw new Error("a changed message was not read back");
  return toMessage({
    id: item.messageId,
    room_id: item.roomId,
    user_id: item.userId,
    username: item.username,
    seq,
    updated_seq: seq,
    type: item.type,
    content: item.content,
    metadata: item.metadata,
    nonce: item.nonce ?? null,
    reply_to: item.replyTo ?? null,
    thread_id: item.threadId ?? null,
    mentions: item.mentions ?? null,
    attachments: item.attachments ? [...item.attachments] : null,
    created_at: new Date(item.at),
    edited_at: null,
    deleted_at: null,
    pinned_at: null,
    reactions: null,
  });
}

function memberChanges(result: CommitResult): Change[] {
  const byRoom = Map.groupBy(result.members ?? [], (row) => row.room_id);
  return [...byRoom].flatMap(([roomId, rows]) => {
    const memberCount = result.rooms?.find((room) => room.id === roomId)?.member_count ?? 0;
    return membersChange(rows, memberCount) ?? [];
  });
}

function userChanges(streams: readonly Topic[], result: CommitResult): Change[] {
  const streamAt = (s: number): Topic => streams[s - 1] ?? "user:";
  const memberships = new Set(result.changes.map((at) => (at.kind === "membership" ? `${at.s} ${at.seq}` : "")));
  // A marker that becoming a member has moved again in this batch is told of by that.
  const own = (result.markers ?? []).filter((marker) => !memberships.has(`${marker.s} ${marker.userSeq}`));
  const markers = own.map(
    (marker): Change => ({
      stream: streamAt(marker.s),
      position: marker.userSeq,
      entity: `marker:${marker.roomId}`,
      event: "read_marker",
      payload: {
        roomId: marker.roomId,
        seq: marker.seq,
        unread: marker.unread,
        mentions: marker.mentions,
        userSeq: marker.userSeq,
      },
    }),
  );
  const others = result.changes.flatMap((change): Change[] => {
    if (change.kind === "marker") return [];
    return membershipChange(
      { stream: streamAt(change.s), position: change.seq, roomId: change.room, isMember: change.role !== null },
      result,
    );
  });
  return [...markers, ...others];
}

function membershipChange(
  at: { stream: Topic; position: number; roomId: string; isMember: boolean },
  result: CommitResult,
): Change[] {
  const { stream, position, roomId } = at;
  const entity = `membership:${roomId}`;
  if (!at.isMember)
    return [{ stream, position, entity, event: "room_removed", payload: { roomId, userSeq: position } }];
  const row = result.rooms?.find((room) => room.id === roomId);
  return row
    ? [{ stream, position, entity, event: "room_added", payload: { room: toRoom(row), userSeq: position } }]
    : [];
}

function outcomeOf(
  item: ChatItem,
  at: {
    result: CommitResult;
    answer: ItemResult | undefined;
    messages: ReadonlyMap<string, Message>;
    streams: readonly Topic[];
  },
): ChatOutcome {
  const { answer } = at;
  if (!answer) throw new Error("the batch's answer is shorter than the batch");
  const { status } = answer;
  if (status === "duplicate") {
    const message = answer.id == null ? undefined : at.messages.get(answer.id);
    if (!message) throw new Error("a duplicate came without its original");
    return { status, message };
  }
  if (status !== "ok") return { status };
  const message = "messageId" in item ? at.messages.get(item.messageId) : undefined;
  const marker =
    item.op === "mark"
      ? at.result.markers?.find((row) => at.streams[row.s - 1] === `user:${item.userId}` && row.roomId === item.roomId)
      : undefined;
  const isOwn = item.op === "inbox" || item.op === "read_all";
  const unreadCount = isOwn ? at.result.own?.people?.find(({ userId }) => userId === item.userId)?.unread : undefined;
  return {
    status,
    ...(answer.readAt == null ? {} : { readAt: isoTime(answer.readAt) }),
    ...(unreadCount === undefined ? {} : { unreadCount }),
    ...(answer.seq == null ? {} : { seq: answer.seq }),
    ...(answer.id == null ? {} : { roomId: answer.id }),
    ...(message ? { message } : {}),
    ...(marker ? { marker: { seq: marker.seq, unread: marker.unread, mentions: marker.mentions } } : {}),
  };
}
