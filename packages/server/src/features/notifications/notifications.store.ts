import { limits, type Message, type Notification, type RoomLevel, type RoomPreferences } from "@mirage/protocol";
import type { PreferenceOverrides } from "../../access/preferences.ts";
import type { Database } from "../../database/database.ts";
import {
  type NotificationRow,
  type RoomPreferencesRow,
  toNotification,
  toRoomPreferences,
} from "../../hot-path/chat-lane/notification-rows.ts";
import { type MessageRow, toMessage } from "../../hot-path/chat-lane/rows.ts";
import type { Concern } from "./who-is-told.ts";

/** Somebody who may be told of a cause, with all that decides it. */
export interface RecipientRow {
  userId: string;
  /** The strongest first. */
  triggers: Concern[];
  overrides: PreferenceOverrides | null;
  level: RoomLevel | null;
  mutedUntil: Date | null;
  /** Some device of theirs takes pushes. */
  hasPush: boolean;
  /** An address of theirs is confirmed, and takes mail. */
  hasEmail: boolean;
}

/** Mails in a row that an address may refuse for good; then it gets no more until it is confirmed again. */
export const maxMailFailures = 3;

/** Where mail to the person of that row goes; null for nowhere. */
export const mailAddressOf = (row: string): string =>
  `(SELECT e.address FROM email_addresses e WHERE e.user_id = ${row}.user_id AND e.failure_count < ${maxMailFailures})`;

/** Where a person `p` can be reached outside of the app. */
export const reachOf = `EXISTS (SELECT 1 FROM push_devices v WHERE v.user_id = p.user_id) AS "hasPush",
  ${mailAddressOf("p")} IS NOT NULL AS "hasEmail"`;

/** Whom a message may tell: those it calls, the author of what it replies to, those who listen for a word of it, and everybody or those who follow the room. */
export interface Audience {
  roomId: string;
  authorId: string;
  calledIds: readonly string[];
  replyTo: string | undefined;
  listeningIds: readonly string[];
  others: "members" | "followers" | "none";
}

/** What of a comment decides who is told of it. Ids of comments sort in the order they were made. */
export interface CommentFacts {
  documentId: string;
  roomId: string | null;
  author: { userId: string };
  isDeleted: boolean;
  calledIds: string[];
  participantIds: string[];
  ownerId: string | null;
}

