import { limits } from "@mirage/protocol";
import type { PreferenceOverrides } from "../../../access/preferences.ts";
import type { Database } from "../../../database/database.ts";
import type { AwayChannel } from "../../../hot-path/chat-lane/notices.ts";
import type { PushSubscription } from "../../../ports/push-sender.ts";
import { mailAddressOf, type RecipientRow } from "../notifications.store.ts";

/** Lanes of the outbox: ways to reach people who are away, and the links that confirm their addresses. */
export type DeliveryChannel = AwayChannel | "confirmation";

/** Something that is due, taken by this node for as long as its lease. */
export interface ClaimedDelivery {
  id: number;
  userId: string;
  subject: string;
  /** It is about unread notifications from this position on; the next one of this subject is from a later one on. */
  fromSeq: number;
  version: number;
  toldAt: Date;
  attempts: number;
  reachedIds: string[];
  /** Its person may not come in any more. */
  isBanned: boolean;
}

/** An unread notification as it is now, with all that decides whether its person wants to be told. */
export interface UnreadNotification extends Pick<RecipientRow, "level"> {
  id: string;
  seq: number;
  type: string;
  title: string;
  content: string;
  metadata: Record<string, unknown>;
  /** Position of the message it is about; null or 0 for none. */
  messageSeq: number | null;
  isUrgent: boolean;
  createdAt: string;
  /** Null: it is of no room; `level` and `mutedUntil` may be of its document's. */
  roomType: string | null;
  roomName: string | null;
  memberCount: number | null;
  mutedUntil: string | null;
}

export type PushAddress = PushSubscription & {
  id: string;
  /** What was pushed there of this subject has not been closed since. */
  isShown: boolean;
};

/** What is known of one delivery when it is about to be sent. */
export interface DeliveryFacts {
  id: number;
  overrides: PreferenceOverrides | null;
  /** The newest first, one more than a mail lists; null for none. */
  unread: UnreadNotification[] | null;
  unreadCount: number;
  /** Nothing of the subject is unread, however old. */
  isAllRead: boolean;
  devices: PushAddress[] | null;
  /** Where mail goes, unless it fails there. */
  email: string | null;
}

/** What becomes of a claimed delivery. */
export interface Settlement {
  id: number;
  version: number;
  isDone: boolean;
  /** What came since is about notifications from here on, and due then. */
  nextSeq: number;
  nextDueAt: Date;
  /** Of one that is not done. */
  dueAt: Date;
  attempts: number;
  reachedIds: readonly string[];
}

