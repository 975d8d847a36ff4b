/** A rate with a burst: `capacity` at once, refilled at `perSecond`. */
export interface Rate {
  perSecond: number;
  capacity: number;
}

/**
 * Lets `capacity` pass at once and `perSecond` after that; a refusal costs nothing. What costs more than is there passes as
 * long as anything is, and what follows waits for it: nothing small overtakes something large that was refused.
 */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #atMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.capacity;
    this.#atMs = nowMs;
  }

  /** Takes one token, or what something costs. Returns 0, or how many milliseconds are missing to the next one. */
  take(nowMs: number, cost = 1): number {
    this.#refill(nowMs);
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) / this.#rate.perSecond) * 1_000);
    this.#tokens -= cost;
    return 0;
  }

  isFull(nowMs: number): boolean {
    this.#refill(nowMs);
    return this.#tokens >= this.#rate.capacity;
  }

  #refill(nowMs: number): void {
    const refilled = ((nowMs - this.#atMs) / 1_000) * this.#rate.perSecond;
    this.#tokens = Math.min(this.#rate.capacity, this.#tokens + refilled);
    this.#atMs = nowMs;
  }
}

/** Below this many keys nothing is looked through. */
const pruneFrom = 1_024;

/** One bucket for each key. Buckets that are full again are forgotten whenever the map has doubled. */
export class TokenBuckets {
  readonly #rate: Rate;
  readonly #buckets = new Map<string, TokenBucket>();
  #pruneAt = pruneFrom;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  take(key: string, nowMs: number, cost = 1): number {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      this.#prune(nowMs);
      bucket = new TokenBucket(this.#rate, nowMs);
      this.#buckets.set(key, bucket);
    }
    return bucket.take(nowMs, cost);
  }

  #prune(nowMs: number): void {
    if (this.#buckets.size < this.#pruneAt) return;
    for (const [key, bucket] of this.#buckets) if (bucket.isFull(nowMs)) this.#buckets.delete(key);
    this.#pruneAt = Math.max(pruneFrom, this.#buckets.size * 2);
  }
}
