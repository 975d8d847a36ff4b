import type { Database } from "../../../database/database.ts";

/** Where somebody's mail goes. */
export interface EmailAddress {
  address: string | null;
  failureCount: number;
  lastError: string | null;
  waitingAddress: string | null;
  waitingUntil: Date | null;
}

/** An address that waits for its link to be opened. */
export interface WaitingAddress {
  userId: string;
  address: string;
  nonce: string;
  until: Date;
}

/** How one mail to one address went; `error` where it was refused for good. */
export interface MailResult {
  userId: string;
  address: string;
  error: string | null;
}

const nothingWaits = "waiting_address = NULL, waiting_nonce = NULL, waiting_until = NULL";

export class EmailAddressStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(userId: string): Promise<EmailAddress | undefined> {
    const [row] = await this.#database.query<EmailAddress>(
      `SELECT address, failure_count AS "failureCount", last_error AS "lastError", waiting_address AS "waitingAddress",
         waiting_until AS "waitingUntil"
       FROM email_addresses WHERE user_id = $1`,
      [userId],
    );
    return row;
  }

  /** In place of one that waited before. With `isMailed` the mail with the link is due in the same transaction. */
  async wait({ userId, address, nonce, until }: WaitingAddress, mail: { isMailed: boolean; at: Date }): Promise<void> {
    await this.#database.query(
      `WITH waiting AS (
         INSERT INTO email_addresses (user_id, waiting_address, waiting_nonce, waiting_until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET waiting_address = $2, waiting_nonce = $3, waiting_until = $4
       )
       INSERT INTO deliveries AS d (user_id, channel, subject, from_seq, version, told_at, due_at)
       SELECT $1, 'confirmation', 'confirmation', 0, 1, $6, $6 WHERE $5
       ON CONFLICT (user_id, channel, subject) DO UPDATE
       SET version = d.version + 1, told_at = excluded.told_at, due_at = excluded.due_at, attempts = 0`,
      [userId, address, nonce, until, mail.isMailed, mail.at],
    );
  }

  /** Nothing waits any more, what is confirmed stays. */
  async stopWaiting(userId: string): Promise<void> {
    await this.#database.query(`UPDATE email_addresses SET ${nothingWaits} WHERE user_id = $1`, [userId]);
  }

  /** The address whose link holds this nonce; undefined where it was opened, has a successor or is too old. */
  async findWaiting(userId: string, nonce: string, now: Date): Promise<string | undefined> {
    const [row] = await this.#database.query<{ address: string }>(
      `SELECT waiting_address AS address FROM email_addresses
       WHERE user_id = $1 AND waiting_nonce = $2 AND waiting_until > $3`,
      [userId, nonce, now],
    );
    return row?.address;
  }

  /** Confirms it, once. */
  async confirm(userId: string, nonce: string, now: Date): Promise<string | undefined> {
    const [row] = await this.#database.query<{ address: string }>(
      `UPDATE email_addresses SET address = waiting_address, is_chosen = true, failure_count = 0, last_error = NULL,
         ${nothingWaits}
       WHERE user_id = $1 AND waiting_nonce = $2 AND waiting_until > $3 RETURNING address`,
      [userId, nonce, now],
    );
    return row?.address;
  }

  /** Also keeps tokens from bringing one back. */
  async remove(userId: string): Promise<void> {
    await this.#database.query(
      `INSERT INTO email_addresses (user_id, is_chosen) VALUES ($1, true)
       ON CONFLICT (user_id) DO UPDATE SET address = NULL, is_chosen = true, failure_count = 0, last_error = NULL,
         ${nothingWaits}`,
      [userId],
    );
  }

  /** Addresses that a host has confirmed; whoever has chosen for themselves keeps to that. One a person. */
  async learn(known: readonly { userId: string; address: string }[]): Promise<void> {
    await this.#database.query(
      `INSERT INTO email_addresses AS e (user_id, address)
       SELECT x."userId", x.address FROM jsonb_to_recordset($1::jsonb) AS x("userId" text, address text) ORDER BY 1
       ON CONFLICT (user_id) DO UPDATE SET address = excluded.address, failure_count = 0, last_error = NULL
       WHERE NOT e.is_chosen AND e.address IS DISTINCT FROM excluded.address`,
      [JSON.stringify(known)],
    );
  }

  /** Those whose links these deliveries are to send. */
  async listWaiting(deliveryIds: readonly number[], now: Date): Promise<(WaitingAddress & { deliveryId: number })[]> {
    return await this.#database.query(
      `SELECT d.id AS "deliveryId", e.user_id AS "userId", e.waiting_address AS address, e.waiting_nonce AS nonce,
         e.waiting_until AS until
       FROM deliveries d JOIN email_addresses e USING (user_id)
       WHERE d.id = ANY ($1::bigint[]) AND e.waiting_until > $2`,
      [deliveryIds, now],
    );
  }

  /** Counts what an address refused in a row; one mail that it takes makes up for all. */
  async note(results: readonly MailResult[]): Promise<void> {
    await this.#database.query(
      `UPDATE email_addresses e SET
         failure_count = CASE WHEN r.is_taken THEN 0 ELSE e.failure_count + r.refused END,
         last_error = CASE WHEN r.is_taken THEN NULL ELSE r.error END
       FROM (
         SELECT "userId", address, count(error)::int AS refused, bool_or(error IS NULL) AS is_taken, max(error) AS error
         FROM jsonb_to_recordset($1::jsonb) AS x("userId" text, address text, error text) GROUP BY 1, 2) r
       WHERE e.user_id = r."userId" AND e.address = r.address`,
      [JSON.stringify(results)],
    );
  }
}
