/** One write on its way. Items of one `pair` keep their order from here to the commit. */
export interface Entry<Item, Outcome = unknown> {
  item: Item;
  bytes: number;
  pair: string | undefined;
  judge?: () => Promise<Item>;
  submittedAtMs: number;
  attempts: number;
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
}

/**
 * What waits for the next batch, in order of arrival. While an item is judged again its pair is blocked: later items of
 * the pair stay where they are, everyone else's pass them.
 */
export class WaitingQueue<Item, Outcome> {
  readonly #maxItems: number;
  readonly #maxBytes: number;
  #entries: Entry<Item, Outcome>[] = [];
  readonly #blocked = new Map<string, number>();
  /** Several stale items of one pair come back in the order in which they went. */
  readonly #returning = new Map<string, { entry: Entry<Item, Outcome> | undefined; isBack: boolean }[]>();
  #singles = 0;

  constructor(maxItems: number, maxBytes: number) {
    this.#maxItems = maxItems;
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#entries.length;
  }

  push(entry: Entry<Item, Outcome>): void {
    this.#entries.push(entry);
  }

  /** The next batch: as much as fits, at least one, nothing of a blocked pair. */
  take(): Entry<Item, Outcome>[] {
    const batch: Entry<Item, Outcome>[] = [];
    const left: Entry<Item, Outcome>[] = [];
    let bytes = 0;
    for (const [index, entry] of this.#entries.entries()) {
      const isFull = batch.length >= this.#maxItems || (batch.length > 0 && bytes + entry.bytes > this.#maxBytes);
      if (isFull) {
        left.push(...this.#entries.slice(index));
        break;
      }
      if (this.#isBlocked(entry)) left.push(entry);
      else {
        batch.push(entry);
        bytes += entry.bytes;
      }
    }
    this.#entries = left;
    return batch;
  }

  /** Puts an entry of a blocked pair back, before the later ones of its pair. */
  holdIfBlocked(entry: Entry<Item, Outcome>): boolean {
    if (!this.#isBlocked(entry)) return false;
    this.#insertBeforePair([entry]);
    return true;
  }

  /** Blocks the entry's pair until the returned function is called with the entry to commit instead, or with nothing. */
  block(entry: Entry<Item, Outcome>): (renewed: Entry<Item, Outcome> | undefined) => void {
    const pair = entry.pair ?? `single ${++this.#singles}`;
    const place = { entry: undefined as Entry<Item, Outcome> | undefined, isBack: false };
    const places = this.#returning.get(pair) ?? [];
    places.push(place);
    this.#returning.set(pair, places);
    this.#blocked.set(pair, (this.#blocked.get(pair) ?? 0) + 1);
    return (renewed) => {
      place.entry = renewed;
      place.isBack = true;
      if (!places.every((other) => other.isBack)) return;
      this.#blocked.delete(pair);
      this.#returning.delete(pair);
      this.#insertBeforePair(places.flatMap((other) => other.entry ?? []));
    };
  }

  rejectOlderThan(submittedBeforeMs: number, reason: () => unknown): void {
    const expired = this.#entries.filter((entry) => entry.submittedAtMs < submittedBeforeMs);
    if (expired.length === 0) return;
    this.#entries = this.#entries.filter((entry) => entry.submittedAtMs >= submittedBeforeMs);
    for (const entry of expired) entry.reject(reason());
  }

  #isBlocked(entry: Entry<Item, Outcome>): boolean {
    return entry.pair !== undefined && this.#blocked.has(entry.pair);
  }

  #insertBeforePair(entries: Entry<Item, Outcome>[]): void {
    const pair = entries[0]?.pair;
    const found = pair === undefined ? 0 : this.#entries.findIndex((other) => other.pair === pair);
    this.#entries.splice(found === -1 ? this.#entries.length : found, 0, ...entries);
  }
}
