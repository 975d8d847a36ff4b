import { DatabaseError } from "./database.ts";
import type { PostgresLink, Statement } from "./postgres-link.ts";
import type { WireResult } from "./sql-values.ts";

interface Job {
  statement: Statement;
  resolve: (result: WireResult) => void;
  reject: (error: unknown) => void;
  giveUp: NodeJS.Timeout;
}

export interface PostgresPoolOptions {
  size: number;
  /** A call that no connection has taken by then is refused; it has not run. */
  maxWaitMs: number;
  maxWaiting: number;
  makeLink: () => PostgresLink;
}

const endDeadlineMs = 1_000;

/** A few connections and one queue in front of them. With one connection, calls run in the order they were made. */
export class PostgresPool {
  readonly #options: PostgresPoolOptions;
  readonly #idle: PostgresLink[];
  readonly #links: readonly PostgresLink[];
  readonly #waiting = new Set<Job>();
  #busyCount = 0;
  #isClosed = false;
  #whenQuiet: (() => void) | undefined;

  constructor(options: PostgresPoolOptions) {
    this.#options = options;
    this.#links = Array.from({ length: options.size }, options.makeLink);
    this.#idle = [...this.#links];
  }

  run(statement: Statement): Promise<WireResult> {
    if (this.#isClosed) return Promise.reject(new DatabaseError("The database is closed."));
    if (this.#waiting.size >= this.#options.maxWaiting) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => {
        if (this.#waiting.delete(job)) reject(busy());
      }, this.#options.maxWaitMs);
      const job: Job = { statement, resolve, reject, giveUp };
      this.#waiting.add(job);
      this.#start();
    });
  }

  /** Lets what was asked for finish, at most `graceMs`, then ends every connection. */
  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    if (this.#busyCount > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, graceMs);
      this.#whenQuiet = resolve;
      await promise;
      clearTimeout(timer);
    }
    this.#failWaiting(new DatabaseError("The database is closed."));
    await Promise.all(this.#links.map((link) => link.close(endDeadlineMs)));
  }

  #start(): void {
    for (const job of this.#waiting) {
      // A connection that is open spares the caller the making of one.
      const position = Math.max(
        0,
        this.#idle.findIndex((link) => link.isOpen),
      );
      const [link] = this.#idle.splice(position, 1);
      if (link === undefined) return;
      this.#waiting.delete(job);
      clearTimeout(job.giveUp);
      void this.#runOn(link, job);
    }
  }

  async #runOn(link: PostgresLink, job: Job): Promise<void> {
    this.#busyCount++;
    try {
      if (!link.isOpen) await this.#open(link);
      job.resolve(await link.run(job.statement));
    } catch (error) {
      job.reject(error);
    } finally {
      this.#busyCount--;
      this.#idle.push(link);
      this.#start();
      if (this.#busyCount === 0) this.#whenQuiet?.();
    }
  }

  async #open(link: PostgresLink): Promise<void> {
    try {
      await link.open();
    } catch (error) {
      // Whoever waits would only find out the same, one connect after the other.
      this.#failWaiting(error);
      throw error;
    }
  }

  #failWaiting(error: unknown): void {
    for (const job of this.#waiting) {
      clearTimeout(job.giveUp);
      job.reject(error);
    }
    this.#waiting.clear();
  }
}

function busy(): DatabaseError {
  return new DatabaseError("The database has too much to do; try again in a moment.", { sqlState: "53000" });
}
