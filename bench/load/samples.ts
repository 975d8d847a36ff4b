/** Numbers without end, in as little memory as they take. */
export class Samples {
  #values = new Float32Array(1_024);
  #count = 0;

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float32Array(2 * this.#count);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
  }

  toArray(): Float32Array {
    return this.#values.slice(0, this.#count);
  }
}

/** Counts of things by name. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string, count = 1): void {
    if (count > 0) this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }

  toRecord(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
