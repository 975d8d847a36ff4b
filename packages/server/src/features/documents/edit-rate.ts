import { limits, messages, Refusal } from "@mirage/protocol";
import { TokenBuckets } from "../../lib/token-bucket.ts";
import type { Clock } from "../../ports/clock.ts";

export interface EditRateOptions {
  clock: Clock;
  /** Off: everybody may send as much as they like. */
  isOn: boolean;
  onLimited: () => void;
}

const perSecond = limits.editBytesPer10s / 10;

/** How many bytes of edits may come: over one connection, and by REST from one person, who may send one as large as one may be. */
export class EditRate {
  readonly #options: EditRateOptions;
  readonly #ofConnections = new TokenBuckets({ perSecond, capacity: limits.editBytesPer10s });
  readonly #ofPeople = new TokenBuckets({ perSecond, capacity: limits.restUpdateBytes });

  constructor(options: EditRateOptions) {
    this.#options = options;
  }

  /** @throws Refusal `rate_limited` */
  spendOfConnection(connectionId: string, bytes: number): void {
    this.#spend(this.#ofConnections, { key: connectionId, bytes });
  }

  /** @throws Refusal `rate_limited` */
  spendOfPerson(userId: string, bytes: number): void {
    this.#spend(this.#ofPeople, { key: userId, bytes });
  }

  #spend(buckets: TokenBuckets, { key, bytes }: { key: string; bytes: number }): void {
    const { clock, isOn, onLimited } = this.#options;
    const retryAfterMs = isOn ? buckets.take(key, clock.monotonicMs(), bytes) : 0;
    if (retryAfterMs === 0) return;
    onLimited();
    throw new Refusal("rate_limited", messages.rateLimited, { retryAfterMs });
  }
}
