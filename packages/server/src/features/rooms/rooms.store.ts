import type { Member, Message, Role, Room } from "@mirage/protocol";
import { limits } from "@mirage/protocol";
import type { Database } from "../../database/database.ts";
import {
  type MemberRow,
  type MessageRow,
  type RoomRow,
  toMember,
  toMessage,
  toRoom,
} from "../../hot-path/chat-lane/rows.ts";

/** A room's state at `head`, or what changed in it since a position. */
export interface RoomState {
  room: Room;
  role: Role | null;
  head: number;
  floor: number;
  messages: Message[];
  /** There are older messages, or, since a position, more changed ones than the limit. */
  hasMore: boolean;
  members: Omit<Member, "status">[];
}

interface RoomStateRow {
  room: RoomRow;
  role: Role | null;
  head: number;
  floor: number;
  messages: MessageRow[] | null;
  members: MemberRow[] | null;
}

/** Strongest first; the names in `roles` are in order of rank, weakest first. */
export const rankOrder = "array_position(ARRAY['owner', 'admin', 'moderator', 'member', 'guest'], m.role)";

const newestPage = `
  SELECT to_jsonb(r) AS room, own.role, s.head, s.floor,
    (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.seq) FROM (
      SELECT * FROM message_state WHERE room_id = $1 AND deleted_at IS NULL ORDER BY seq DESC LIMIT $3) p) AS messages,
    (SELECT jsonb_agg(to_jsonb(p)) FROM (
      SELECT * FROM member_state m WHERE m.room_id = $1 AND m.role IS NOT NULL
      ORDER BY ${rankOrder}, lower(m.username), m.user_id LIMIT $4) p) AS members
  FROM room_state r JOIN streams s ON s.id = 'room:' || r.id
  LEFT JOIN members own ON own.room_id = r.id AND own.user_id = $2
  WHERE r.id = $1`;

const changedSince = `
  SELECT to_jsonb(r) AS room, own.role, s.head, s.floor,
    (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.updated_seq) FROM (
      SELECT * FROM message_state WHERE room_id = a.room_id AND updated_seq > a.since
      ORDER BY updated_seq LIMIT $3) p) AS messages,
    (SELECT jsonb_agg(to_jsonb(m)) FROM member_state m WHERE m.room_id = a.room_id AND m.updated_seq > a.since) AS members
  FROM jsonb_to_recordset($1::jsonb) AS a(room_id text, since bigint)
  JOIN room_state r ON r.id = a.room_id
  JOIN streams s ON s.id = 'room:' || r.id
  LEFT JOIN members own ON own.room_id = r.id AND own.user_id = $2`;

export class RoomStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The newest messages, oldest first, without deleted ones, and the first members. One snapshot. */
  async findNewestPage(roomId: string, userId: string): Promise<RoomState | undefined> {
    const [row] = await this.#database.query<RoomStateRow>(newestPage, [
      roomId,
      userId,
      limits.pageMessages + 1,
      limits.pageMembers,
    ]);
    if (!row) return undefined;
    const messages = (row.messages ?? []).map(toMessage);
    return {
      ...stateOf(row),
      messages: messages.slice(-limits.pageMessages),
      hasMore: messages.length > limits.pageMessages,
    };
  }

  /** What changed in each of these rooms since a position, by last change. A room that does not exist is left out. */
  async listChanged(
    asked: readonly { roomId: string; since: number }[],
    options: { userId: string; maxMessages: number },
  ): Promise<Map<string, RoomState>> {
    const rows = await this.#database.query<RoomStateRow>(changedSince, [
      JSON.stringify(asked.map(({ roomId, since }) => ({ room_id: roomId, since }))),
      options.userId,
      options.maxMessages + 1,
    ]);
    return new Map(
      rows.map((row) => {
        const messages = (row.messages ?? []).map(toMessage);
        return [row.room.id, { ...stateOf(row), messages, hasMore: messages.length > options.maxMessages }];
      }),
    );
  }

  async findInvite(code: string, now: Date): Promise<{ roomId: string } | undefined> {
    const [row] = await this.#database.query<{ room_id: string }>(
      `SELECT room_id FROM invites
       WHERE code = $1 AND (expires_at IS NULL OR expires_at > $2) AND (max_uses IS NULL OR uses < max_uses)`,
      [code, now],
    );
    return row && { roomId: row.room_id };
  }

  /** The room an invite leads or led to, ended or not. */
  async findInviteRoom(code: string): Promise<string | undefined> {
    const [row] = await this.#database.query<{ room_id: string }>("SELECT room_id FROM invites WHERE code = $1", [
      code,
    ]);
    return row?.room_id;
  }

  /** Stores an invite, unless somebody lost a right in the room since it was judged. */
  async addInvite(invite: {
    code: string;
    roomId: string;
    userId: string;
    expiresAt: Date | null;
    maxUses: number | null;
    fence: number;
  }): Promise<boolean> {
    const rows = await this.#database.query(
      `INSERT INTO invites (code, room_id, created_by, expires_at, max_uses)
       SELECT $1, $2, $3, $4, $5 FROM streams WHERE id = 'room:' || $2 AND fence = $6 RETURNING code`,
      [invite.code, invite.roomId, invite.userId, invite.expiresAt, invite.maxUses, invite.fence],
    );
    return rows.length > 0;
  }

  async listRoomIds(userId: string): Promise<string[]> {
    const rows = await this.#database.query<{ room_id: string }>(
      "SELECT room_id FROM members WHERE user_id = $1 AND role IS NOT NULL",
      [userId],
    );
    return rows.map((row) => row.room_id);
  }

  async listHeads(roomIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.#database.query<{ id: string; head: number }>(
      "SELECT id, head FROM streams WHERE id = ANY ($1::text[])",
      [roomIds.map((roomId) => `room:${roomId}`)],
    );
    return new Map(rows.map(({ id, head }) => [id.slice("room:".length), head]));
  }

  async getHead(roomId: string): Promise<number> {
    return (await this.#readStream(roomId))?.head ?? 0;
  }

  async getFence(roomId: string): Promise<number> {
    return (await this.#readStream(roomId))?.fence ?? 0;
  }

  async #readStream(roomId: string): Promise<{ head: number; fence: number } | undefined> {
    const [row] = await this.#database.query<{ head: number; fence: number }>(
      "SELECT head, fence FROM streams WHERE id = 'room:' || $1",
      [roomId],
    );
    return row;
  }

  async findRole(roomId: string, userId: string): Promise<Role | null> {
    const [row] = await this.#database.query<{ role: Role | null }>(
      "SELECT role FROM members WHERE room_id = $1 AND user_id = $2",
      [roomId, userId],
    );
    return row?.role ?? null;
  }

  /** Those of these people that exist, with their names. */
  async listUsers(userIds: readonly string[]): Promise<{ id: string; username: string; isGuest: boolean }[]> {
    return await this.#database.query(
      `SELECT id, username, is_guest AS "isGuest" FROM users WHERE id = ANY ($1::text[])`,
      [userIds],
    );
  }
}

function stateOf(row: RoomStateRow): Omit<RoomState, "messages" | "hasMore"> {
  return {
    room: toRoom(row.room),
    role: row.role,
    head: row.head,
    floor: row.floor,
    members: (row.members ?? []).map(toMember),
  };
}
