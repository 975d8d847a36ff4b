import { connect as connectSocket, type Socket } from "node:net";
import postgres from "postgres";
import { DatabaseError } from "./database.ts";
import type { DatabaseLog } from "./database-log.ts";
import { toDatabaseError } from "./postgres-errors.ts";
import type { WireResult, WireValue } from "./sql-values.ts";

/**
 * One connection to Postgres, one call at a time, made when it is first needed.
 *
 * A driver client here has exactly one socket in its life. When that is lost the client is thrown away and the next
 * call makes a new one, so the driver never sends a statement a second time, and reconnecting has no backoff to wait for.
 */
export interface PostgresLinkOptions {
  databaseUrl: string;
  /** Session parameters, on top of the ones every connection has. */
  parameters?: Record<string, string>;
  /** A call that takes longer fails `connectionLost` and its connection is destroyed. */
  callDeadlineMs: number;
  connectDeadlineMs: number;
  log: DatabaseLog;
}

export interface Statement {
  text: string;
  params: readonly WireValue[];
  /** `prepared`: parsed once per connection. `once`: parsed each time. `script`: several statements, no rows. */
  form: "prepared" | "once" | "script";
}

export class PostgresLink {
  readonly #options: PostgresLinkOptions;
  #client: postgres.Sql | undefined;
  #socket: Socket | undefined;

  constructor(options: PostgresLinkOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#client !== undefined;
  }

  /** Makes the connection if there is none. */
  async open(): Promise<void> {
    if (this.#client !== undefined) return;
    const client = postgres(this.#options.databaseUrl, this.#clientOptions());
    this.#client = client;
    try {
      await this.#bounded(client.unsafe("select 1"), this.#options.connectDeadlineMs);
    } catch (error) {
      this.destroy();
      throw toDatabaseError(error, "connecting");
    }
  }

  async run(statement: Statement): Promise<WireResult> {
    await this.open();
    const client = this.#client;
    if (client === undefined) throw new DatabaseError("The connection was closed.", { connectionLost: true });
    try {
      const options = { prepare: statement.form === "prepared", simple: statement.form === "script" };
      const pending = client.unsafe(statement.text, [...statement.params], options).raw();
      return toWireResult(await this.#bounded(pending, this.#options.callDeadlineMs));
    } catch (error) {
      const failure = toDatabaseError(error, "running");
      if (failure.connectionLost) this.destroy();
      throw failure;
    }
  }

  /** Ends the connection in order and waits until the server knows it; at most `deadlineMs`. */
  async close(deadlineMs: number): Promise<void> {
    await this.#client?.end({ timeout: deadlineMs / 1000 });
    this.destroy();
  }

  /** Ends the connection at once; a call in flight fails `connectionLost`. */
  destroy(): void {
    const client = this.#client;
    const socket = this.#socket;
    this.#client = undefined;
    this.#socket = undefined;
    socket?.destroy();
    client?.end({ timeout: 0 }).catch((error: unknown) => {
      this.#options.log("warn", "A database connection did not end cleanly.", { error: String(error) });
    });
  }

  #clientOptions(): postgres.Options<Record<string, postgres.PostgresType>> & { socket: SocketSource } {
    let isUsed = false;
    return {
      max: 1,
      idle_timeout: 0,
      max_lifetime: 0,
      connect_timeout: 0,
      // Array types are known to `sql-values.ts`; asking for them costs a round trip per connection.
      fetch_types: false,
      types: verbatimTypes,
      onnotice: (notice) => this.#options.log("debug", "Postgres notice", { notice: notice.message }),
      connection: { ...sessionParameters, ...this.#options.parameters },
      socket: async (target) => {
        if (isUsed) throw new DatabaseError("The database closed the connection.", { connectionLost: true });
        isUsed = true;
        return await this.#openSocket(target);
      },
    };
  }

  async #openSocket(target: SocketTarget): Promise<Socket> {
    // A URL can name a folder of unix sockets only percent-encoded: postgres://%2Frun%2Fpostgresql/name.
    const host = decodeURIComponent(target.host[0] ?? "localhost");
    const port = target.port[0] ?? 5432;
    const socket = host.startsWith("/")
      ? connectSocket({ path: `${host}/.s.PGSQL.${port}` })
      : connectSocket({ host, port, noDelay: true });
    this.#socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
      socket.once("close", () => reject(new DatabaseError("The connection was closed.", { connectionLost: true })));
    });
    socket.on("close", () => {
      if (this.#socket === socket) this.destroy();
    });
    // NOTE the driver reads the host from the socket to check a TLS certificate against it.
    return Object.assign(socket, { host, port });
  }

  async #bounded<Result>(call: Promise<Result>, deadlineMs: number): Promise<Result> {
    const { promise: expired, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new DatabaseError(`The database did not answer within ${deadlineMs} ms.`, { connectionLost: true }));
      this.destroy();
    }, deadlineMs);
    try {
      return await Promise.race([call, expired]);
    } finally {
      clearTimeout(timer);
    }
  }
}

interface SocketTarget {
  host: string[];
  port: number[];
}

type SocketSource = (target: SocketTarget) => Promise<Socket>;

/**
 * `lock_timeout` and `idle_in_transaction_session_timeout` keep a stopped process from holding up the others;
 * values in milliseconds. jit costs more than it saves on statements of a few milliseconds.
 */
const sessionParameters: Record<string, string> = {
  application_name: "mirage",
  lock_timeout: "1000",
  idle_in_transaction_session_timeout: "2000",
  statement_timeout: "10000",
  default_transaction_isolation: "read committed",
  jit: "off",
  TimeZone: "UTC",
  DateStyle: "ISO",
  client_min_messages: "warning",
};

/** The driver would write json, dates and bytes its own way; parameters arrive here already written. */
const verbatim = { serialize: (value: unknown) => value, parse: (text: string) => text };
const verbatimTypes = {
  boolean: { to: 16, from: [16], ...verbatim },
  bytea: { to: 17, from: [17], ...verbatim },
  json: { to: 114, from: [114, 3802], ...verbatim },
  date: { to: 1184, from: [1082, 1114, 1184], ...verbatim },
};

interface RawResult extends Iterable<unknown> {
  columns: readonly { name: string; type: number }[] | null | undefined;
}

function toWireResult(result: RawResult): WireResult {
  const rows = [...result] as (Buffer | null)[][];
  return {
    columns: (result.columns ?? []).map(({ name, type }) => ({ name, type })),
    rows: rows.map((row) => row.map((value) => (value === null ? null : value.toString("utf8")))),
  };
}
