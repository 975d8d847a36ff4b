import type { Database } from "../../database/database.ts";

/** Where a slice begins and ends, as ids: they sort by the time they were made. */
export interface SliceOfRecords {
  afterId: string;
  beforeId: string;
  /** Goes where it was read, deleted, or never shown, before this. */
  settledBefore: Date;
  /** Goes where it was made before this, read or not. */
  madeBefore: Date;
  limit: number;
}

/**
 * Records that have served, of a slice of the oldest ones. Nothing is waited for: whoever's stream is locked keeps theirs
 * until the next round, so no other commit can come into a deadlock with it. A stream that loses a record raises its floor
 * to the last change of it: whoever has not heard of that by now starts afresh.
 */
const removeRecords = `
  WITH looked AS (
    SELECT id FROM notifications WHERE id > $1 AND id < $2 ORDER BY id LIMIT $5
  ), due AS (
    SELECT t.id, 'user:' || t.user_id AS stream FROM notifications t JOIN looked USING (id) WHERE ${isDue("t")}
  ), streams_locked AS MATERIALIZED (
    SELECT id FROM streams WHERE id IN (SELECT stream FROM due) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
  ), locked AS MATERIALIZED (
    SELECT t.id FROM streams_locked s JOIN due d ON d.stream = s.id JOIN notifications t ON t.id = d.id
    WHERE ${isDue("t")} FOR UPDATE OF t SKIP LOCKED
  ), gone AS (
    DELETE FROM notifications t USING locked l WHERE t.id = l.id RETURNING t.user_id, t.user_seq
  ), raised AS (
    UPDATE streams s SET floor = greatest(s.floor, g.seq)
    FROM (SELECT 'user:' || user_id AS stream, max(user_seq) AS seq FROM gone GROUP BY user_id) g WHERE s.id = g.stream
  )
  SELECT (SELECT count(*)::int FROM looked) AS "lookedCount", (SELECT max(id) FROM looked) AS "lastId",
    (SELECT count(*)::int FROM gone) AS "removedCount"`;

function isDue(t: string): string {
  return `(coalesce(${t}.deleted_at, ${t}.read_at) < $3 OR NOT ${t}.is_listed AND ${t}.created_at < $3 OR ${t}.created_at < $4)`;
}

const removeJobs = `
  WITH due AS (SELECT id FROM room_jobs WHERE done_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
  DELETE FROM room_jobs j USING due d WHERE j.id = d.id RETURNING j.id`;

/** Takes away what was kept long enough; each statement is about any number of people. */
export class RetentionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** `lastId`: up to where it looked; null where there was nothing to look at. */
  async removeRecords(
    slice: SliceOfRecords,
  ): Promise<{ lookedCount: number; lastId: string | null; removedCount: number }> {
    const { afterId, beforeId, settledBefore, madeBefore, limit } = slice;
    const [row] = await this.#database.query<{ lookedCount: number; lastId: string | null; removedCount: number }>(
      removeRecords,
      [afterId, beforeId, settledBefore, madeBefore, limit],
    );
    return row ?? { lookedCount: 0, lastId: null, removedCount: 0 };
  }

  /** Room jobs that were done before then; returns how many went. */
  async removeJobs(doneBefore: Date, limit: number): Promise<number> {
    return (await this.#database.query(removeJobs, [doneBefore, limit])).length;
  }
}
