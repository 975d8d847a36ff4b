/**
 * The door to SQL. Two drivers stand behind it, Postgres and the embedded one; the SQL is the same for both.
 * Only this folder knows a driver.
 */
export interface Database {
  readonly kind: "postgres" | "pglite";
  /** One statement, one round trip, rows as objects. int8 arrives as number, json parsed, timestamptz as Date. */
  query<Row extends object>(text: string, params?: readonly SqlValue[]): Promise<Row[]>;
  /** One statement, rows in column order; json, dates and arrays stay text. For query builders. */
  queryArrays(text: string, params?: readonly SqlValue[]): Promise<unknown[][]>;
  /**
   * Runs `work` on a connection of its own that has minutes, not seconds, and may hold a transaction open.
   * On the embedded database everything else waits meanwhile. A transaction left open is rolled back. For migrations.
   */
  exclusive<Result>(work: (connection: ExclusiveConnection) => Promise<Result>): Promise<Result>;
  /** A connection of its own on which calls run one after the other; on the embedded database lanes take turns. */
  openLane(name: string): Lane;
  /** Waits for what is under way, at most a few seconds. */
  close(): Promise<void>;
}

export type SqlValue = string | number | boolean | null | Date | Uint8Array | readonly string[] | readonly number[];

export interface Lane {
  /** One statement on the lane's connection. A call that is in flight when the connection dies fails `connectionLost`. */
  query<Row extends object>(text: string, params?: readonly SqlValue[]): Promise<Row[]>;
  close(): Promise<void>;
}

export interface ExclusiveConnection {
  query<Row extends object>(text: string, params?: readonly SqlValue[]): Promise<Row[]>;
  /** Several statements, parted by semicolons as Postgres itself parts them. */
  script(text: string): Promise<void>;
}

/** A statement failed. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  /** Five characters as Postgres gives them, where it answered. */
  readonly sqlState: string | undefined;
  /** The connection was lost or never made: whether the statement ran is unknown. */
  readonly connectionLost: boolean;

  constructor(message: string, details: { sqlState?: string; connectionLost?: boolean; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.sqlState = details.sqlState;
    this.connectionLost = details.connectionLost ?? false;
  }
}
