import type { Database } from "../../database/database.ts";
import type { RoomJob } from "../../hot-path/chat-lane/notices.ts";
import { likesGroup, type RecipientRow, reachOf } from "./notifications.store.ts";

/** A job as far as it has come. */
export type StartedJob = RoomJob & { afterUserId: string };

/**
 * People of one slice: it must not hold the event loop, the database's core, or those whom its commit locks, for more than
 * some milliseconds (`npm run bench -- tell-room`).
 */
const peoplePerSlice = 50;

export class RoomJobStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Stores a job that has no other cause; false where it was stored before. */
  async add(job: RoomJob, at: Date): Promise<boolean> {
    const rows = await this.#database.query(
      `INSERT INTO room_jobs (id, room_id, kind, notice, excluded_ids, created_at)
       VALUES ($1, $2, $3, $4::jsonb, $5::text[], $6) ON CONFLICT DO NOTHING RETURNING id`,
      [job.id, job.roomId, job.kind, JSON.stringify(job.notice), job.excludedIds, at],
    );
    return rows.length > 0;
  }

  /** Takes the oldest job that nobody works at. Those of one room go one after the other. */
  async claim({ now, leasedUntil }: { now: Date; leasedUntil: Date }): Promise<StartedJob | undefined> {
    const [row] = await this.#database.query<StartedJob>(
      `UPDATE room_jobs SET leased_until = $2 WHERE id = (
         SELECT j.id FROM room_jobs j
         WHERE j.done_at IS NULL AND (j.leased_until IS NULL OR j.leased_until <= $1)
           AND NOT EXISTS (SELECT 1 FROM room_jobs o WHERE o.room_id = j.room_id AND o.done_at IS NULL
             AND (o.created_at, o.id) < (j.created_at, j.id))
         ORDER BY j.created_at, j.id LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING id, room_id AS "roomId", kind, notice, excluded_ids AS "excludedIds", after_user_id AS "afterUserId"`,
      [now, leasedUntil],
    );
    return row;
  }

  async hasRoom(roomId: string): Promise<boolean> {
    return (await this.#database.query("SELECT id FROM rooms WHERE id = $1", [roomId])).length > 0;
  }

  async find(jobId: string): Promise<{ isDone: boolean; toldCount: number; notice: object } | undefined> {
    const [row] = await this.#database.query<{ isDone: boolean; toldCount: number; notice: object }>(
      `SELECT done_at IS NOT NULL AS "isDone", told_count AS "toldCount", notice FROM room_jobs WHERE id = $1`,
      [jobId],
    );
    return row;
  }

  /** The next people of a room, with what decides how they are told. */
  async listMembers({ roomId, afterUserId }: StartedJob, trigger: string): Promise<RecipientRow[]> {
    return await this.#database.query(
      `SELECT p.user_id AS "userId", ARRAY[$3::text] AS triggers, g.overrides, r.level, r.muted_until AS "mutedUntil",
         ${reachOf}
       FROM members p
       LEFT JOIN room_preferences r ON r.user_id = p.user_id AND r.room_id = p.room_id
       LEFT JOIN notification_settings g ON g.user_id = p.user_id
       WHERE p.room_id = $1 AND p.user_id > $2 AND p.role IS NOT NULL ORDER BY p.user_id LIMIT $4`,
      [roomId, afterUserId, trigger, peoplePerSlice],
    );
  }

  /** The next people who have a record of a cause. */
  async listTold(cause: string, afterUserId: string): Promise<string[]> {
    const rows = await this.#database.query<{ user_id: string }>(
      `SELECT user_id FROM notifications WHERE told_key(cause) = told_key($1) AND is_listed AND deleted_at IS NULL AND user_id > $2
       ORDER BY user_id LIMIT $3`,
      [cause, afterUserId, peoplePerSlice],
    );
    return rows.map((row) => row.user_id);
  }

  /** Some of what the reactions to a message have told its author. */
  async listLikes(messageId: string): Promise<{ id: string; userId: string }[]> {
    return await this.#database.query(
      `SELECT t.id, t.user_id AS "userId" FROM messages m
       JOIN notifications t ON t.user_id = m.user_id AND t.group_key = $2 AND t.is_listed AND t.deleted_at IS NULL
       WHERE m.id = $1 LIMIT $3`,
      [messageId, likesGroup(messageId), peoplePerSlice],
    );
  }

  /** Whether a message still calls everybody. */
  async isCalling(messageId: string): Promise<boolean> {
    const rows = await this.#database.query(
      "SELECT id FROM messages WHERE id = $1 AND mentions_all AND deleted_at IS NULL",
      [messageId],
    );
    return rows.length > 0;
  }

  /** Leaves a job to whoever comes next. */
  async release(jobId: string): Promise<void> {
    await this.#database.query("UPDATE room_jobs SET leased_until = NULL WHERE id = $1", [jobId]);
  }

  /** A job with nobody left to tell. */
  async finish(jobId: string, at: Date): Promise<void> {
    await this.#database.query("UPDATE room_jobs SET done_at = $2 WHERE id = $1 AND done_at IS NULL", [jobId, at]);
  }
}
