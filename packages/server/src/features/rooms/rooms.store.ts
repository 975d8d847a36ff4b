import type { Role } from "@mirage/protocol";
import type { Database } from "../../database/database.ts";

/** Strongest first; the names in `roles` are in order of rank, weakest first. */
export const rankOrder = "array_position(ARRAY['owner', 'admin', 'moderator', 'member', 'guest'], m.role)";

export class RoomStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
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
