import { Turnstile } from "../lib/turnstile.ts";
import { type Database, DatabaseError, type ExclusiveConnection, type Lane, type SqlValue } from "./database.ts";
import type { DatabaseLog } from "./database-log.ts";
import { lost, type PgliteCall, PgliteLink } from "./pglite-link.ts";
import { encodeParam, toArrays, toObjects, type WireResult } from "./sql-values.ts";

export interface PgliteDatabaseOptions {
  /** Of a database that was made before; see `prepareDirectory`. */
  directory: string;
  log: DatabaseLog;
  /** For tests. */
  silenceMs?: number;
  /** After the database is closed. */
  onClose?: () => Promise<void>;
}

/** Calls that the thread has at a time, so that the others wait where they can be refused. Lanes come before them all. */
const callsAtOnce = 16;
const maxWaiting = 10_000;
const waitMs = 5_000;
const silenceMs = 15_000;
/** Enough to replay a long log after a crash. */
const openDeadlineMs = 60_000;
/** A call waits for a starting database no longer than for an answer. */
const startWaitMs = 15_000;
const closeDeadlineMs = 5_000;
const reopenPauseMs = 500;

/**
 * The embedded database: one thread, calls in the order they were made, those of lanes before others. When the thread dies it is started again;
 * calls made meanwhile wait for it, calls that were under way fail `connectionLost`.
 */
export class PgliteDatabase implements Database {
  readonly kind = "pglite";
  readonly #options: PgliteDatabaseOptions;
  #link: Promise<PgliteLink>;
  #openNow: PgliteLink | undefined;
  readonly #turnstile = new Turnstile({ atOnce: callsAtOnce, maxWaiting, maxWaitMs: waitMs, refusal: tooMuchToDo });
  #isClosed = false;
  #retryAtMs = 0;
  /** Settles when nothing exclusive runs. */
  #gate: Promise<void> = Promise.resolve();
  #isGated = false;

  static async open(options: PgliteDatabaseOptions): Promise<PgliteDatabase> {
    const database = new PgliteDatabase(options);
    await database.#link;
    return database;
  }

  private constructor(options: PgliteDatabaseOptions) {
    this.#options = options;
    this.#link = this.#openLink();
  }

  async query<Row extends object>(text: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    return toObjects(await this.#read(text, params)) as Row[];
  }

  async queryArrays(text: string, params: readonly SqlValue[] = []): Promise<unknown[][]> {
    return toArrays(await this.#read(text, params));
  }

  openLane(_name: string): Lane {
    let isOpen = true;
    let last: Promise<unknown> = Promise.resolve();
    return {
      query: async <Row extends object>(text: string, params?: readonly SqlValue[]) => {
        if (!isOpen) throw new DatabaseError("The lane is closed.");
        const call = last.then(() => this.#laneQuery<Row>(text, params ?? []));
        // A failed call holds up nobody behind it; its caller has the error.
        last = call.catch(() => undefined);
        return await call;
      },
      close: async () => {
        isOpen = false;
        await last;
      },
    };
  }

  async exclusive<Result>(work: (connection: ExclusiveConnection) => Promise<Result>): Promise<Result> {
    const before = this.#gate;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = before.then(() => promise);
    const gate = this.#gate;
    this.#isGated = true;
    await before;
    try {
      const link = await this.#openedLink();
      return await link.unwatched(() => workOn(link, work));
    } finally {
      resolve();
      if (this.#gate === gate) this.#isGated = false;
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      const link = await this.#link;
      await link.close(closeDeadlineMs);
    } catch (error) {
      // It did not open; then there is nothing to shut down.
      if (!(error instanceof DatabaseError)) throw error;
    }
    await this.#options.onClose?.();
  }

  async #laneQuery<Row extends object>(text: string, params: readonly SqlValue[]): Promise<Row[]> {
    const call = { kind: "query", text, params: params.map(encodeParam), isOfLane: true } as const;
    return toObjects(await this.#call(call)) as Row[];
  }

  async #read(text: string, params: readonly SqlValue[]): Promise<WireResult> {
    while (this.#isGated) await this.#gate;
    return await this.#turnstile.run(() => this.#call({ kind: "query", text, params: params.map(encodeParam) }));
  }

  async #call(call: PgliteCall): Promise<WireResult> {
    while (this.#isGated) await this.#gate;
    const link = await this.#openedLink();
    return await link.call(call);
  }

  async #openedLink(): Promise<PgliteLink> {
    if (this.#isClosed) throw new DatabaseError("The database is closed.");
    if (this.#retryAtMs > 0 && performance.now() >= this.#retryAtMs) this.#link = this.#openLink();
    return this.#openNow ?? (await this.#waitForLink());
  }

  async #waitForLink(): Promise<PgliteLink> {
    const { promise: expired, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(lost("The embedded database is starting; try again.")), startWaitMs);
    try {
      return await Promise.race([this.#link, expired]);
    } finally {
      clearTimeout(timer);
    }
  }

  #openLink(): Promise<PgliteLink> {
    this.#retryAtMs = 0;
    const opening = PgliteLink.open({
      directory: this.#options.directory,
      openDeadlineMs,
      silenceMs: this.#options.silenceMs ?? silenceMs,
      onDeath: (error) => this.#handleDeath(opening, error),
    });
    opening.then(
      (link) => {
        this.#openNow = link;
      },
      (error: unknown) => {
        this.#options.log("error", "The embedded database cannot be opened.", { error: String(error) });
        this.#retryAtMs = performance.now() + reopenPauseMs;
      },
    );
    return opening;
  }

  #handleDeath(dead: Promise<PgliteLink>, error: DatabaseError): void {
    this.#openNow = undefined;
    if (this.#isClosed || this.#link !== dead) return;
    this.#options.log("error", "The embedded database died and is started again.", { error: error.message });
    // The old thread must be gone before a new one opens the same files.
    const reopening = dead.then(async (link) => {
      await link.destroy();
      if (this.#isClosed) throw lost("The database is closed.");
      const opening = this.#openLink();
      this.#link = opening;
      return await opening;
    });
    reopening.catch(() => undefined);
    this.#link = reopening;
  }
}

function tooMuchToDo(): DatabaseError {
  return new DatabaseError("The database has too much to do; try again in a moment.", { sqlState: "53000" });
}

async function workOn<Result>(
  link: PgliteLink,
  work: (connection: ExclusiveConnection) => Promise<Result>,
): Promise<Result> {
  try {
    return await work({
      query: async (text, params = []) =>
        toObjects(await link.call({ kind: "query", text, params: params.map(encodeParam) })) as never,
      script: async (text) => {
        await link.call({ kind: "script", text });
      },
    });
  } finally {
    // Rolls back what was left open; without a transaction it does nothing.
    await link.call({ kind: "script", text: "rollback" }).catch((error: unknown) => {
      if (!(error instanceof DatabaseError)) throw error;
    });
  }
}