export class DeliveryStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Takes what is due longest and nobody works at. */
  async claim(
    channel: DeliveryChannel,
    at: { now: Date; claimedUntil: Date; limit: number },
  ): Promise<ClaimedDelivery[]> {
    return await this.#database.query<ClaimedDelivery>(
      `UPDATE deliveries SET claimed_until = $2 WHERE id IN (
         SELECT id FROM deliveries WHERE channel = $4 AND due_at <= $1 AND (claimed_until IS NULL OR claimed_until <= $1)
         ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
       RETURNING id, user_id AS "userId", subject, version, from_seq AS "fromSeq", told_at AS "toldAt", attempts,
         reached_ids AS "reachedIds",
         EXISTS (SELECT 1 FROM users u WHERE u.id = deliveries.user_id AND u.banned_at IS NOT NULL) AS "isBanned"`,
      [at.now, at.claimedUntil, at.limit, channel],
    );
  }

  /** Everything about these, in one read. Nobody is told of a room that they are no member of any more. */
  async read(ids: readonly number[]): Promise<DeliveryFacts[]> {
    return await this.#database.query<DeliveryFacts>(
      `SELECT d.id, g.overrides, n.unread, unread_notifications_v1(d.user_id) AS "unreadCount",
         NOT EXISTS (SELECT 1 FROM notifications t WHERE t.user_id = d.user_id
           AND coalesce(t.group_key, t.cause) = d.subject AND t.is_listed AND t.deleted_at IS NULL
           AND t.read_at IS NULL) AS "isAllRead",
         (SELECT jsonb_agg(to_jsonb(v) || jsonb_build_object('isShown', s.device_id IS NOT NULL) ORDER BY v.id)
           FROM push_devices v LEFT JOIN shown_pushes s ON s.device_id = v.id AND s.user_id = v.user_id
             AND s.subject = d.subject
           WHERE v.user_id = d.user_id) AS devices,
         ${mailAddressOf("d")} AS email
       FROM deliveries d
       LEFT JOIN notification_settings g ON g.user_id = d.user_id
       CROSS JOIN LATERAL (SELECT jsonb_agg(to_jsonb(u) ORDER BY u.seq DESC) AS unread FROM (
         SELECT t.id, t.seq, t.type, t.title, coalesce(m.content, t.content) AS content, t.metadata,
           t.message_seq AS "messageSeq", t.urgent AS "isUrgent", t.created_at AS "createdAt", o.type AS "roomType",
           o.name AS "roomName", o.member_count AS "memberCount", r.level,
           r.muted_until AS "mutedUntil"
         FROM notifications t
         LEFT JOIN messages m ON m.id = CASE WHEN t.cause LIKE 'message:%' THEN substr(t.cause, 9) END
         LEFT JOIN rooms o ON o.id = t.room_id
         LEFT JOIN documents w ON w.id = t.metadata ->> 'documentId' AND t.room_id IS NULL AND t.type <> 'invite'
         LEFT JOIN room_preferences r ON r.user_id = t.user_id AND r.room_id = coalesce(t.room_id, w.room_id)
         WHERE t.user_id = d.user_id AND t.seq >= d.from_seq AND coalesce(t.group_key, t.cause) = d.subject
           AND t.is_listed AND t.deleted_at IS NULL AND t.read_at IS NULL AND m.deleted_at IS NULL
           AND (t.room_id IS NULL OR EXISTS (SELECT 1 FROM members b
             WHERE b.room_id = t.room_id AND b.user_id = t.user_id AND b.role IS NOT NULL))
         ORDER BY t.seq DESC LIMIT ${limits.mailedNotifications + 1}) u) n
       WHERE d.id = ANY ($1::bigint[])`,
      [ids],
    );
  }

  /**
   * Ends the claims of these; returns those that it did. It never waits for a commit that has one of them, because that may
   * wait for another: such a one is left out, to be tried again.
   */
  async settle(settlements: readonly Settlement[]): Promise<number[]> {
    const rows = await this.#database.query<{ id: number }>(
      `WITH results AS (
         SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(id bigint, version int, "isDone" boolean, "nextSeq" bigint,
           "nextDueAt" timestamptz, "dueAt" timestamptz, attempts int, "reachedIds" text[])
       ), free AS MATERIALIZED (
         SELECT id, version FROM deliveries WHERE id IN (SELECT id FROM results) FOR UPDATE SKIP LOCKED
       ), gone AS (
         DELETE FROM deliveries d USING free f JOIN results r USING (id)
         WHERE d.id = f.id AND r."isDone" AND f.version = r.version
       ), kept AS (
         UPDATE deliveries d SET claimed_until = NULL,
           from_seq = CASE WHEN r."isDone" THEN r."nextSeq" ELSE d.from_seq END,
           due_at = CASE WHEN f.version <> r.version THEN r."nextDueAt" ELSE r."dueAt" END,
           attempts = CASE WHEN f.version <> r.version THEN 0 ELSE r.attempts END,
           reached_ids = CASE WHEN f.version <> r.version THEN '{}' ELSE r."reachedIds" END
         FROM free f JOIN results r USING (id)
         WHERE d.id = f.id AND NOT (r."isDone" AND f.version = r.version)
       )
       SELECT id FROM free`,
      [JSON.stringify(settlements)],
    );
    return rows.map(({ id }) => id);
  }

  /** When the oldest that is due was to be sent. */
  async oldestDueAt(channel: DeliveryChannel, now: Date): Promise<Date | undefined> {
    const [row] = await this.#database.query<{ at: Date | null }>(
      "SELECT min(due_at) AS at FROM deliveries WHERE channel = $2 AND due_at <= $1",
      [now, channel],
    );
    return row?.at ?? undefined;
  }
}
