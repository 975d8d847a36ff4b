import { Refusal } from "@mirage/protocol/errors";
import { DatabaseError } from "../database/database.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import { type Entry, WaitingQueue } from "./waiting-queue.ts";

/**
 * Writes that wait go to the database together. One call is in flight; what gathers meanwhile goes next, so a slow
 * database makes bigger batches and not longer queues.
 *
 *     submit → wait → batch → commit → outcome of each
 *                ↑                │ stale: judged again, ahead of its pair's later items
 *                └────────────────┘ failed: split, so that one bad item fails alone
 */
export interface BatchWriter<Item, Outcome extends { status: string }> {
  /** Commits all of a batch or nothing. Outcomes are in the batch's order. */
  commit(batch: readonly Write<Item>[]): Promise<readonly Outcome[]>;
  /** After a lost answer: what became of that batch, or undefined where it never committed. */
  settle(batch: readonly Write<Item>[]): Promise<readonly Outcome[] | undefined>;
}

/** One write of a batch. */
export type Write<Item> = Pick<Entry<Item>, "item" | "pair">;

export interface GroupCommitOptions {
  clock: Clock;
  /** Sees every batch: how many items, how long it took in milliseconds. */
  onBatch?: ((items: number, durationMs: number) => void) | undefined;
  onFault?: ((error: unknown) => void) | undefined;
  maxBatchItems?: number;
  /**
   * Batches begin at least so many milliseconds apart: what gathers meanwhile goes together. What comes alone does not
   * wait, nor does the next of a pair that was answered just now, so that nobody goes at this pace by themselves.
   */
  paceMs?: number;
  maxWaitingItems?: number;
  /** Of these so many for one stream, so that one alone cannot keep the others out. */
  maxWaitingOfStream?: number;
  /** A write that has no outcome by then is answered `unavailable`, in milliseconds. */
  maxWaitMs?: number;
}

export interface SubmitOptions<Item> {
  /** About how much of a batch it takes. */
  bytes: number;
  pair?: string;
  /** Streams take turns when much waits. */
  stream?: string;
  judge?: () => Promise<Item>;
}

const maxBatchBytes = 1024 * 1024;
const retryPauseMs = 100;
const patrolMs = 250;
const maxAttempts = 8;
/** Locks that were not had in time, deadlocks, a statement that took too long: another, smaller try may pass. */
const passingStates = new Set(["55P03", "40P01", "40001", "57014"]);
/** Classes of what is wrong with the database and not with the batch: full, overloaded, unable to read or write. */
const troubleClasses = new Set(["53", "58"]);
const readOnlyState = "25006";

export class GroupCommit<Item, Outcome extends { status: string }> {
  readonly #writer: BatchWriter<Item, Outcome>;
  readonly #options: GroupCommitOptions;
  readonly #queue: WaitingQueue<Item, Outcome>;
  /** Everything submitted that has no answer yet, oldest first. */
  readonly #unanswered = new Set<Entry<Item, Outcome>>();
  #submittedCount = 0;
  #patrol: Timer | undefined;
  #isRunning = false;
  #isClosed = false;
  #idle: Promise<void> = Promise.resolve();
  #whenAnswered: (() => void) | undefined;
  #pause: { pairs: ReadonlySet<string | undefined>; end: () => void } | undefined;

  constructor(writer: BatchWriter<Item, Outcome>, options: GroupCommitOptions) {
    this.#writer = writer;
    this.#options = options;
    this.#queue = new WaitingQueue(options.maxBatchItems ?? 300, maxBatchBytes);
  }

  /** Nothing more is taken for now: whoever would submit need not prepare it first. */
  get isFull(): boolean {
    return this.#queue.length >= (this.#options.maxWaitingItems ?? 10_000);
  }

  /**
   * Commits an item and tells its outcome. Items of one `pair` commit in the order of these calls; a pair has one `stream`.
   * `judge` makes the item anew when the rights it was judged by have changed since; it may refuse by throwing.
   * @throws Refusal `overloaded` when too much waits; `unavailable` when the database is away: then it may be committed
   * or not, and a repeat by nonce tells.
   */
  submit(item: Item, options: SubmitOptions<Item>): Promise<Outcome> {
    if (this.#isClosed) return Promise.reject(unavailable());
    const isStreamFull = this.#queue.lengthOf(options.stream) >= (this.#options.maxWaitingOfStream ?? 5_000);
    if (this.isFull || isStreamFull) return Promise.reject(overloaded());
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const submittedAtMs = this.#options.clock.monotonicMs();
    const order = ++this.#submittedCount;
    const place = { pair: options.pair, stream: options.stream, submittedAtMs, attempts: 0, order };
    const entry: Entry<Item, Outcome> = {
      item,
      ...options,
      ...place,
      resolve: (outcome) => this.#answered(entry, () => resolve(outcome)),
      reject: (error) => this.#answered(entry, () => reject(error)),
    };
    this.#unanswered.add(entry);
    this.#patrol ??= this.#options.clock.every(patrolMs, () => this.#rejectExpired());
    this.#queue.push(entry);
    if (this.#pause?.pairs.has(entry.pair)) this.#pause.end();
    this.#start();
    return promise;
  }

  /** Resolves when no batch is under way, or after so many milliseconds; real time, as the pace is. */
  async whenIdle(maxMs: number): Promise<void> {
    if (!this.#isRunning) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, maxMs);
    await Promise.race([this.#idle, promise]);
    clearTimeout(timer);
  }

  /** Waits for what was submitted, what is judged again included; later submissions are refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#unanswered.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#whenAnswered = resolve;
      await promise;
    }
    await this.#idle;
  }

  #answered(entry: Entry<Item, Outcome>, answer: () => void): void {
    if (!this.#unanswered.delete(entry)) return;
    answer();
    if (this.#unanswered.size > 0) return;
    this.#patrol?.cancel();
    this.#patrol = undefined;
    this.#whenAnswered?.();
  }

  /** Nobody waits longer than `maxWaitMs`, wherever their write is. What is under way may still commit. */
  #rejectExpired(): void {
    const { clock, maxWaitMs = 4_000 } = this.#options;
    const before = clock.monotonicMs() - maxWaitMs;
    let hasExpired = false;
    for (const entry of this.#unanswered) {
      if (entry.submittedAtMs >= before) break;
      entry.reject(unavailable());
      hasExpired = true;
    }
    if (hasExpired) this.#queue.drop((entry) => !this.#unanswered.has(entry));
  }

  #start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // A microtask, so that everything that arrived in this tick goes into the first batch.
    this.#idle = Promise.resolve().then(() => this.#run());
  }

  async #run(): Promise<void> {
    for (let batch = this.#queue.take(); batch.length > 0; batch = this.#queue.take()) {
      const startedAtMs = this.#options.clock.monotonicMs();
      const pause = this.#startPause(batch);
      await this.#commit(batch);
      this.#options.onBatch?.(batch.length, this.#options.clock.monotonicMs() - startedAtMs);
      await pause;
    }
    this.#isRunning = false;
  }

  /** Ends when the next batch may begin. Real time, whatever the clock says: nothing depends on it but how much goes together. */
  #startPause(batch: readonly Entry<Item, Outcome>[]): Promise<void> | undefined {
    const { paceMs } = this.#options;
    if (paceMs === undefined) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, paceMs);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    this.#pause = { pairs: new Set(batch.map(({ pair }) => pair)), end };
    return promise;
  }

