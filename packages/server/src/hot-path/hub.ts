import type { ByteBudget } from "../lib/byte-budget.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import type { Change, StreamSource } from "./change.ts";
import { type EncodedPayload, encodePayload } from "./payload.ts";
import { type Past, Ring } from "./ring.ts";
import type { Topic } from "./topics.ts";

/** What a hub hands on: changes in order, once each. */
export interface Delivery {
  /** The payload comes encoded, once for everyone. */
  deliver(change: Change, payload: EncodedPayload): void;
  /** Nothing can be concluded any more about what listeners lack: they must come back and resume. */
  cut(stream: Topic): void;
  onGap?(stream: Topic): void;
  onRepair?(durationMs: number): void;
  onFault?(error: unknown): void;
}

const ringChanges = 512;
/** Whoever comes back to a document is answered from its content, and not from what changed. */
const ringChangesOf = (stream: Topic): number => (stream.startsWith("doc:") ? 0 : ringChanges);
/** After a read that failed. */
const repairPauseMs = 200;
const maxWaitMs = 5_000;
/** Changes kept while a gap is open; what does not fit is read from the database with the rest. */
const maxAhead = 2_000;

export interface HubWorld {
  source: StreamSource;
  delivery: Delivery;
  clock: Clock;
  /** What the rings of all hubs may take; absent: no bound. */
  ringBudget?: ByteBudget;
}

/**
 * One stream on this node: the last position that its listeners have, and the recent changes.
 * An old change is dropped, the next one delivered; after a gap what is missing is read from the database.
 */
export class Hub {
  readonly stream: Topic;
  readonly #source: StreamSource;
  readonly #delivery: Delivery;
  readonly #clock: Clock;
  #last: number;
  /** Position of the last change handed on: where `last` went further, the next change covers what lies between. */
  #shown: number;
  readonly #ring: Ring;
  #ahead: Change[] = [];
  /** The highest position that was accepted. */
  #newest = 0;
  #retry: Timer | undefined;
  #repairing: Promise<void> | undefined;
  /** Somebody asked while a read was under way, which may not show what they miss. */
  #isAskedAgain = false;
  #isClosed = false;
  #waiters: { position: number; resolve: () => void }[] = [];

  constructor(stream: Topic, startsAt: number, world: HubWorld) {
    this.stream = stream;
    this.#last = startsAt;
    this.#shown = startsAt;
    this.#ring = new Ring({ stream, startsAt, maxChanges: ringChangesOf(stream), budget: world.ringBudget });
    this.#source = world.source;
    this.#delivery = world.delivery;
    this.#clock = world.clock;
  }

  /** The last position handed on. */
  get last(): number {
    return this.#last;
  }

  /** The state of everything after a position up to `last`, or undefined where it must be read from the database. */
  since(position: number): Change[] | undefined {
    return this.#ring.since(position);
  }

  /** Whether `since` has an answer for a position. */
  reachesBack(position: number): boolean {
    return this.#ring.reachesBack(position);
  }

  /** Takes what was read of the past, so that `since` reaches back to it; false where it was read too long ago. */
  recall(past: Past): boolean {
    return past.head <= this.#last && this.#ring.recall(past);
  }

  /** Takes changes in order of position, from a commit of this node or of another. */
  accept(changes: readonly Change[]): void {
    for (const change of changes) {
      this.#newest = Math.max(this.#newest, change.position);
      if (change.position <= this.#last) continue;
      if (change.position === this.#last + 1) this.#advance(change);
      else if (this.#ahead.length < maxAhead) this.#ahead.push(change);
    }
    this.#useWhatIsAhead();
    if (this.#ahead.length === 0) return;
    this.#delivery.onGap?.(this.stream);
    void this.repair();
  }

  /** Resolves when everything up to a position has been handed on, or after 5 s. */
  reach(position: number): Promise<void> {
    if (this.#last >= position) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter = { position, resolve };
    this.#waiters.push(waiter);
    const timer = this.#clock.after(maxWaitMs, () => {
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
      resolve();
    });
    if (!this.#retry) void this.repair();
    return promise.finally(() => timer.cancel());
  }

  /** Undefined where all that was accepted has been handed on; else resolves when it has been, or after a while. */
  whenCaughtUp(): Promise<void> | undefined {
    return this.#last >= this.#newest ? undefined : this.reach(this.#newest);
  }

  /** Stops asking for what is missing; whoever waits is let go. */
  close(): void {
    this.#isClosed = true;
    this.#retry?.cancel();
    this.#retry = undefined;
    for (const waiter of this.#waiters.splice(0)) waiter.resolve();
    this.#ring.release();
  }

  /** Reads and hands on everything above the last position. Many callers share one read. */
  repair(): Promise<void> {
    this.#retry?.cancel();
    this.#retry = undefined;
    if (this.#repairing) this.#isAskedAgain = true;
    else
      this.#repairing = this.#readMissing().finally(() => {
        this.#repairing = undefined;
        this.#carryOn();
      });
    return this.#repairing;
  }

  /** After a read: once more at once where it may have been too early, later where it failed. */
  #carryOn(): void {
    const isBehind = this.#ahead.length > 0 || this.#waiters.length > 0;
    const isAskedAgain = this.#isAskedAgain;
    this.#isAskedAgain = false;
    if (!isBehind || this.#isClosed) return;
    if (isAskedAgain) void this.repair();
    else this.#retry ??= this.#clock.after(repairPauseMs, () => void this.repair());
  }

  async #readMissing(): Promise<void> {
    const startedAtMs = this.#clock.monotonicMs();
    const since = this.#last;
    try {
      const read = await this.#source.readSince(this.stream, since);
      if (this.#isClosed) return;
      if (read.isTooMany) this.#startAfresh(read.head);
      // Changes that came while reading were handed on already: what was read of them is old now.
      for (const change of read.changes) if (change.position > this.#last) this.#advance(change);
      this.#last = Math.max(this.#last, read.head);
      this.#ahead = this.#ahead.filter((change) => change.position > this.#last);
      this.#useWhatIsAhead();
      this.#releaseWaiters();
      this.#delivery.onRepair?.(this.#clock.monotonicMs() - startedAtMs);
    } catch (error) {
      this.#delivery.onFault?.(error);
    }
  }

  #startAfresh(head: number): void {
    this.#ring.release(head);
    this.#last = head;
    this.#shown = head;
    this.#delivery.cut(this.stream);
    this.#releaseWaiters();
  }

  #useWhatIsAhead(): void {
    this.#ahead.sort((a, b) => a.position - b.position);
    let used = 0;
    for (const change of this.#ahead) {
      if (change.position > this.#last + 1) break;
      if (change.position === this.#last + 1) this.#advance(change);
      used++;
    }
    this.#ahead.splice(0, used);
    if (this.#ahead.length > 0) return;
    this.#retry?.cancel();
    this.#retry = undefined;
  }

  #advance(next: Change): void {
    const from = this.#shown + 1;
    // Positions rise without holes: where changes were overtaken, the next one covers theirs.
    const change = next.position === from ? next : ({ ...next, payload: { ...next.payload, from } } as Change);
    this.#last = change.position;
    this.#shown = change.position;
    const payload = encodePayload(change.event, change.payload);
    this.#ring.add(change, payload);
    this.#delivery.deliver(change, payload);
    if (this.#waiters.length > 0) this.#releaseWaiters();
  }

  #releaseWaiters(): void {
    const ready = this.#waiters.filter((waiter) => waiter.position <= this.#last);
    this.#waiters = this.#waiters.filter((waiter) => waiter.position > this.#last);
    for (const waiter of ready) waiter.resolve();
  }
}
