import type { Database } from "../../../database/database.ts";

/** A subject that stands on a device since it was pushed there. */
export interface ShownPush {
  deviceId: string;
  userId: string;
  subject: string;
}

export class ShownPushStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Notes what devices show now, and what they were told to close. Of a device that is gone nothing is kept. */
  async note({ shown, closed }: { shown: ShownPush[]; closed: ShownPush[] }, at: Date): Promise<void> {
    if (shown.length > 0) {
      await this.#database.query(
        `INSERT INTO shown_pushes (device_id, user_id, subject, shown_at)
         SELECT x."deviceId", x."userId", x.subject, $2
         FROM jsonb_to_recordset($1::jsonb) AS x("deviceId" text, "userId" text, subject text)
         JOIN push_devices v ON v.id = x."deviceId" AND v.user_id = x."userId" FOR KEY SHARE OF v
         ON CONFLICT (device_id, subject) DO UPDATE SET user_id = excluded.user_id, shown_at = excluded.shown_at`,
        [JSON.stringify(shown), at],
      );
    }
    if (closed.length > 0) {
      await this.#database.query(
        `DELETE FROM shown_pushes s USING jsonb_to_recordset($1::jsonb) AS x("deviceId" text, subject text)
         WHERE s.device_id = x."deviceId" AND s.subject = x.subject`,
        [JSON.stringify(closed)],
      );
    }
  }
}
