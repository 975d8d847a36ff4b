import type { EventPayload, Notification, RoomLevel, RoomPreferences } from "@mirage/protocol";
import { type PreferenceOverrides, toPreferences } from "../../access/preferences.ts";
import type { Change } from "../change.ts";
import type { Topic } from "../topics.ts";
import type { Alert } from "./notices.ts";
import { isoTime } from "./rows.ts";

/** One row of `notifications`, straight or inside JSON. */
export interface NotificationRow {
  id: string;
  user_id: string;
  seq: number;
  user_seq: number;
  type: string;
  title: string;
  content: string;
  metadata: Record<string, unknown>;
  urgent: boolean;
  group_key: string | null;
  alerts: Alert[];
  is_listed: boolean;
  /** Position of the message it is about; null or 0 for none. */
  message_seq: number | null;
  created_at: string | Date;
  read_at: string | Date | null;
  deleted_at: string | Date | null;
}

/** One row of `room_preferences`. */
export interface RoomPreferencesRow {
  user_id: string;
  room_id: string;
  level: RoomLevel | null;
  muted_until: string | Date | null;
  user_seq: number;
}

/** How a person stands to their notifications as a whole; `since`: changes above it are to be told. */
export interface PersonRow {
  userId: string;
  since: number;
  unread: number;
  overrides: PreferenceOverrides | null;
  overridesSeq: number;
  readAllSeq: number;
  readAllAt: string | null;
}

export function toNotification(row: NotificationRow): Notification {
  return {
    id: row.id,
    title: row.title,
    content: row.content,
    type: row.type,
    metadata: metadataOf(row),
    timestamp: isoTime(row.created_at),
    read: row.read_at !== null,
    seq: row.seq,
    ...(row.read_at === null ? {} : { readAt: isoTime(row.read_at) }),
    ...(row.urgent ? { urgent: true } : {}),
    ...(row.group_key === null ? {} : { groupKey: row.group_key }),
  };
}

/** With the position of the message, known only since the commit: by it a client jumps there, however old it is by now. */
function metadataOf({ metadata, message_seq: seq }: NotificationRow): Record<string, unknown> {
  return seq && typeof metadata.messageId === "string" ? { ...metadata, seq } : metadata;
}

export function toRoomPreferences(row: RoomPreferencesRow): RoomPreferences {
  const { room_id: roomId, level, muted_until } = row;
  return { roomId, level, ...(muted_until === null ? {} : { mutedUntil: isoTime(muted_until) }) };
}

/** What became of a person's notifications. Where several were read at one position, all were: an earlier `read_all`. */
export function inboxChanges(rows: readonly NotificationRow[], person: PersonRow): Change[] {
  const changes = rows.flatMap((row) => notificationChanges(row, person));
  const merged: Change[] = [];
  for (const [position, ofOne] of Map.groupBy(changes, (change) => change.position)) {
    const [first] = ofOne;
    if (ofOne.length > 1 && first?.event === "notification_read") {
      const { readAt, unreadCount } = first.payload;
      const payload = { readAt, unreadCount, userSeq: position };
      merged.push({ stream: first.stream, position, entity: "read-all", event: "notifications_read_all", payload });
    } else merged.push(...ofOne);
  }
  return merged;
}

/**
 * What became of one notification since a position: that it was made, and its last change, each at its own place. What
 * was made and is gone already is told by its end alone.
 */
function notificationChanges(row: NotificationRow, person: PersonRow): Change[] {
  const changes: Change[] = [];
  const at = { stream: `user:${row.user_id}` as Topic, entity: `notification:${row.id}` };
  const { unread: unreadCount, readAllSeq, since } = person;
  if (row.seq > since && row.deleted_at === null) {
    const change = row.is_listed ? madeChange(row, unreadCount) : calledChange(row);
    if (change) changes.push({ ...at, position: row.seq, ...change });
  }
  if (row.user_seq <= Math.max(since, row.seq)) return changes;
  const position = row.user_seq;
  const payload = { notificationId: row.id, unreadCount, userSeq: position };
  if (row.deleted_at !== null) changes.push({ ...at, position, event: "notification_deleted", payload });
  else if (row.read_at !== null && position !== readAllSeq) {
    const readAt = isoTime(row.read_at);
    changes.push({ ...at, position, event: "notification_read", payload: { ...payload, readAt } });
  }
  return changes;
}

