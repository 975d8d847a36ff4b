export interface TurnstileOptions {
  atOnce: number;
  maxWaiting: number;
  /** Whoever has not come through by then is refused. */
  maxWaitMs: number;
  refusal: () => Error;
}

/** Lets so many through at once. The others wait in the order they came, in a bounded number and not for ever. */
export class Turnstile {
  readonly #options: TurnstileOptions;
  readonly #waiting = new Set<() => void>();
  #inside = 0;

  constructor(options: TurnstileOptions) {
    this.#options = options;
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#inside >= this.#options.atOnce) await this.#wait();
    else this.#inside++;
    try {
      return await work();
    } finally {
      this.#letNextIn();
    }
  }

  /** Resolves with the place of somebody who has left. */
  #wait(): Promise<void> {
    const { maxWaiting, maxWaitMs, refusal } = this.#options;
    if (this.#waiting.size >= maxWaiting) return Promise.reject(refusal());
    return new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => {
        this.#waiting.delete(enter);
        reject(refusal());
      }, maxWaitMs);
      const enter = (): void => {
        clearTimeout(giveUp);
        resolve();
      };
      this.#waiting.add(enter);
    });
  }

  #letNextIn(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#inside--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
