import type { Database, ExclusiveConnection, Lane, SqlValue } from "./database.ts";
import type { DatabaseLog } from "./database-log.ts";
import { PostgresLink, type PostgresLinkOptions, type Statement } from "./postgres-link.ts";
import { PostgresPool } from "./postgres-pool.ts";
import { encodeParam, toArrays, toObjects } from "./sql-values.ts";

export interface PostgresDatabaseOptions {
  databaseUrl: string;
  log: DatabaseLog;
  /** For tests. Above the server's own `statement_timeout`, so it only counts when the server is silent. */
  callDeadlineMs?: number;
  connectDeadlineMs?: number;
}

const poolSize = 10;
const maxWaiting = 10_000;
const poolWaitMs = 5_000;
const callDeadlineMs = 15_000;
const connectDeadlineMs = 5_000;
const closeGraceMs = 3_000;
/** A migration may rewrite a large table, or wait for another process that does. */
const exclusiveDeadlineMs = 30 * 60_000;

/** Postgres over the network: a pool for `query`, one connection for each lane. */
export class PostgresDatabase implements Database {
  readonly kind = "postgres";
  readonly #options: PostgresDatabaseOptions;
  readonly #pool: PostgresPool;
  readonly #lanes = new Set<PostgresPool>();

  constructor(options: PostgresDatabaseOptions) {
    this.#options = options;
    this.#pool = new PostgresPool({ size: poolSize, maxWaitMs: poolWaitMs, maxWaiting, makeLink: () => this.#link() });
  }

  async query<Row extends object>(text: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    return await queryOn<Row>(this.#pool, text, params);
  }

  async queryArrays(text: string, params: readonly SqlValue[] = []): Promise<unknown[][]> {
    // Built statements come in too many shapes to keep each one prepared on every connection.
    return toArrays(await this.#pool.run({ text, params: params.map(encodeParam), form: "once" }));
  }

  openLane(name: string): Lane {
    const pool = new PostgresPool({
      size: 1,
      maxWaitMs: callDeadlineMs,
      maxWaiting,
      makeLink: () => this.#link({ parameters: { application_name: `mirage ${name}` } }),
    });
    this.#lanes.add(pool);
    return {
      query: async (text, params = []) => await queryOn(pool, text, params),
      close: async () => {
        this.#lanes.delete(pool);
        await pool.close(closeGraceMs);
      },
    };
  }

  async exclusive<Result>(work: (connection: ExclusiveConnection) => Promise<Result>): Promise<Result> {
    const link = this.#link({
      callDeadlineMs: exclusiveDeadlineMs,
      parameters: { lock_timeout: "0", statement_timeout: "0", idle_in_transaction_session_timeout: "60000" },
    });
    try {
      return await work({
        query: async (text, params = []) => await queryOn(link, text, params),
        script: async (text) => {
          await link.run({ text, params: [], form: "script" });
        },
      });
    } finally {
      // Rolls back what was left open and gives back every lock.
      await link.close(closeGraceMs);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool, ...this.#lanes].map((pool) => pool.close(closeGraceMs)));
    this.#lanes.clear();
  }

  #link(overrides: Partial<PostgresLinkOptions> = {}): PostgresLink {
    return new PostgresLink({ callDeadlineMs, connectDeadlineMs, ...this.#options, ...overrides });
  }
}

async function queryOn<Row extends object>(
  target: { run(statement: Statement): ReturnType<PostgresLink["run"]> },
  text: string,
  params: readonly SqlValue[],
): Promise<Row[]> {
  return toObjects(await target.run({ text, params: params.map(encodeParam), form: "prepared" })) as Row[];
}
