import { HandshakeError } from "../../access/handshake-error.ts";
import type { Database } from "../../database/database.ts";
import { usernameKey } from "../../lib/username-key.ts";
import type { Claims } from "./claims.ts";

/** The person behind a token, as stored. */
export interface User {
  id: string;
  username: string;
  avatarUrl: string | undefined;
  isGuest: boolean;
  isAdmin: boolean;
}

export interface UsersOptions {
  database: Database;
  /** `strict` refuses people who are not there yet. */
  provision: "jit" | "strict";
  /** Someone is administrator of the instance. Called each time they come, so it must be cheap and may find it done. */
  onAdmin: (userId: string) => Promise<void>;
  /** Someone's name or picture is another from now on. */
  onRenamed: (userId: string) => Promise<void>;
}

interface Row {
  n: number;
  id: string | null;
  username: string;
  avatar_url: string | null;
  is_guest: boolean;
  is_admin: boolean;
  is_banned: boolean;
  is_revoked: boolean;
}

interface Ask {
  claims: Claims;
  mayCreate: boolean;
  resolve: (row: Row) => void;
  reject: (error: unknown) => void;
}

const maxBatch = 500;

/**
 * Finds the people that tokens speak of, and makes those who are new. What is asked in one tick, or while a query is
 * under way, is answered by one query together: a crowd that comes back after a restart costs a few of them.
 */
export class Users {
  readonly #options: UsersOptions;
  #asks: Ask[] = [];
  #isRunning = false;

  constructor(options: UsersOptions) {
    this.#options = options;
  }

  /** @throws `HandshakeError` for one who is banned, whose session was revoked, or who is unknown under `strict`. */
  provision(claims: Claims): Promise<User> {
    return this.#settle(claims, claims.isOwnAccount || this.#options.provision === "jit");
  }

  /** Finds someone by id, as a back end that acts for them does. */
  find(userId: string): Promise<User> {
    return this.#settle(bareClaims(userId), false);
  }

  async #settle(claims: Claims, mayCreate: boolean): Promise<User> {
    const row = await this.#ask(claims, mayCreate);
    if (row.id === null) throw new HandshakeError("user_not_found");
    if (row.is_banned) throw new HandshakeError("user_banned");
    if (row.is_revoked) throw new HandshakeError("token_invalid");
    return this.#bringUpToDate({ ...row, id: row.id }, claims);
  }

  #ask(claims: Claims, mayCreate: boolean): Promise<Row> {
    return new Promise((resolve, reject) => {
      this.#asks.push({ claims, mayCreate, resolve, reject });
      if (!this.#isRunning) {
        this.#isRunning = true;
        setImmediate(() => void this.#run());
      }
    });
  }

  async #run(): Promise<void> {
    while (this.#asks.length > 0) {
      const batch = this.#asks.splice(0, maxBatch);
      try {
        const rows = await this.#readOrCreate(batch);
        for (const [index, ask] of batch.entries()) {
          const row = rows.get(index);
          if (row === undefined) ask.reject(new Error("unable to find a user; the answer is incomplete"));
          else ask.resolve(row);
        }
      } catch (error) {
        for (const ask of batch) ask.reject(error);
      }
    }
    this.#isRunning = false;
  }

  async #readOrCreate(batch: readonly Ask[]): Promise<Map<number, Row>> {
    const rows = await readRows(this.#options.database, batch);
    const isNew = (ask: Ask, index: number) => ask.mayCreate && rows.get(index)?.id === null;
    const missing = batch.filter(isNew).map((ask) => ask.claims);
    if (missing.length === 0) return rows;
    await createUsers(this.#options.database, missing);
    return readRows(this.#options.database, batch);
  }

  async #bringUpToDate(row: Row & { id: string }, claims: Claims): Promise<User> {
    const user: User = {
      id: row.id,
      username: claims.username ?? row.username,
      avatarUrl: claims.avatarUrl ?? row.avatar_url ?? undefined,
      isGuest: row.is_guest,
      isAdmin: row.is_admin || claims.isAdmin,
    };
    const isRenamed = user.username !== row.username || user.avatarUrl !== (row.avatar_url ?? undefined);
    if (isRenamed || user.isAdmin !== row.is_admin) {
      await this.#options.database.query(
        "update users set username = $2, username_key = $3, avatar_url = $4, is_admin = $5 where id = $1",
        [user.id, user.username, usernameKey(user.username), user.avatarUrl ?? null, user.isAdmin],
      );
    }
    if (isRenamed) await this.#options.onRenamed(user.id);
    if (user.isAdmin) await this.#options.onAdmin(user.id);
    return user;
  }
}

function bareClaims(userId: string): Claims {
  return {
    userId,
    username: undefined,
    avatarUrl: undefined,
    isGuest: false,
    isAdmin: false,
    sid: undefined,
    issuedAt: undefined,
    expiresAt: undefined,
    isOwnAccount: false,
  };
}

/** Each person is looked up by themselves (offset 0): the planner, which takes a list for 100 rows, would read whole tables. */
const readSql = `
  select a.n, u.id, u.username, u.avatar_url, u.is_guest, u.is_admin, u.banned_at is not null as is_banned,
    exists (
      select 1 from revocations r
      where r.user_id = a.id
        and (r.issuer_session_id = a.sid or (r.issuer_session_id is null and r.at >= to_timestamp(a.iat)))
    ) as is_revoked
  from jsonb_to_recordset($1::jsonb) as a(n int, id text, sid text, iat double precision)
  left join lateral (select * from users where id = a.id offset 0) u on true`;

async function readRows(database: Database, batch: readonly Ask[]): Promise<Map<number, Row>> {
  const asked = batch.map(({ claims }, n) => ({ n, id: claims.userId, sid: claims.sid, iat: claims.issuedAt }));
  const rows = await database.query<Row>(readSql, [JSON.stringify(asked)]);
  return new Map(rows.map((row) => [row.n, row]));
}

/**
 * The first person who is not a guest becomes administrator: one row of `instance` can be inserted once, so of two
 * first people on two nodes one is, and the other's statement waits to see it.
 */
const createSql = `
  with asked as (
    select * from jsonb_to_recordset($1::jsonb)
      as a(n int, id text, username text, username_key text, avatar_url text, is_guest boolean)
  ), first as (
    insert into instance (key, value)
    select 'administrator', id from asked where not is_guest order by n limit 1
    on conflict (key) do nothing
    returning value
  ), made as (
    insert into users (id, username, username_key, avatar_url, is_guest, is_admin)
    select id, username, username_key, avatar_url, is_guest, id = coalesce((select value from first), '')
    from asked order by id
    on conflict (id) do nothing
    returning id
  )
  insert into streams (id) select 'user:' || id from made order by id on conflict (id) do nothing`;

async function createUsers(database: Database, claims: readonly Claims[]): Promise<void> {
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
  await database.query(createSql, [JSON.stringify(asked)]);
}
