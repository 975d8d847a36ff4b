/** What of a clock is needed. */
interface Ticker {
  every(intervalMs: number, call: () => void): { cancel(): void };
}

export interface RoundsOptions {
  clock: Ticker;
  /** So often a round begins by itself: for what a crash or another node has left. */
  everyMs: number;
  /** Does all there is to do; ends early once `isOpen` is false. */
  work: () => Promise<void>;
  /** A round failed: what it left is for a later one. */
  onFault: (error: unknown) => void;
}

/** One piece of work that is never done twice at once: whoever asks while a round is under way gets another one behind it. */
export class Rounds {
  readonly #options: RoundsOptions;
  #patrol: { cancel(): void } | undefined;
  #running: Promise<void> | undefined;
  #isAskedAgain = false;
  #isOpen = false;

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Begins a round, and one from time to time. */
  start(): void {
    const { clock, everyMs } = this.#options;
    this.#isOpen = true;
    this.#patrol = clock.every(everyMs, () => void this.run());
    void this.run();
  }

  /**
   * Resolves when a round that began after this call has ended: one under way may have looked for work just before.
   * Never rejects.
   */
  run(): Promise<void> {
    if (this.#running) {
      this.#isAskedAgain = true;
      return this.#running.then(() => this.#running);
    }
    if (!this.#isOpen) return Promise.resolve();
    const { work, onFault } = this.#options;
    this.#running = work()
      .catch(onFault)
      .finally(() => this.#ended());
    return this.#running;
  }

  /** No round begins any more; resolves when the one under way has ended. */
  async close(): Promise<void> {
    this.#isOpen = false;
    this.#patrol?.cancel();
    await this.#running;
  }

  #ended(): void {
    this.#running = undefined;
    if (!this.#isAskedAgain) return;
    this.#isAskedAgain = false;
    void this.run();
  }
}
