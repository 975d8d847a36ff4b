/** Lets a crowd that arrives at once pass a few a turn of the event loop, which comes to everything else in between. */
export class Pace {
  readonly #perTurn: number;
  readonly #waiting: (() => void)[] = [];
  #passed = 0;
  #isTurning = false;

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

  pass(): Promise<void> {
    if (!this.#isTurning) {
      this.#isTurning = true;
      setImmediate(() => this.#turn());
    }
    if (this.#passed < this.#perTurn) {
      this.#passed++;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #turn(): void {
    const passing = this.#waiting.splice(0, this.#perTurn);
    this.#passed = passing.length;
    for (const resolve of passing) resolve();
    this.#isTurning = passing.length > 0;
    if (this.#isTurning) setImmediate(() => this.#turn());
  }
}
