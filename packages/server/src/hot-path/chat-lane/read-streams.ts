import type { Database } from "../../database/database.ts";
import type { Change, StreamRead, StreamSource } from "../change.ts";
import type { Topic } from "../topics.ts";
import {
  inboxChanges,
  type NotificationRow,
  type PersonRow,
  personChanges,
  type RoomPreferencesRow,
} from "./notification-rows.ts";
import {
  type MemberRow,
  type MessageRow,
  membersChange,
  messageChange,
  type RoomRow,
  roomChange,
  toMessage,
  toRoom,
} from "./rows.ts";

/** More changes than this are not replayed to live listeners: they come back and resume. */
const maxRepairedChanges = 5_000;

/** Everything above a position of one room, each statement one snapshot. */
const readRoomSince = `
  SELECT s.head, s.floor,
    (SELECT jsonb_agg(to_jsonb(m) ORDER BY m.updated_seq) FROM (
      SELECT * FROM message_state WHERE room_id = $1 AND updated_seq > $2 ORDER BY updated_seq LIMIT $3) m) AS messages,
    (SELECT jsonb_agg(to_jsonb(m)) FROM member_state m WHERE m.room_id = $1 AND m.updated_seq > $2) AS members,
    (SELECT to_jsonb(r) FROM room_state r WHERE r.id = $1) AS room
  FROM streams s WHERE s.id = 'room:' || $1`;

/** Everything above a position of one person's own stream. */
const readUserSince = `
  SELECT s.head, s.floor,
    jsonb_build_object('userId', $1::text, 'since', $2::bigint, 'unread', unread_notifications_v1($1),
      'overrides', g.overrides, 'overridesSeq', coalesce(g.user_seq, 0), 'readAllSeq', coalesce(g.read_all_seq, 0),
      'readAllAt', g.read_all_at) AS person,
    (SELECT jsonb_agg(to_jsonb(n)) FROM (
      SELECT * FROM notification_state WHERE user_id = $1 AND user_seq > $2 ORDER BY user_seq LIMIT $3) n) AS notifications,
    (SELECT jsonb_agg(to_jsonb(p)) FROM room_preferences p WHERE p.user_id = $1 AND p.user_seq > $2) AS room_preferences,
    (SELECT jsonb_agg(jsonb_build_object('room_id', m.room_id, 'role', m.role, 'user_seq', m.user_seq, 'room', to_jsonb(r)))
     FROM members m JOIN room_state r ON r.id = m.room_id WHERE m.user_id = $1 AND m.user_seq > $2) AS memberships,
    (SELECT jsonb_agg(jsonb_build_object('roomId', k.room_id, 'seq', k.seq, 'userSeq', k.user_seq,
       'unread', c.unread, 'mentions', c.mentions))
     FROM read_markers k JOIN members m ON m.room_id = k.room_id AND m.user_id = k.user_id AND m.role IS NOT NULL
     CROSS JOIN LATERAL unread_v1(k.user_id, k.room_id, k.seq) c
     WHERE k.user_id = $1 AND k.user_seq > $2) AS markers
  FROM streams s LEFT JOIN notification_settings g ON g.user_id = $1 WHERE s.id = 'user:' || $1`;

interface RoomSince {
  head: number;
  messages: MessageRow[] | null;
  members: MemberRow[] | null;
  room: RoomRow | null;
}

interface UserSince {
  head: number;
  person: PersonRow;
  notifications: NotificationRow[] | null;
  room_preferences: RoomPreferencesRow[] | null;
  memberships: { room_id: string; role: string | null; user_seq: number; room: RoomRow }[] | null;
  markers: { roomId: string; seq: number; userSeq: number; unread: number; mentions: number }[] | null;
}

/** Reads rooms and people's own streams back as the changes that a listener lacks. */
export class ChatStreams implements StreamSource {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async readHeads(streams: readonly Topic[]): Promise<Map<Topic, number>> {
    const rows = await this.#database.query<{ id: Topic; head: number }>(
      "SELECT id, head FROM streams WHERE id = ANY ($1::text[])",
      [streams],
    );
    return new Map(rows.map((row) => [row.id, row.head]));
  }

  async readSince(stream: Topic, since: number): Promise<StreamRead> {
    return stream.startsWith("room:") ? await this.#readRoom(stream, since) : await this.#readUser(stream, since);
  }

  async #readRoom(stream: Topic, since: number): Promise<StreamRead> {
    const [read] = await this.#database.query<RoomSince>(readRoomSince, [
      stream.slice("room:".length),
      since,
      maxRepairedChanges + 1,
    ]);
    if (!read) return { head: since, changes: [], isTooMany: false };
    const messages = read.messages ?? [];
    const byPosition = Map.groupBy(read.members ?? [], (row) => row.updated_seq);
    const changes = [
      ...messages.flatMap((row) => messageChanges(row, since)),
      ...[...byPosition.values()].flatMap((rows) => membersChange(rows, read.room?.member_count ?? 0) ?? []),
      ...(read.room && read.room.updated_seq > since ? [roomChange(read.room)] : []),
    ];
    return { head: read.head, changes: inOrder(changes), isTooMany: messages.length > maxRepairedChanges };
  }

  async #readUser(stream: Topic, since: number): Promise<StreamRead> {
    const [read] = await this.#database.query<UserSince>(readUserSince, [
      stream.slice("user:".length),
      since,
      maxRepairedChanges + 1,
    ]);
    if (!read) return { head: since, changes: [], isTooMany: false };
    const changes: Change[] = [
      ...inboxChanges(read.notifications ?? [], read.person),
      ...personChanges(read.person, read.room_preferences ?? []),
      ...(read.memberships ?? []).map((row): Change => {
        const at = { stream, position: row.user_seq, entity: `membership:${row.room_id}` };
        return row.role === null
          ? { ...at, event: "room_removed", payload: { roomId: row.room_id, userSeq: row.user_seq } }
          : { ...at, event: "room_added", payload: { room: toRoom(row.room), userSeq: row.user_seq } };
      }),
    ];
    const taken = new Set(changes.map((change) => change.position));
    // Becoming a member moves the marker at the same position: that change says so already.
    for (const marker of read.markers ?? []) {
      if (taken.has(marker.userSeq)) continue;
      const entity = `marker:${marker.roomId}`;
      changes.push({ stream, position: marker.userSeq, entity, event: "read_marker", payload: marker });
    }
    return { head: read.head, changes: inOrder(changes), isTooMany: changes.length > maxRepairedChanges };
  }
}

/**
 * A message that was made and changed while nobody looked is told twice, in its present state: that it exists at the
 * position where it was made, and its last change. So a client that only listens for new messages misses none.
 */
function messageChanges(row: MessageRow, since: number): Change[] {
  const message = toMessage(row);
  const last = messageChange(message);
  const isUnknown = row.seq > since && row.updated_seq > row.seq && row.deleted_at === null;
  if (!isUnknown) return [last];
  const made: Change = {
    stream: last.stream,
    position: row.seq,
    entity: `message:${row.id}`,
    event: "chat_message",
    payload: message,
  };
  return [made, last];
}

const inOrder = (changes: Change[]): Change[] => changes.sort((a, b) => a.position - b.position);
