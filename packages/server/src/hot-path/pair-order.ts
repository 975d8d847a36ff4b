/**
 * One FIFO for each pair of connection and room, from receipt to the waiting queue: an item that waits for a moderator or
 * a look-up holds the later ones of its pair, and nobody else's. What happens after that keeps the order by itself.
 */
export class PairOrder {
  readonly #tails = new Map<string, Promise<void>>();

  /** Prepares after everything earlier of the pair has been submitted; resolves with what the submission resolves with. */
  async run<Item, Outcome>(
    pair: string,
    prepare: () => Promise<Item>,
    submit: (item: Item) => Promise<Outcome>,
  ): Promise<Outcome> {
    const earlier = this.#tails.get(pair);
    const { promise: tail, resolve: leave } = Promise.withResolvers<void>();
    this.#tails.set(pair, tail);
    let submitted: { outcome: Promise<Outcome> };
    try {
      if (earlier) await earlier;
      submitted = { outcome: submit(await prepare()) };
    } finally {
      leave();
      if (this.#tails.get(pair) === tail) this.#tails.delete(pair);
    }
    return await submitted.outcome;
  }
}
