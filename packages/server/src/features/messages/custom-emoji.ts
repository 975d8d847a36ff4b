import type { Clock } from "../../ports/clock.ts";
import type { MessageStore } from "./messages.store.ts";

const maxAgeMs = 10_000;

/** The names of this instance's own emoji, remembered for a few seconds. */
export class CustomEmoji {
  readonly #store: MessageStore;
  readonly #clock: Clock;
  #names = new Set<string>();
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(store: MessageStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** A test for names, as of now or a few seconds ago. Reads only where `text` could hold a short name. */
  async tester(text: string): Promise<(name: string) => boolean> {
    const isFresh = this.#clock.monotonicMs() - this.#readAtMs < maxAgeMs;
    if (!isFresh && text.includes(":")) {
      this.#reading ??= this.#read();
      await this.#reading;
    }
    const names = this.#names;
    return (name) => names.has(name);
  }

  async #read(): Promise<void> {
    try {
      this.#names = new Set(await this.#store.listCustomEmoji());
      this.#readAtMs = this.#clock.monotonicMs();
    } finally {
      this.#reading = undefined;
    }
  }
}
