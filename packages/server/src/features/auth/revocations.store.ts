import type { Database } from "../../database/database.ts";

export type RevocationReason = "signed_out" | "banned" | "deleted";

export interface RevocationRow {
  id: number;
  user_id: string;
  /** Null: everything of the person's. */
  issuer_session_id: string | null;
}

/** Sessions that were ended. Rows are numbered as they are added, which is not the order in which they are committed. */
export class RevocationStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(subject: { userId: string; issuerSessionId: string | undefined; reason: RevocationReason }): Promise<void> {
    await this.#database.query("INSERT INTO revocations (user_id, issuer_session_id, reason) VALUES ($1, $2, $3)", [
      subject.userId,
      subject.issuerSessionId ?? null,
      subject.reason,
    ]);
  }

  /** Up to a thousand above a number, from the lowest on. */
  listAfter(id: number): Promise<RevocationRow[]> {
    return this.#database.query<RevocationRow>(
      "SELECT id, user_id, issuer_session_id FROM revocations WHERE id > $1 ORDER BY id LIMIT 1000",
      [id],
    );
  }

  /** The newest, the newest first. */
  listNewest(limit: number): Promise<RevocationRow[]> {
    return this.#database.query<RevocationRow>(
      "SELECT id, user_id, issuer_session_id FROM revocations ORDER BY id DESC LIMIT $1::int",
      [limit],
    );
  }

  async forgetOlderThan(days: number): Promise<void> {
    await this.#database.query("DELETE FROM revocations WHERE at < now() - make_interval(days => $1::int)", [days]);
  }
}