  async #commit(entries: readonly Entry<Item, Outcome>[]): Promise<void> {
    // A pair may have been held back by the other half of a batch that was split, an answer given up meanwhile.
    const batch = this.#queue.holdBlocked(entries.filter((entry) => this.#unanswered.has(entry)));
    if (batch.length === 0) return;
    try {
      this.#finish(batch, await this.#writer.commit(batch));
    } catch (error) {
      if (isOutcomeUnknown(error)) await this.#settle(batch);
      else if (isTrouble(error)) this.#rejectAll(batch, error);
      else if (batch.length > 1) await this.#split(batch);
      else await this.#retryOrReject(batch, error);
    }
  }

  async #split(batch: readonly Entry<Item, Outcome>[]): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    await this.#commit(batch.slice(0, middle));
    await this.#commit(batch.slice(middle));
  }

  async #retryOrReject(batch: readonly Entry<Item, Outcome>[], error: unknown): Promise<void> {
    const [entry] = batch;
    if (!entry) return;
    const isPassing = error instanceof DatabaseError && passingStates.has(error.sqlState ?? "");
    if (isPassing && ++entry.attempts < maxAttempts) return await this.#commit(batch);
    this.#options.onFault?.(error);
    entry.reject(isPassing ? unavailable() : error);
  }

  #rejectAll(batch: readonly Entry<Item, Outcome>[], error: unknown): void {
    this.#options.onFault?.(error);
    for (const entry of batch) entry.reject(unavailable());
  }

  /** The connection died under a batch: find out whether it committed, then answer it or run it again. */
  async #settle(batch: readonly Entry<Item, Outcome>[]): Promise<void> {
    // When nobody waits any more it is left: the number of the next batch keeps its call apart from this one's.
    while (batch.some((entry) => this.#unanswered.has(entry))) {
      try {
        const outcomes = await this.#writer.settle(batch);
        if (outcomes) return this.#finish(batch, outcomes);
        return await this.#commit(batch);
      } catch (error) {
        if (!(error instanceof DatabaseError)) this.#options.onFault?.(error);
      }
      await new Promise<void>((resolve) => this.#options.clock.after(retryPauseMs, resolve));
    }
  }

  #finish(batch: readonly Entry<Item, Outcome>[], outcomes: readonly Outcome[]): void {
    batch.forEach((entry, index) => {
      const outcome = outcomes[index];
      if (!this.#unanswered.has(entry)) return;
      if (!outcome) entry.reject(new Error("a batch answered fewer outcomes than it had items"));
      else if (outcome.status === "stale" && entry.judge && ++entry.attempts < maxAttempts)
        this.#judgeAgain(entry, entry.judge);
      else entry.resolve(outcome);
    });
  }

  #judgeAgain(entry: Entry<Item, Outcome>, judge: () => Promise<Item>): void {
    const release = this.#queue.block(entry);
    judge().then(
      (item) => {
        entry.item = item;
        release(this.#unanswered.has(entry) ? entry : undefined);
        this.#start();
      },
      (error) => {
        release(undefined);
        entry.reject(error);
        this.#start();
      },
    );
  }
}

/** Too much waits to be committed. */
export const overloaded = (): Refusal =>
  new Refusal("overloaded", "Too much is waiting; try again", { retryAfterMs: 1_000 });

const unavailable = (): Refusal =>
  new Refusal("unavailable", "The database cannot be reached; try again", { retryAfterMs: 1_000 });

function isTrouble(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false;
  const { sqlState = "" } = error;
  return troubleClasses.has(sqlState.slice(0, 2)) || sqlState === readOnlyState;
}

function isOutcomeUnknown(error: unknown): boolean {
  return error instanceof DatabaseError && (error.connectionLost || error.sqlState === "MR001");
}
