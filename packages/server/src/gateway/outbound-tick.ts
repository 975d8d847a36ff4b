import type { Clock } from "../ports/clock.ts";

/** The longest rest between two rounds of writing; a reader feels no difference below it. */
const maxRestMs = 15;
/** Between slices of a round the event loop gets to what has come in: answers of the database above all. */
const sliceMs = 4;
const outletsPerLook = 16;

/** An outlet, as far as rounds are about it. */
interface Flushable {
  /** Writes what has gathered, and answers how many frames that was. */
  flush(): number;
}

/**
 * Gathers the outlets that have something to say and lets them write in rounds, the first one when the tick is over. A
 * round whose writes carried several frames each is followed by a rest, at most as long as itself: under load more
 * gathers for each write, whose cost is the call and not the bytes, and half of the time is left for everything else.
 * Where a write carries a single frame there is nothing to gather, and no rest.
 */
export class OutboundTick {
  readonly #clock: Clock;
  #waiting: Flushable[] = [];
  #isScheduled = false;
  #round: Flushable[] = [];
  #writtenCount = 0;
  #frameCount = 0;
  #roundMs = 0;
  #restsUntilMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(outlet: Flushable): void {
    this.#waiting.push(outlet);
    if (!this.#isScheduled) this.#schedule();
  }

  #schedule(): void {
    this.#isScheduled = true;
    const restMs = this.#restsUntilMs - this.#clock.monotonicMs();
    // Behind the I/O of this tick and before the next: nothing waits when idle.
    if (restMs < 1) setImmediate(this.#begin);
    else this.#clock.after(restMs, this.#begin);
  }

  readonly #begin = (): void => {
    this.#round = this.#waiting;
    this.#waiting = [];
    this.#writtenCount = 0;
    this.#frameCount = 0;
    this.#roundMs = 0;
    this.#write();
  };

  readonly #write = (): void => {
    const startedAtMs = this.#clock.monotonicMs();
    let nowMs = startedAtMs;
    while (this.#writtenCount < this.#round.length && nowMs - startedAtMs < sliceMs) {
      const next = this.#round.slice(this.#writtenCount, this.#writtenCount + outletsPerLook);
      for (const outlet of next) this.#frameCount += outlet.flush();
      this.#writtenCount += next.length;
      nowMs = this.#clock.monotonicMs();
    }
    this.#roundMs += nowMs - startedAtMs;
    if (this.#writtenCount < this.#round.length) setImmediate(this.#write);
    else this.#end(nowMs);
  };

  #end(nowMs: number): void {
    const framesPerWrite = this.#frameCount / this.#round.length;
    this.#round = [];
    this.#restsUntilMs = nowMs + Math.min(this.#roundMs * Math.min(framesPerWrite - 1, 1), maxRestMs);
    this.#isScheduled = false;
    if (this.#waiting.length > 0) this.#schedule();
  }
}
