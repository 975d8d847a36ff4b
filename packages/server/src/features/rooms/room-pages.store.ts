import { limits } from "@mirage/protocol";
import type { Database } from "../../database/database.ts";
import type { Change } from "../../hot-path/change.ts";
import {
  type MemberRow,
  type MessageRow,
  membersChange,
  messageChange,
  type RoomRow,
  roomChange,
  toMember,
  toMessage,
} from "../../hot-path/chat-lane/rows.ts";
import type { Past } from "../../hot-path/ring.ts";
import type { CountRead } from "../../lib/metrics.ts";
import type { RoomContent } from "./room-page.ts";
import { rankOrder } from "./rooms.store.ts";

interface NewestRow {
  room_id: string;
  head: number;
  messages: MessageRow[] | null;
  members: MemberRow[] | null;
}

interface ChangedRow extends NewestRow {
  floor: number;
  room: RoomRow;
}

// Each room is looked up by itself (OFFSET 0): the planner, which takes a list for 100 rows, would read whole tables.
const newest = `
  SELECT a.room_id, s.head,
    (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.seq) FROM (
      SELECT * FROM message_state WHERE room_id = a.room_id AND deleted_at IS NULL ORDER BY seq DESC LIMIT $2) p) AS messages,
    (SELECT jsonb_agg(to_jsonb(p)) FROM (
      SELECT * FROM member_state m WHERE m.room_id = a.room_id AND m.role IS NOT NULL
      ORDER BY ${rankOrder}, lower(m.username), m.user_id LIMIT $3) p) AS members
  FROM unnest($1::text[]) AS a(room_id)
  CROSS JOIN LATERAL (SELECT head FROM streams WHERE id = 'room:' || a.room_id OFFSET 0) s`;

const changed = `
  SELECT a.room_id, s.head, s.floor, to_jsonb(r) AS room,
    (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.updated_seq DESC) FROM (
      SELECT * FROM message_state WHERE room_id = a.room_id AND updated_seq > a.since
      ORDER BY updated_seq DESC LIMIT $2) p) AS messages,
    (SELECT jsonb_agg(to_jsonb(m)) FROM member_state m WHERE m.room_id = a.room_id AND m.updated_seq > a.since) AS members
  FROM jsonb_to_recordset($1::jsonb) AS a(room_id text, since bigint)
  CROSS JOIN LATERAL (SELECT * FROM room_state WHERE id = a.room_id OFFSET 0) r
  CROSS JOIN LATERAL (SELECT head, floor FROM streams WHERE id = 'room:' || a.room_id OFFSET 0) s`;

/** Reads what many people are answered of a room. Each call is one snapshot; a room that does not exist is left out. */
export class RoomPageStore {
  readonly #database: Database;
  readonly #countRead: CountRead;

  constructor(database: Database, countRead: CountRead) {
    this.#database = database;
    this.#countRead = countRead;
  }

  /** The newest messages, without deleted ones, and the first members. */
  async listNewest(roomIds: readonly string[]): Promise<Map<string, RoomContent>> {
    this.#countRead("room_page", roomIds.length);
    const bounds = [limits.pageMessages + 1, limits.pageMembers];
    const rows = await this.#database.query<NewestRow>(newest, [roomIds, ...bounds]);
    return new Map(
      rows.map((row) => {
        const messages = (row.messages ?? []).map(toMessage);
        const content = {
          seq: row.head,
          messages: messages.slice(-limits.pageMessages),
          hasMore: messages.length > limits.pageMessages,
          members: (row.members ?? []).map(toMember),
          isShort: false,
        };
        return [row.room_id, content];
      }),
    );
  }

  /** What changed in each room since a position; of more than `maxMessages` messages only the last changed. */
  async listChanged(
    asked: readonly { roomId: string; since: number }[],
    maxMessages: number,
  ): Promise<Map<string, Past>> {
    this.#countRead("room_changes", asked.length);
    const rows = await this.#database.query<ChangedRow>(changed, [
      JSON.stringify(asked.map(({ roomId, since }) => ({ room_id: roomId, since }))),
      maxMessages + 1,
    ]);
    const since = new Map(asked.map((room) => [room.roomId, room.since]));
    return new Map(rows.map((row) => [row.room_id, toPast(row, { since: since.get(row.room_id) ?? 0, maxMessages })]));
  }
}

function toPast(row: ChangedRow, { since, maxMessages }: { since: number; maxMessages: number }): Past {
  const messages = row.messages ?? [];
  const byPosition = Map.groupBy(row.members ?? [], (member) => member.updated_seq);
  // The last changed come first, and the one too many says how far back they reach.
  const floor = Math.max(since, row.floor, messages[maxMessages]?.updated_seq ?? 0);
  const changes: Change[] = [
    ...messages.slice(0, maxMessages).map((message) => messageChange(toMessage(message))),
    ...[...byPosition.values()].flatMap((members) => membersChange(members, row.room.member_count) ?? []),
    roomChange(row.room),
  ];
  return {
    floor,
    head: row.head,
    changes: changes.filter(({ position }) => position > floor).sort((a, b) => a.position - b.position),
  };
}
