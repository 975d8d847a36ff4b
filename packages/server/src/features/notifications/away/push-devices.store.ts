import { createHash } from "node:crypto";
import { limits } from "@mirage/protocol";
import type { Database } from "../../../database/database.ts";
import type { PushSubscription } from "../../../ports/push-sender.ts";
import type { SendResult } from "../../../ports/send-result.ts";

export interface PushDevice extends PushSubscription {
  id: string;
  label: string | null;
  lastSuccessAt: Date | null;
  lastError: string | null;
}

/** How one push to one device went. */
export interface DeviceResult {
  deviceId: string;
  result: SendResult;
}

const deviceId = (endpoint: string): string => createHash("sha256").update(endpoint).digest("base64url");

export class PushDeviceStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * False where the endpoint belongs to somebody else: it changes hands only with its keys, which its browser alone knows.
   * Of too many devices the oldest go.
   */
  async add(
    userId: string,
    device: { endpoint: string; keys: { p256dh: string; auth: string }; label?: string | undefined },
    at: Date,
  ): Promise<boolean> {
    const { endpoint, keys, label } = device;
    const rows = await this.#database.query(
      `INSERT INTO push_devices AS d (id, user_id, endpoint, p256dh, auth, label, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, p256dh = excluded.p256dh, auth = excluded.auth,
         label = excluded.label, created_at = CASE WHEN d.user_id = excluded.user_id THEN d.created_at ELSE $7 END,
         last_error = NULL
       WHERE d.user_id = excluded.user_id OR (d.p256dh = excluded.p256dh AND d.auth = excluded.auth)
       RETURNING id`,
      [deviceId(endpoint), userId, endpoint, keys.p256dh, keys.auth, label ?? null, at],
    );
    if (rows.length === 0) return false;
    await this.#database.query(
      `DELETE FROM push_devices WHERE id IN (
         SELECT id FROM push_devices WHERE user_id = $1 ORDER BY created_at DESC, id OFFSET $2)`,
      [userId, limits.pushDevices],
    );
    return true;
  }

  async remove(userId: string, endpoint: string): Promise<void> {
    await this.#database.query("DELETE FROM push_devices WHERE id = $1 AND user_id = $2", [deviceId(endpoint), userId]);
  }

  async list(userId: string): Promise<PushDevice[]> {
    return await this.#database.query<PushDevice>(
      `SELECT id, endpoint, p256dh, auth, label, last_success_at AS "lastSuccessAt", last_error AS "lastError"
       FROM push_devices WHERE user_id = $1 ORDER BY created_at, id`,
      [userId],
    );
  }

  /** Notes how pushes went; devices that are gone are forgotten. */
  async note(results: readonly DeviceResult[], at: Date): Promise<void> {
    const gone = results.filter(({ result }) => result.kind === "gone").map((one) => one.deviceId);
    const others = results.filter(({ result }) => result.kind !== "gone");
    if (gone.length > 0) await this.#database.query("DELETE FROM push_devices WHERE id = ANY ($1::text[])", [gone]);
    if (others.length === 0) return;
    const rows = others.map(({ deviceId: id, result }) => ({ id, error: "reason" in result ? result.reason : null }));
    await this.#database.query(
      `UPDATE push_devices d SET last_error = r.error,
         last_success_at = CASE WHEN r.error IS NULL THEN $2 ELSE d.last_success_at END
       FROM (SELECT DISTINCT ON (id) id, error FROM jsonb_to_recordset($1::jsonb) AS x(id text, error text)
         ORDER BY id, error NULLS FIRST) r
       WHERE d.id = r.id`,
      [JSON.stringify(rows), at],
    );
  }
}
