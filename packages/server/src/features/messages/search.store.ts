import type { Attachment } from "@mirage/protocol";
import type { Database } from "../../database/database.ts";

/** What of a message is looked at to find it. */
export interface SearchedMessage {
  id: string;
  roomId: string;
  seq: number;
  updatedSeq: number;
  userId: string;
  username: string;
  type: string;
  content: string;
  attachments: Attachment[] | null;
  createdAt: Date;
  isEdited: boolean;
  isDeleted: boolean;
}

/** A room whose words are known up to `from`, while its stream stood at `head`. */
export interface UnindexedRoom {
  roomId: string;
  from: number;
  head: number;
}

export interface Slice extends UnindexedRoom {
  to: number;
  /** Positions of messages whose words do not stand there any more. */
  gone: readonly number[];
  words: readonly { block: number; word: string; places: readonly number[] }[];
}

export interface Search {
  roomIds: readonly string[];
  /** Whose memberships count; undefined where the right to read was looked up otherwise. */
  memberId: string | undefined;
  ranges: readonly (readonly [low: string, high: string])[];
  /** Ids of messages: from the one on, and before the other. */
  fromId: string;
  belowId: string | undefined;
  limit: number;
}

/** Positions that share a row for each of their words. */
const blockSize = 1_024;
/** What a search of many rooms or blocks may take, under the time limits of both databases. */
const budget = "1 second";

const columns = `m.id, m.room_id AS "roomId", m.seq, m.updated_seq AS "updatedSeq", m.user_id AS "userId", m.username,
  m.type, m.content, m.attachments, m.created_at AS "createdAt", m.edited_at IS NOT NULL AS "isEdited",
  m.deleted_at IS NOT NULL AS "isDeleted"`;

export class SearchStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async listRoomsOf(userId: string): Promise<string[]> {
    const rows = await this.#database.query<{ room_id: string }>(
      "SELECT room_id FROM members WHERE user_id = $1 AND role IS NOT NULL",
      [userId],
    );
    return rows.map((row) => row.room_id);
  }

  /** Those of the rooms in which something has changed since their words were last looked at. */
  async listUnindexed(roomIds: readonly string[]): Promise<UnindexedRoom[]> {
    return await this.#database.query(
      `SELECT r.room_id AS "roomId", coalesce(p.seq, 0) AS "from", s.head
       FROM unnest($1::text[]) AS r(room_id)
       JOIN streams s ON s.id = 'room:' || r.room_id
       LEFT JOIN search_positions p ON p.room_id = r.room_id
       WHERE s.head > coalesce(p.seq, 0)`,
      [roomIds],
    );
  }

  async listChangedAfter(roomId: string, seq: number, limit: number): Promise<SearchedMessage[]> {
    return await this.#database.query(
      `SELECT ${columns} FROM messages m WHERE m.room_id = $1 AND m.updated_seq > $2 ORDER BY m.updated_seq LIMIT $3`,
      [roomId, seq, limit],
    );
  }

  /** Answers false where somebody else has taken in this part of the room. */
  async index({ roomId, from, to, gone, words }: Slice): Promise<boolean> {
    const [row] = await this.#database.query<{ done: boolean }>(
      "SELECT index_messages_v1($1, $2, $3, $4::bigint[], $5::jsonb) AS done",
      [roomId, from, to, gone, JSON.stringify(words)],
    );
    return row?.done === true;
  }

  /** Messages with a word in each range, newest first. @throws DatabaseError 57014 when it takes too long. */
  async search(search: Search): Promise<SearchedMessage[]> {
    // Ids of one room may be a little out of order, by clocks that differ: so many more are looked at than are wanted.
    const perRoom = search.limit * 2;
    return await this.#database.query(
      `SELECT ${columns}
       FROM unnest($1::text[]) AS r(room_id)
       CROSS JOIN LATERAL search_room_v1(r.room_id, $3::text[], $4::text[], $5, $6, $7, $8::interval) f
       JOIN messages m ON m.id = f.message_id
       WHERE $2::text IS NULL OR EXISTS (
         SELECT 1 FROM members o WHERE o.room_id = r.room_id AND o.user_id = $2 AND o.role IS NOT NULL)
       ORDER BY m.id DESC LIMIT $9`,
      [
        search.roomIds,
        search.memberId ?? null,
        search.ranges.map(([low]) => low),
        search.ranges.map(([, high]) => high),
        search.fromId,
        search.belowId ?? null,
        perRoom,
        budget,
        search.limit,
      ],
    );
  }
}

/** Gathers under which words a slice's messages stand. */
export function groupByWord(
  messages: readonly { seq: number; keys: Iterable<string> }[],
): { block: number; word: string; places: number[] }[] {
  const rows = new Map<string, { block: number; word: string; places: number[] }>();
  for (const { seq, keys } of messages) {
    const block = Math.floor(seq / blockSize);
    for (const word of keys) {
      const key = `${block} ${word}`;
      const row = rows.get(key) ?? { block, word, places: [] };
      row.places.push(seq % blockSize);
      rows.set(key, row);
    }
  }
  return [...rows.values()];
}
