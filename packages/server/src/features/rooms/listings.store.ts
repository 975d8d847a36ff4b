import { limits, type Member, type Role, type RoomListing } from "@mirage/protocol";
import { answerBytes, fittingPage } from "../../access/answer-size.ts";
import type { Database } from "../../database/database.ts";
import {
  type MemberRow,
  type MessageRow,
  type RoomRow,
  toMember,
  toMessage,
  toRoom,
} from "../../hot-path/chat-lane/rows.ts";
import { rankOrder } from "./rooms.store.ts";

interface ListingRow {
  room: RoomRow;
  role: Role | null;
  head: number;
  unread: number;
  mentions: number;
  read_seq: number;
  last_message: MessageRow | null;
  others: { userId: string; username: string; avatarUrl: string | null }[] | null;
  user_head: number;
}

const listing = `
  SELECT to_jsonb(r) AS room, own.role, s.head, coalesce(k.seq, 0) AS read_seq, u.head AS user_head,
    CASE WHEN own.role IS NULL THEN 0 ELSE c.unread END AS unread,
    CASE WHEN own.role IS NULL THEN 0 ELSE c.mentions END AS mentions,
    (SELECT to_jsonb(p) FROM (SELECT * FROM message_state WHERE room_id = r.id AND deleted_at IS NULL
      ORDER BY seq DESC LIMIT 1) p) AS last_message,
    CASE WHEN r.type = 'direct' THEN (
      SELECT jsonb_agg(jsonb_build_object('userId', o.user_id, 'username', o.username, 'avatarUrl', o.avatar_url))
      FROM member_state o WHERE o.room_id = r.id AND o.user_id <> $1 AND o.role IS NOT NULL) END AS others
  FROM room_state r
  JOIN streams s ON s.id = 'room:' || r.id
  LEFT JOIN streams u ON u.id = 'user:' || $1
  LEFT JOIN members own ON own.room_id = r.id AND own.user_id = $1
  LEFT JOIN read_markers k ON k.room_id = r.id AND k.user_id = $1
  CROSS JOIN LATERAL unread_v1($1, r.id, coalesce(k.seq, 0)) c`;

/** The status of each is put to it later. */
const membersBytes = answerBytes - 30 * limits.pageMembers;

const mine = `${listing} WHERE own.role IS NOT NULL AND r.id > $2 ORDER BY r.id LIMIT $3`;
const open = `${listing} WHERE r.type IN ('public', 'announcement') AND r.archived_at IS NULL AND r.id > $2
  ORDER BY r.id LIMIT $3`;

/** Lists of rooms with what one person wants to know of each, and lists of members. */
export class ListingStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** One page, in order of id, and the head of the person's own stream in the same snapshot. */
  async listRooms(
    userId: string,
    page: { scope: "mine" | "public"; after: string; epoch: string },
  ): Promise<{ rooms: RoomListing[]; nextCursor: string | null; userHead: number }> {
    const rows = await this.#database.query<ListingRow>(page.scope === "mine" ? mine : open, [
      userId,
      page.after,
      limits.pageRooms + 1,
    ]);
    const rooms = fittingPage(rows.slice(0, limits.pageRooms).map((row) => toListing(row, page.epoch)));
    return {
      rooms,
      nextCursor: rows.length > rooms.length ? (rooms.at(-1)?.id ?? null) : null,
      userHead: rows[0]?.user_head ?? (await this.#readUserHead(userId)),
    };
  }

  /** One page by rank, then name. `after` is the last one of the page before. */
  async listMembers(
    roomId: string,
    after: MemberCursor | undefined,
  ): Promise<{ members: Omit<Member, "status">[]; next: MemberCursor | undefined }> {
    const rows = await this.#database.query<MemberRow & { rank: number; name_key: string }>(
      `SELECT * FROM (
         SELECT m.*, ${rankOrder} AS rank, lower(m.username) AS name_key FROM member_state m
         WHERE m.room_id = $1 AND m.role IS NOT NULL) m
       WHERE (m.rank, m.name_key, m.user_id) > ($2, $3, $4)
       ORDER BY m.rank, m.name_key, m.user_id LIMIT $5`,
      [roomId, after?.rank ?? 0, after?.nameKey ?? "", after?.userId ?? "", limits.pageMembers + 1],
    );
    const members = fittingPage(rows.slice(0, limits.pageMembers).map(toMember), membersBytes);
    const last = rows.length > members.length ? rows[members.length - 1] : undefined;
    return {
      members,
      next: last && { rank: last.rank, nameKey: last.name_key, userId: last.user_id },
    };
  }

  async #readUserHead(userId: string): Promise<number> {
    const [row] = await this.#database.query<{ head: number }>("SELECT head FROM streams WHERE id = 'user:' || $1", [
      userId,
    ]);
    return row?.head ?? 0;
  }
}

export interface MemberCursor {
  rank: number;
  nameKey: string;
  userId: string;
}

function toListing(row: ListingRow, epoch: string): RoomListing {
  return {
    ...toRoom(row.room),
    role: row.role,
    seq: row.head,
    epoch,
    unread: row.unread,
    mentions: row.mentions,
    readSeq: row.read_seq,
    lastMessage: row.last_message && toMessage(row.last_message),
    ...(row.others
      ? {
          others: row.others.map(({ userId, username, avatarUrl }) => ({
            userId,
            username,
            ...(avatarUrl === null ? {} : { avatarUrl }),
          })),
        }
      : {}),
  };
}
