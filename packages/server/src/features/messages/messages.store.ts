import type { Message } from "@mirage/protocol";
import type { Database } from "../../database/database.ts";
import { type MessageRow, toMessage } from "../../hot-path/chat-lane/rows.ts";

export interface HistoryPage {
  messages: Message[];
  hasMoreBefore: boolean;
  hasMoreAfter: boolean;
}

export class MessageStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async findMessage(messageId: string): Promise<Message | undefined> {
    const [row] = await this.#database.query<MessageRow>("SELECT * FROM message_state WHERE id = $1", [messageId]);
    return row && toMessage(row);
  }

  /** What an author has posted in a room under a nonce, with the keyed hash of the body it had then. */
  async findByNonce(at: {
    roomId: string;
    userId: string;
    nonce: string;
  }): Promise<{ message: Message; bodyHash: string } | undefined> {
    const [row] = await this.#database.query<MessageRow & { body_hash: string }>(
      `SELECT s.*, m.body_hash FROM messages m JOIN message_state s ON s.id = m.id
       WHERE nonce_key(m.room_id, m.user_id, m.nonce) = nonce_key($1, $2, $3) AND m.nonce IS NOT NULL`,
      [at.roomId, at.userId, at.nonce],
    );
    return row && { message: toMessage(row), bodyHash: row.body_hash };
  }

  /** Messages before a position, oldest first, deleted ones left out. */
  async listBefore(roomId: string, before: number, limit: number): Promise<HistoryPage> {
    const rows = await this.#database.query<MessageRow>(
      `SELECT * FROM message_state WHERE room_id = $1 AND seq < $2 AND deleted_at IS NULL ORDER BY seq DESC LIMIT $3`,
      [roomId, before, limit + 1],
    );
    const messages = rows.slice(0, limit).reverse().map(toMessage);
    return { messages, hasMoreBefore: rows.length > limit, hasMoreAfter: false };
  }

  async listAfter(roomId: string, after: number, limit: number): Promise<HistoryPage> {
    const rows = await this.#database.query<MessageRow>(
      `SELECT * FROM message_state WHERE room_id = $1 AND seq > $2 AND deleted_at IS NULL ORDER BY seq LIMIT $3`,
      [roomId, after, limit + 1],
    );
    return { messages: rows.slice(0, limit).map(toMessage), hasMoreBefore: false, hasMoreAfter: rows.length > limit };
  }

  /** Members of a room by the keys of their names. */
  async listNamed(roomId: string, nameKeys: readonly string[]): Promise<{ userId: string; username: string }[]> {
    return await this.#database.query(
      `SELECT u.id AS "userId", u.username FROM users u JOIN members m ON m.user_id = u.id
       WHERE m.room_id = $1 AND m.role IS NOT NULL AND u.username_key = ANY ($2::text[]) LIMIT 500`,
      [roomId, nameKeys],
    );
  }

  /** Ids of a room's members, those who came first first. */
  async listMemberIds(roomId: string, limit: number): Promise<string[]> {
    const rows = await this.#database.query<{ user_id: string }>(
      "SELECT user_id FROM members WHERE room_id = $1 AND role IS NOT NULL ORDER BY joined_at, user_id LIMIT $2",
      [roomId, limit],
    );
    return rows.map((row) => row.user_id);
  }

  /** Those of these people who are in the room. */
  async filterMembers(roomId: string, userIds: readonly string[]): Promise<string[]> {
    const rows = await this.#database.query<{ user_id: string }>(
      "SELECT user_id FROM members WHERE room_id = $1 AND role IS NOT NULL AND user_id = ANY ($2::text[]) ORDER BY user_id",
      [roomId, userIds],
    );
    return rows.map((row) => row.user_id);
  }

  async getUnread(userId: string, roomId: string): Promise<{ seq: number; unread: number; mentions: number }> {
    const [row] = await this.#database.query<{ seq: number; unread: number; mentions: number }>(
      `SELECT k.seq, c.unread, c.mentions
       FROM (SELECT coalesce((SELECT seq FROM read_markers WHERE user_id = $1 AND room_id = $2), 0) AS seq) k
       CROSS JOIN LATERAL unread_v1($1, $2, k.seq) c`,
      [userId, roomId],
    );
    return row ?? { seq: 0, unread: 0, mentions: 0 };
  }

  async listCustomEmoji(): Promise<string[]> {
    const rows = await this.#database.query<{ name: string }>("SELECT name FROM custom_emoji");
    return rows.map((row) => row.name);
  }
}
