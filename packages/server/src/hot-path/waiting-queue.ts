/** One write on its way. Items of one `pair` keep their order from here to the commit. */
export interface Entry<Item, Outcome = unknown> {
  item: Item;
  bytes: number;
  pair: string | undefined;
  /** Whose turn it takes when more waits than one batch holds: its stream. */
  stream: string | undefined;
  judge?: () => Promise<Item>;
  submittedAtMs: number;
  attempts: number;
  /** Rises with each submission: what returns to the queue finds its place by it. */
  order: number;
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
}

/**
 * What waits for the next batch, in order of arrival; when it is more than one batch holds, the streams take turns, so
 * that a busy one holds up itself. While an item is judged again its pair is blocked: later items of the pair stay where
 * they are, everyone else's pass them.
 */
export class WaitingQueue<Item, Outcome> {
  readonly #maxItems: number;
  readonly #maxBytes: number;
  #entries: Entry<Item, Outcome>[] = [];
  readonly #lengths = new Map<string | undefined, number>();
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

  /** How many wait for one stream. */
  lengthOf(stream: string | undefined): number {
    return this.#lengths.get(stream) ?? 0;
  }

  push(entry: Entry<Item, Outcome>): void {
    this.#entries.push(entry);
    this.#count(entry, 1);
  }

  /** The next batch: as much as fits, at least one, nothing of a blocked pair. */
  take(): Entry<Item, Outcome>[] {
    const ready = this.#blocked.size === 0 ? this.#entries : this.#entries.filter((entry) => !this.#isBlocked(entry));
    const taken = new Set<Entry<Item, Outcome>>();
    let bytes = 0;
    for (const entry of ready.length <= this.#maxItems ? ready : takeTurns(ready)) {
      if (taken.size >= this.#maxItems || (taken.size > 0 && bytes + entry.bytes > this.#maxBytes)) break;
      taken.add(entry);
      bytes += entry.bytes;
    }
    for (const entry of taken) {
      this.#returned.delete(entry);
      this.#count(entry, -1);
    }
    const batch = ready.filter((entry) => taken.has(entry));
    this.#entries = batch.length === this.#entries.length ? [] : this.#entries.filter((entry) => !taken.has(entry));
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
    this.#entries = this.#entries.filter((entry) => {
      if (!isAnswered(entry)) return true;
      this.#count(entry, -1);
      return false;
    });
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
    this.#count(entry, 1);
  }

  #count({ stream }: Entry<Item, Outcome>, change: 1 | -1): void {
    const length = this.lengthOf(stream) + change;
    if (length === 0) this.#lengths.delete(stream);
    else this.#lengths.set(stream, length);
  }
}

/** The first of each stream, then the second of each, and so on. */
function* takeTurns<Item, Outcome>(entries: readonly Entry<Item, Outcome>[]): Generator<Entry<Item, Outcome>> {
  const streams = [...Map.groupBy(entries, ({ stream }) => stream).values()];
  for (let turn = 0; streams.length > 0; turn++) {
    for (const stream of streams) {
      const entry = stream[turn];
      if (entry) yield entry;
    }
    if (streams.some((stream) => stream.length === turn + 1)) {
      streams.splice(0, streams.length, ...streams.filter((stream) => stream.length > turn + 1));
    }
  }
}
