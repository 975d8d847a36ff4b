import { HandshakeError } from "../../access/handshake-error.ts";
import type { Claims } from "./claims.ts";
import type { UserRow, UserStore } from "./users.store.ts";

/** The person behind a token, as stored. */
export interface User {
  id: string;
  username: string;
  avatarUrl: string | undefined;
  isGuest: boolean;
  isAdmin: boolean;
}

export interface UsersOptions {
  store: UserStore;
  /** `strict` refuses people who are not there yet. */
  provision: "jit" | "strict";
  /** Someone is administrator of the instance. Called each time they come, so it must be cheap and may find it done. */
  onAdmin: (userId: string) => Promise<void>;
  /** Someone's name or picture is another from now on. */
  onRenamed: (userId: string) => Promise<void>;
}

interface Ask {
  claims: Claims;
  mayCreate: boolean;
  resolve: (row: UserRow) => void;
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

  #ask(claims: Claims, mayCreate: boolean): Promise<UserRow> {
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
          const row = rows[index];
          if (row === undefined) ask.reject(new Error("unable to find a user; the answer is incomplete"));
          else ask.resolve(row);
        }
      } catch (error) {
        for (const ask of batch) ask.reject(error);
      }
    }
    this.#isRunning = false;
  }

  async #readOrCreate(batch: readonly Ask[]): Promise<UserRow[]> {
    const { store } = this.#options;
    const asked = batch.map(({ claims }) => claims);
    const rows = await store.read(asked);
    const missing = asked.filter((_, index) => batch[index]?.mayCreate && rows[index]?.id === null);
    if (missing.length === 0) return rows;
    await store.create(missing);
    return await store.read(asked);
  }

  async #bringUpToDate(row: UserRow & { id: string }, claims: Claims): Promise<User> {
    const user: User = {
      id: row.id,
      username: claims.username ?? row.username,
      avatarUrl: claims.avatarUrl ?? row.avatar_url ?? undefined,
      isGuest: row.is_guest,
      isAdmin: row.is_admin || claims.isAdmin,
    };
    const isRenamed = user.username !== row.username || user.avatarUrl !== (row.avatar_url ?? undefined);
    if (isRenamed || user.isAdmin !== row.is_admin) await this.#options.store.update(user);
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
    verifiedEmail: undefined,
    isGuest: false,
    isAdmin: false,
    sid: undefined,
    issuedAt: undefined,
    expiresAt: undefined,
    isOwnAccount: false,
  };
}
