import { setImmediate as nextTurn } from "node:timers/promises";

/** Long work, with a place after each step where something else may go on. A step takes a millisecond or so. */
export type Steps<Result> = Generator<void, Result, void>;

/** What time it is, in milliseconds since some start. */
interface Watch {
  monotonicMs(): number;
}

/** Takes all steps in one go. */
export function runAtOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

interface Job {
  /** Takes steps until an instant; true when there is none left. */
  advance: (untilMs: number) => boolean;
}

/** About how long everything else waits at most. */
const sliceMs = 8;

/** Does long work beside everything else in this thread: one slice of one job in each turn of the event loop. */
export class TimeSlices {
  readonly #clock: Watch;
  readonly #jobs: Job[] = [];
  #isRunning = false;

  constructor(clock: Watch) {
    this.#clock = clock;
  }

  /** Answers what the steps come to, or throws what they throw. Jobs take turns. */
  run<Result>(steps: Steps<Result>): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#jobs.push({ advance: (untilMs) => this.#advance(steps, { untilMs, resolve, reject }) });
    if (!this.#isRunning) void this.#takeTurns();
    return promise;
  }

  async #takeTurns(): Promise<void> {
    this.#isRunning = true;
    for (let job = this.#jobs.shift(); job; job = this.#jobs.shift()) {
      if (!job.advance(this.#clock.monotonicMs() + sliceMs)) this.#jobs.push(job);
      await nextTurn();
    }
    this.#isRunning = false;
  }

  #advance<Result>(steps: Steps<Result>, { untilMs, resolve, reject }: Ends<Result>): boolean {
    try {
      do {
        const step = steps.next();
        if (!step.done) continue;
        resolve(step.value);
        return true;
      } while (this.#clock.monotonicMs() < untilMs);
      return false;
    } catch (error) {
      reject(error);
      return true;
    }
  }
}

interface Ends<Result> {
  untilMs: number;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}
