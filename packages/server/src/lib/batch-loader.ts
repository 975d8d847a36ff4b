/**
 * Answers many single questions by one query: what is asked in one tick, or while a query is under way, is asked
 * together. Questions of one batch are distinct.
 */
export class BatchLoader<Key extends string, Value> {
  readonly #load: (keys: Key[]) => Promise<Map<Key, Value>>;
  readonly #maxBatch: number;
  #asked = new Map<Key, PromiseWithResolvers<Value | undefined>>();
  #isRunning = false;

  constructor(load: (keys: Key[]) => Promise<Map<Key, Value>>, maxBatch = 500) {
    this.#load = load;
    this.#maxBatch = maxBatch;
  }

  find(key: Key): Promise<Value | undefined> {
    const asked = this.#asked.get(key) ?? Promise.withResolvers<Value | undefined>();
    this.#asked.set(key, asked);
    if (!this.#isRunning) {
      this.#isRunning = true;
      queueMicrotask(() => void this.#run());
    }
    return asked.promise;
  }

  async #run(): Promise<void> {
    while (this.#asked.size > 0) {
      const batch = new Map([...this.#asked].slice(0, this.#maxBatch));
      for (const key of batch.keys()) this.#asked.delete(key);
      try {
        const values = await this.#load([...batch.keys()]);
        for (const [key, asked] of batch) asked.resolve(values.get(key));
      } catch (error) {
        for (const asked of batch.values()) asked.reject(error);
      }
    }
    this.#isRunning = false;
  }
}
