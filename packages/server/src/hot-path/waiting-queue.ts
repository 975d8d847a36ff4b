/** One write on its way. Items of one `pair` keep their order from here to the commit. */
export interface Entry<Item, Outcome = unknown> {
  item: Item;
  bytes: number;
  pair: string | undefined;
  judge?: () => Promise<Item>;
  submittedAtMs: number;
  attempts: number;
  /** Rises with each submission: what returns to the queue finds its place by it. */
  order: number;
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
  /** Entries that came back and wait here: whatever of their pair is on its way elsewhere must come back as well. */
  readonly #returned = new Set<Entry<Item, Outcome>>();
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
        this.#returned.delete(entry);
        bytes += entry.bytes;
      }
    }
    this.#entries = left;
    return batch;
  }

  /** Takes back, in their old order, what must wait for something earlier of its pair; returns the others. */
  holdBlocked(entries: readonly Entry<Item, Outcome>[]): Entry<Item, Outcome>[] {
    if (this.#blocked.size === 0 && this.#returned.size === 0) return [...entries];
    const waiting = new Set([...this.#blocked.keys(), ...[...this.#returned].map((entry) => entry.pair)]);
    const isHeld = ({ pair }: Entry<Item, Outcome>) => pair !== undefined && waiting.has(pair);
    for (const entry of entries) if (isHeld(entry)) this.#putBack(entry);
    return entries.filter((entry) => !isHeld(entry));
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
      for (const other of places) if (other.entry) this.#putBack(other.entry);
    };
  }

  /** Forgets an entry that was answered while it waited. */
  drop(isAnswered: (entry: Entry<Item, Outcome>) => boolean): void {
    this.#entries = this.#entries.filter((entry) => !isAnswered(entry));
    for (const entry of this.#returned) if (isAnswered(entry)) this.#returned.delete(entry);
  }

  #isBlocked(entry: Entry<Item, Outcome>): boolean {
    return entry.pair !== undefined && this.#blocked.has(entry.pair);
  }

  #putBack(entry: Entry<Item, Outcome>): void {
    const isLater = (other: Entry<Item, Outcome>): boolean =>
      entry.pair === undefined || (other.pair === entry.pair && other.order > entry.order);
    const found = this.#entries.findIndex(isLater);
    this.#returned.add(entry);
    this.#entries.splice(found === -1 ? this.#entries.length : found, 0, entry);
  }
}
