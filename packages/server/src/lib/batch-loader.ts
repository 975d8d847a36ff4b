import { setTimeout as pause } from "node:timers/promises";
import { Refusal } from "@mirage/protocol";

/** Beyond so many questions, and after so long in the queue, whoever asks is told to try again. */
const maxWaiting = 50_000;
const maxWaitMs = 5_000;

interface Asked<Value> extends PromiseWithResolvers<Value | undefined> {
  atMs: number;
}

/**
 * Answers many single questions by one query: what is asked in one tick, or while a query is under way, is asked
 * together. Questions of one batch are distinct. One query runs at a time, so that a crowd queues here, where it makes
 * larger batches, and not in the database.
 */
export class BatchLoader<Key extends string, Value> {
  readonly #load: (keys: Key[]) => Promise<Map<Key, Value>>;
  readonly #maxBatch: number;
  readonly #gatherMs: number;
  readonly #asked = new Map<Key, Asked<Value>>();
  #isRunning = false;

  /** `gatherMs`: after a batch for more than one, wait this long for the next to gather. A single question never waits. */
  constructor(load: (keys: Key[]) => Promise<Map<Key, Value>>, maxBatch = 500, gatherMs = 0) {
    this.#load = load;
    this.#maxBatch = maxBatch;
    this.#gatherMs = gatherMs;
  }

  find(key: Key): Promise<Value | undefined> {
    const known = this.#asked.get(key);
    if (!known && this.#asked.size >= maxWaiting) return Promise.reject(overloaded());
    const asked = known ?? { ...Promise.withResolvers<Value | undefined>(), atMs: performance.now() };
    this.#asked.set(key, asked);
    if (!this.#isRunning) {
      this.#isRunning = true;
      queueMicrotask(() => void this.#run());
    }
    return asked.promise;
  }

  async #run(): Promise<void> {
    while (this.#asked.size > 0) {
      const batch = this.#takeBatch();
      if (batch.size === 0) continue;
      try {
        const values = await this.#load([...batch.keys()]);
        for (const [key, asked] of batch) asked.resolve(values.get(key));
      } catch (error) {
        for (const asked of batch.values()) asked.reject(error);
      }
      const isCrowd = batch.size > 1 && this.#asked.size < this.#maxBatch;
      if (isCrowd && this.#gatherMs > 0) await pause(this.#gatherMs, undefined, { ref: false });
    }
    this.#isRunning = false;
  }

  /** The next questions, in the order they were asked; those that have waited too long are refused. */
  #takeBatch(): Map<Key, Asked<Value>> {
    const batch = new Map<Key, Asked<Value>>();
    const tooOldMs = performance.now() - maxWaitMs;
    for (const [key, asked] of this.#asked) {
      if (batch.size >= this.#maxBatch) break;
      this.#asked.delete(key);
      if (asked.atMs < tooOldMs) asked.reject(overloaded());
      else batch.set(key, asked);
    }
    return batch;
  }
}

function overloaded(): Refusal {
  return new Refusal("overloaded", "The database has too much to do; try again", { retryAfterMs: 1_000 });
}