/** What the reactions to one message tell its author is shown together. */
export const likesGroup = (messageId: string): string => `likes:${messageId}`;

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

  /** Everybody whom a message may tell, in one read; whoever has left the room is told nothing of it. */
  async listAudience(audience: Audience): Promise<RecipientRow[]> {
    const { roomId, authorId, calledIds, replyTo, listeningIds, others } = audience;
    return await this.#database.query(
      `WITH people AS (
         SELECT user_id, 'mention' AS trigger, 1 AS rank FROM unnest($3::text[]) AS user_id
         UNION ALL
         SELECT user_id, 'reply', 2 FROM messages WHERE id = $4 AND room_id = $1 AND deleted_at IS NULL
         UNION ALL
         (SELECT l.user_id, 'keyword', 3 FROM unnest($6::text[]) AS l(user_id)
           JOIN members m ON m.room_id = $1 AND m.user_id = l.user_id AND m.role IS NOT NULL LIMIT $7)
         UNION ALL
         SELECT user_id, 'message', 4 FROM members WHERE $5 = 'members' AND room_id = $1 AND role IS NOT NULL
         UNION ALL
         SELECT user_id, 'message', 4 FROM room_preferences WHERE $5 = 'followers' AND room_id = $1 AND level = 'all'
       )
       SELECT p.user_id AS "userId", array_agg(p.trigger ORDER BY p.rank) AS triggers, g.overrides, r.level,
         r.muted_until AS "mutedUntil", ${reachOf}
       FROM people p
       JOIN members m ON m.room_id = $1 AND m.user_id = p.user_id AND m.role IS NOT NULL ${preferencesOf}
       WHERE p.user_id <> $2 GROUP BY p.user_id, g.overrides, r.level, r.muted_until`,
      [roomId, authorId, calledIds, replyTo ?? null, others, listeningIds, limits.crowdMembers],
    );
  }

  /** These people, all concerned by one trigger; `roomId` where it happens in a room, or in a document of one. */
  async listRecipients(userIds: readonly string[], trigger: Concern, roomId?: string | null): Promise<RecipientRow[]> {
    return await this.#database.query(
      `SELECT p.user_id AS "userId", ARRAY[$3::text] AS triggers, g.overrides, r.level, r.muted_until AS "mutedUntil",
         ${reachOf}
       FROM unnest($2::text[]) AS p(user_id) ${preferencesOf}`,
      [roomId ?? null, userIds, trigger],
    );
  }

  /** People who have a record of a cause now, some hundred at most. */
  async listTold(cause: string): Promise<string[]> {
    const rows = await this.#database.query<{ user_id: string }>(
      "SELECT user_id FROM notifications WHERE told_key(cause) = told_key($1) AND is_listed AND deleted_at IS NULL LIMIT $2",
      [cause, maxListedTold + 1],
    );
    return rows.map((row) => row.user_id);
  }

  /** Unread ones that are shown together, some hundred at most; and how many are unread in all. */
  async listUnreadOf(userId: string, groupKey: string): Promise<{ ids: string[]; unreadCount: number }> {
    const [row] = await this.#database.query<{ ids: string[] | null; unread: number }>(
      `SELECT unread_notifications_v1($1) AS unread, (SELECT array_agg(id) FROM (
         SELECT id FROM notifications WHERE user_id = $1 AND group_key = $2 AND is_listed AND deleted_at IS NULL
           AND read_at IS NULL LIMIT $3) n) AS ids`,
      [userId, groupKey, maxListedTold],
    );
    return { ids: row?.ids ?? [], unreadCount: row?.unread ?? 0 };
  }

  /** Newest first; `before` is a position. */
  async listPage(
    userId: string,
    page: { before: number; limit: number; unreadOnly: boolean },
  ): Promise<{ notifications: Notification[]; unreadCount: number; head: number }> {
    const [row] = await this.#database.query<{ head: number; unread: number; rows: NotificationRow[] | null }>(
      `SELECT s.head, unread_notifications_v1($1) AS unread,
         (SELECT jsonb_agg(to_jsonb(n) ORDER BY n.seq DESC) FROM (
           SELECT * FROM notification_state
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

  /** The record of a cause. Of one that its person has deleted nothing is left but that it was there. */
  async findByCause(
    userId: string,
    cause: string,
  ): Promise<{ notification: Notification; isDeleted: boolean } | undefined> {
    const [row] = await this.#database.query<NotificationRow>(
      "SELECT * FROM notification_state WHERE user_id = $1 AND cause = $2 AND is_listed",
      [userId, cause],
    );
    return row && { notification: toNotification(row), isDeleted: row.deleted_at !== null };
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

  /** Everybody who listens for words, and for which. */
  async listKeywords(): Promise<{ userId: string; keywords: string[] }[]> {
    return await this.#database.query(
      `SELECT user_id AS "userId", overrides->'keywords' AS keywords FROM notification_settings
       WHERE overrides ? 'keywords' AND overrides->'keywords' <> '[]'`,
    );
  }

  /** A comment, and whom it concerns. */
  async findComment(commentId: string): Promise<CommentFacts | undefined> {
    const [row] = await this.#database.query<CommentFacts>(
      `SELECT c.document_id AS "documentId", d.room_id AS "roomId", jsonb_build_object('userId', c.user_id) AS author,
         c.deleted_at IS NOT NULL AS "isDeleted", c.mentioned_ids AS "calledIds",
         ARRAY(SELECT DISTINCT user_id FROM document_comments
           WHERE thread_id = c.thread_id AND document_id = c.document_id AND deleted_at IS NULL AND id < c.id)
           AS "participantIds",
         CASE WHEN c.thread_id = c.id THEN d.owner_id END AS "ownerId"
       FROM document_comments c JOIN documents d ON d.id = c.document_id WHERE c.id = $1`,
      [commentId],
    );
    return row;
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