/** Whose notifications or preferences a commit changed, with what changed of them: what `told_v1` answers. */
export interface OwnRows {
  people: PersonRow[] | null;
  notifications: NotificationRow[] | null;
  roomPreferences: RoomPreferencesRow[] | null;
}

/** Changes of people's notifications and preferences, in order of position for each. */
export function ownChanges(own: OwnRows | null): Change[] {
  const byUser = Map.groupBy(own?.notifications ?? [], (row) => row.user_id);
  const roomsByUser = Map.groupBy(own?.roomPreferences ?? [], (row) => row.user_id);
  const changes = (own?.people ?? []).flatMap((person) => [
    ...inboxChanges(byUser.get(person.userId) ?? [], person),
    ...personChanges(person, roomsByUser.get(person.userId) ?? []),
  ]);
  return changes.sort((a, b) => a.position - b.position);
}

/** What changed for a person beside single notifications. */
export function personChanges(person: PersonRow, rooms: readonly RoomPreferencesRow[]): Change[] {
  const { since, readAllSeq, readAllAt, overridesSeq, unread: unreadCount } = person;
  const stream: Topic = `user:${person.userId}`;
  const changes: Change[] = rooms.map((row) => ({
    stream,
    position: row.user_seq,
    entity: `room-preferences:${row.room_id}`,
    event: "room_preferences_updated",
    payload: { ...toRoomPreferences(row), userSeq: row.user_seq },
  }));
  if (readAllSeq > since && readAllAt !== null) {
    const payload = { readAt: isoTime(readAllAt), unreadCount, userSeq: readAllSeq };
    changes.push({ stream, position: readAllSeq, entity: "read-all", event: "notifications_read_all", payload });
  }
  if (overridesSeq > since) {
    const payload = { preferences: toPreferences(person.overrides), userSeq: overridesSeq };
    changes.push({ stream, position: overridesSeq, entity: "preferences", event: "preferences_updated", payload });
  }
  return changes;
}

/**
 * The `mention` that a notification of that kind stands for: it goes to the same listeners with the same position, just
 * before it. See docs/decisions/0009-a-mention-and-its-notification.md.
 */
export function mentionOf(event: EventPayload<"notification">): EventPayload<"mention"> | undefined {
  if (event.type !== "mention") return undefined;
  const { content, metadata, userSeq, from } = event;
  return toMention({ content, metadata, userSeq, ...(from === undefined ? {} : { from }) });
}

function madeChange(row: NotificationRow, unreadCount: number) {
  const channels = { sound: row.alerts.includes("sound"), desktop: row.alerts.includes("desktop") };
  const payload = { ...toNotification(row), channels, unreadCount, userSeq: row.seq };
  return { event: "notification", payload } as const;
}

/** Somebody was called by name who keeps no record of it. */
function calledChange({ content, metadata, seq }: NotificationRow) {
  const payload = toMention({ content, metadata, userSeq: seq });
  return payload && ({ event: "mention", payload } as const);
}

/** Undefined where a host's own notification only calls itself one. */
function toMention({
  metadata,
  ...rest
}: {
  content: string;
  metadata: Record<string, unknown>;
  userSeq: number;
  from?: number;
}): EventPayload<"mention"> | undefined {
  const { roomId, messageId, mentionedBy, mentionedById } = metadata;
  if (typeof roomId !== "string" || typeof messageId !== "string") return undefined;
  if (typeof mentionedBy !== "string" || typeof mentionedById !== "string") return undefined;
  return { roomId, messageId, mentionedBy, mentionedById, ...rest };
}
