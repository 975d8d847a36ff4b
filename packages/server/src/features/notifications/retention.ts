/**
 * Lets go of what was kept long enough: records that were read or deleted, room jobs that are done, and after a year also
 * what nobody ever read. Rounds are rare and their slices small, with a pause between them, so nobody feels them; what a
 * round does not come to is left to the next.
 */
import { idAt } from "../../lib/ids.ts";
import type { Clock, Timer } from "../../ports/clock.ts";
import type { RetentionStore } from "./retention.store.ts";

export interface RetentionDeps {
  store: RetentionStore;
  clock: Clock;
  /** 0: everything is kept. */
  retentionDays: number;
  onFault: (error: unknown) => void;
}

const dayMs = 86_400_000;
/** What was never read is kept for so long at least. */
const unreadDays = 365;
const firstRoundAfterMs = 60_000;
const roundEveryMs = 3_600_000;
const recordsPerSlice = 1_000;
const slicesPerRound = 1_000;
const pauseMs = 100;

export class Retention {
  readonly #deps: RetentionDeps;
  #timer: Timer | undefined;
  #working: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** Up to where this round has looked. */
  #afterId = "";
  #slicesLeft = 0;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (this.#deps.retentionDays > 0) this.#beginIn(firstRoundAfterMs);
  }

  /** Ends after the slice that is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#working;
  }

  #beginIn(delayMs: number): void {
    this.#after(delayMs, () => {
      this.#afterId = "";
      this.#slicesLeft = slicesPerRound;
      return this.#removeSlice();
    });
  }

  #after(delayMs: number, work: () => Promise<void>): void {
    if (this.#isClosed) return;
    this.#timer = this.#deps.clock.after(delayMs, () => {
      this.#working = work().catch((error) => {
        // What was not removed is there for the next round.
        this.#deps.onFault(error);
        this.#beginIn(roundEveryMs);
      });
    });
  }

  async #removeSlice(): Promise<void> {
    const { store, clock, retentionDays } = this.#deps;
    const now = clock.now();
    const settledBefore = new Date(now - retentionDays * dayMs);
    const { lookedCount, lastId } = await store.removeRecords({
      afterId: this.#afterId,
      beforeId: idAt(settledBefore.getTime()),
      settledBefore,
      madeBefore: new Date(now - Math.max(retentionDays, unreadDays) * dayMs),
      limit: recordsPerSlice,
    });
    const jobCount = await store.removeJobs(settledBefore, recordsPerSlice);
    this.#afterId = lastId ?? this.#afterId;
    const isDone = Math.max(lookedCount, jobCount) < recordsPerSlice || --this.#slicesLeft === 0;
    if (isDone) this.#beginIn(roundEveryMs);
    else this.#after(pauseMs, () => this.#removeSlice());
  }
}
