import type { Message, Notification, RoomLevel, RoomPreferences, Trigger } from "@mirage/protocol";
import type { PreferenceOverrides } from "../../access/preferences.ts";
import type { Database } from "../../database/database.ts";
import { messageCause } from "../../hot-path/chat-lane/notices.ts";
import {
  type NotificationRow,
  type RoomPreferencesRow,
  toNotification,
  toRoomPreferences,
} from "../../hot-path/chat-lane/notification-rows.ts";
import { type MessageRow, toMessage } from "../../hot-path/chat-lane/rows.ts";

/** Somebody who may be told of a cause, with all that decides it. */
export interface RecipientRow {
  userId: string;
  /** The strongest first. */
  triggers: Trigger[];
  overrides: PreferenceOverrides | null;
  level: RoomLevel | null;
  mutedUntil: Date | null;
}

/** Whom a message may tell: those it calls, the author of what it replies to, and everybody or those who follow the room. */
export interface Audience {
  roomId: string;
  authorId: string;
  calledIds: readonly string[];
  replyTo: string | undefined;
  others: "members" | "followers" | "none";
}

/** Of a message that thousands were told of no more are listed: they are dealt with in slices. */
export const maxListedTold = 500;

const preferencesOf = `
  LEFT JOIN room_preferences r ON r.user_id = p.user_id AND r.room_id = $1
  LEFT JOIN notification_settings g ON g.user_id = p.user_id`;

export class NotificationStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Everybody whom a message may tell, in one read. */
  async listAudience({ roomId, authorId, calledIds, replyTo, others }: Audience): Promise<RecipientRow[]> {
    return await this.#database.query(
      `WITH people AS (
         SELECT user_id, 'mention' AS trigger, 1 AS rank FROM unnest($3::text[]) AS user_id
         UNION ALL
         SELECT user_id, 'reply', 2 FROM messages WHERE id = $4 AND room_id = $1 AND deleted_at IS NULL
         UNION ALL
         SELECT user_id, 'message', 3 FROM members WHERE $5 = 'members' AND room_id = $1 AND role IS NOT NULL
         UNION ALL
         SELECT user_id, 'message', 3 FROM room_preferences WHERE $5 = 'followers' AND room_id = $1 AND level = 'all'
       )
       SELECT p.user_id AS "userId", array_agg(p.trigger ORDER BY p.rank) AS triggers, g.overrides, r.level,
         r.muted_until AS "mutedUntil"
       FROM people p ${preferencesOf}
       WHERE p.user_id <> $2 GROUP BY p.user_id, g.overrides, r.level, r.muted_until`,
      [roomId, authorId, calledIds, replyTo ?? null, others],
    );
  }

  /** These people, all concerned by one trigger; `roomId` where it happens in a room. */
  async listRecipients(userIds: readonly string[], trigger: Trigger, roomId?: string): Promise<RecipientRow[]> {
    return await this.#database.query(
      `SELECT p.user_id AS "userId", ARRAY[$3::text] AS triggers, g.overrides, r.level, r.muted_until AS "mutedUntil"
       FROM unnest($2::text[]) AS p(user_id) ${preferencesOf}`,
      [roomId ?? null, userIds, trigger],
    );
  }

  /** People who have a record of a message now, some hundred at most. */
  async listTold(messageId: string): Promise<string[]> {
    const rows = await this.#database.query<{ user_id: string }>(
      "SELECT user_id FROM notifications WHERE told_key(cause) = told_key($1) AND is_listed AND deleted_at IS NULL LIMIT $2",
      [messageCause(messageId), maxListedTold + 1],
    );
    return rows.map((row) => row.user_id);
  }

  /** Newest first; `before` is a position. */
  async listPage(
    userId: string,
    page: { before: number; limit: number; unreadOnly: boolean },
  ): Promise<{ notifications: Notification[]; unreadCount: number; head: number }> {
    const [row] = await this.#database.query<{ head: number; unread: number; rows: NotificationRow[] | null }>(
      `SELECT s.head, unread_notifications_v1($1) AS unread,
         (SELECT jsonb_agg(to_jsonb(n) ORDER BY n.seq DESC) FROM (
           SELECT * FROM notifications
           WHERE user_id = $1 AND seq < $2 AND is_listed AND deleted_at IS NULL AND (NOT $4 OR read_at IS NULL)
           ORDER BY seq DESC LIMIT $3) n) AS rows
       FROM streams s WHERE s.id = 'user:' || $1`,
      [userId, page.before, page.limit, page.unreadOnly],
    );
    return {
      notifications: (row?.rows ?? []).map(toNotification),
      unreadCount: row?.unread ?? 0,
      head: row?.head ?? 0,
    };
  }

  async findByCause(userId: string, cause: string): Promise<Notification | undefined> {
    const [row] = await this.#database.query<NotificationRow>(
      "SELECT * FROM notifications WHERE user_id = $1 AND cause = $2 AND is_listed",
      [userId, cause],
    );
    return row && toNotification(row);
  }

  /** A message, and who wrote what it replies to. */
  async findMessage(messageId: string): Promise<{ message: Message; repliedToId: string | undefined } | undefined> {
    const [row] = await this.#database.query<MessageRow & { replied_to_id: string | null }>(
      `SELECT s.*, (SELECT user_id FROM messages WHERE id = s.reply_to) AS replied_to_id
       FROM message_state s WHERE s.id = $1`,
      [messageId],
    );
    return row && { message: toMessage(row), repliedToId: row.replied_to_id ?? undefined };
  }

  async getPreferences(userId: string): Promise<{ overrides: PreferenceOverrides | null; rooms: RoomPreferences[] }> {
    const [settings, rooms] = await Promise.all([
      this.#database.query<{ overrides: PreferenceOverrides }>(
        "SELECT overrides FROM notification_settings WHERE user_id = $1",
        [userId],
      ),
      this.#database.query<RoomPreferencesRow>(
        `SELECT * FROM room_preferences
         WHERE user_id = $1 AND (level IS NOT NULL OR muted_until IS NOT NULL) ORDER BY room_id`,
        [userId],
      ),
    ]);
    return { overrides: settings[0]?.overrides ?? null, rooms: rooms.map(toRoomPreferences) };
  }

  async getRoomPreferences(userId: string, roomId: string): Promise<RoomPreferences> {
    const [row] = await this.#database.query<RoomPreferencesRow>(
      "SELECT * FROM room_preferences WHERE user_id = $1 AND room_id = $2",
      [userId, roomId],
    );
    return row ? toRoomPreferences(row) : { roomId, level: null };
  }
}
