import type { Clock, Timer } from "../../ports/clock.ts";
import type { PresenceStore, StoredPerson } from "./presence.store.ts";

/** A node that does not renew for so long is gone for the others. */
export const leaseMs = 15_000;
/** Whoever comes to another node by then was here all along. */
const drainGraceMs = 5_000;
const renewEveryMs = 5_000;
const reapEveryMs = 1_000;
const pollEveryMs = 250;
const peoplePerRead = 1_000;
/** Versions are given before the commit, so a lower one may appear late; for so long it is looked for. */
const lateMs = 2_000;

export interface OtherNodesOptions {
  store: PresenceStore;
  clock: Clock;
  /** The embedded database has one process: whoever else had a lease is dead. */
  isAlone: boolean;
  /**
   * Something is known of somebody that another node may have written, as of no earlier than `askedAtMs` of the clock's
   * monotonic time. False: this node has written since, so it must be read once more.
   */
  onPerson: (person: StoredPerson, askedAtMs: number) => boolean;
  /** This node was taken for dead: what it said of its people must be said again. */
  onBuried: () => void;
  onFault: (error: unknown) => void;
}

/** Says that this node lives, notices when another does not, and reads what the others have written. */
export class OtherNodes {
  readonly #options: OtherNodesOptions;
  readonly #timers: Timer[] = [];
  /** Versions above `#floor` that have been read. */
  readonly #seen = new Set<number>();
  /** The newest version at some instant, oldest first: what was newest `lateMs` ago becomes the floor. */
  readonly #marks: { atMs: number; version: number }[] = [];
  #floor = 0;
  #newest = 0;
  #working: Promise<void> = Promise.resolve();
  #isPolling = false;

  constructor(options: OtherNodesOptions) {
    this.#options = options;
  }

  /** Returns how many people were taken for gone because their node had died. */
  async start(): Promise<number> {
    const { store, clock, isAlone, onPerson } = this.#options;
    const startedAtMs = clock.monotonicMs();
    await store.takeLease();
    const goneCount = await store.reapNodes({ all: isAlone });
    this.#every(renewEveryMs, () => this.#renew());
    if (isAlone) return goneCount;
    this.#floor = await store.readNewestVersion();
    this.#newest = this.#floor;
    for (let after = "", page = [] as StoredPerson[]; ; after = page.at(-1)?.userId ?? "") {
      page = await store.readElsewhere(after, peoplePerRead);
      for (const person of page) onPerson(person, startedAtMs);
      if (page.length < peoplePerRead) break;
    }
    this.#every(reapEveryMs, async () => void (await store.reapNodes({ all: false })));
    this.#timers.push(clock.every(pollEveryMs, () => void this.poll()));
    return goneCount;
  }

  /** Reads what was written since the last time; calls that overlap do nothing. */
  async poll(): Promise<void> {
    if (this.#isPolling) return;
    this.#isPolling = true;
    try {
      while ((await this.#readNewer()) >= peoplePerRead);
      this.#raiseFloor();
    } catch (error) {
      this.#options.onFault(error);
    } finally {
      this.#isPolling = false;
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    await this.#working;
    await this.#options.store.endLease(drainGraceMs).catch(this.#options.onFault);
  }

  /** One after the other, and never two of a kind at once. */
  #every(intervalMs: number, work: () => Promise<void>): void {
    let isWaiting = false;
    const run = (): void => {
      if (isWaiting) return;
      isWaiting = true;
      this.#working = this.#working
        .then(work)
        .catch(this.#options.onFault)
        .finally(() => {
          isWaiting = false;
        });
    };
    this.#timers.push(this.#options.clock.every(intervalMs, run));
  }

  async #renew(): Promise<void> {
    const { store, onBuried } = this.#options;
    if (await store.renewLease()) return;
    await store.takeLease();
    onBuried();
  }

  async #readNewer(): Promise<number> {
    const { store, clock, onPerson } = this.#options;
    const askedAtMs = clock.monotonicMs();
    const people = await store.readNewer(this.#floor, [...this.#seen], peoplePerRead);
    let takenCount = 0;
    for (const person of people) {
      if (!onPerson(person, askedAtMs)) continue;
      this.#seen.add(person.version);
      this.#newest = Math.max(this.#newest, person.version);
      takenCount++;
    }
    return takenCount;
  }

  #raiseFloor(): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#marks.at(-1)?.version !== this.#newest) this.#marks.push({ atMs: nowMs, version: this.#newest });
    while (this.#marks[0] && this.#marks[0].atMs <= nowMs - lateMs) this.#floor = this.#marks.shift()?.version ?? 0;
    for (const version of this.#seen) if (version <= this.#floor) this.#seen.delete(version);
  }
}
