import type { Database } from "../../database/database.ts";
import { usernameKey } from "../../lib/username-key.ts";
import type { Claims } from "./claims.ts";

/** A person as a token names them: `id` is null where nobody is stored under it. */
export interface UserRow {
  id: string | null;
  username: string;
  avatar_url: string | null;
  is_guest: boolean;
  is_admin: boolean;
  is_banned: boolean;
  /** The session that the token belongs to was ended, or all of the person's since it was issued. */
  is_revoked: boolean;
}

/** Each person is looked up by themselves (OFFSET 0): the planner, which takes a list for 100 rows, would read whole tables. */
const readSql = `
  SELECT a.n, u.id, u.username, u.avatar_url, u.is_guest, u.is_admin, u.banned_at IS NOT NULL AS is_banned,
    EXISTS (
      SELECT 1 FROM revocations r
      WHERE r.user_id = a.id
        AND (r.issuer_session_id = a.sid OR (r.issuer_session_id IS NULL AND r.at >= to_timestamp(a.iat)))
    ) AS is_revoked
  FROM jsonb_to_recordset($1::jsonb) AS a(n int, id text, sid text, iat double precision)
  LEFT JOIN LATERAL (SELECT * FROM users WHERE id = a.id OFFSET 0) u ON true`;

/**
 * The first person who is not a guest becomes administrator: one row of `instance` can be inserted once, so of two
 * first people on two nodes one is, and the other's statement waits to see it.
 */
const createSql = `
  WITH asked AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb)
      AS a(n int, id text, username text, username_key text, avatar_url text, is_guest boolean)
  ), first AS (
    INSERT INTO instance (key, value)
    SELECT 'administrator', id FROM asked WHERE NOT is_guest ORDER BY n LIMIT 1
    ON CONFLICT (key) DO NOTHING
    RETURNING value
  ), made AS (
    INSERT INTO users (id, username, username_key, avatar_url, is_guest, is_admin)
    SELECT id, username, username_key, avatar_url, is_guest, id = coalesce((SELECT value FROM first), '')
    FROM asked ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING id
  )
  INSERT INTO streams (id) SELECT 'user:' || id FROM made ORDER BY id ON CONFLICT (id) DO NOTHING`;

/** People, as sign-in and tokens know them. */
export class UserStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** One row for each of these, in their order. */
  async read(claims: readonly Claims[]): Promise<UserRow[]> {
    const asked = claims.map(({ userId, sid, issuedAt }, n) => ({ n, id: userId, sid, iat: issuedAt }));
    const rows = await this.#database.query<UserRow & { n: number }>(readSql, [JSON.stringify(asked)]);
    return rows.sort((a, b) => a.n - b.n);
  }

  /** Makes those who are not there, with their streams. */
  async create(claims: readonly Claims[]): Promise<void> {
    const byId = new Map(claims.map((claim) => [claim.userId, claim]));
    const asked = [...byId.values()].map((claim, n) => {
      const username = claim.username ?? claim.userId.slice(0, 64);
      return {
        n,
        id: claim.userId,
        username,
        username_key: usernameKey(username),
        avatar_url: claim.avatarUrl,
        is_guest: claim.isGuest,
      };
    });
    await this.#database.query(createSql, [JSON.stringify(asked)]);
  }

  async update(user: { id: string; username: string; avatarUrl: string | undefined; isAdmin: boolean }): Promise<void> {
    const { id, username, avatarUrl, isAdmin } = user;
    await this.#database.query(
      "UPDATE users SET username = $2, username_key = $3, avatar_url = $4, is_admin = $5 WHERE id = $1",
      [id, username, usernameKey(username), avatarUrl ?? null, isAdmin],
    );
  }

  /** Whether somebody who is not a guest goes by a name. */
  async isTaken(username: string): Promise<boolean> {
    const sql = "SELECT 1 AS taken FROM users WHERE username_key = $1 AND NOT is_guest LIMIT 1";
    return (await this.#database.query(sql, [usernameKey(username)])).length > 0;
  }
}
