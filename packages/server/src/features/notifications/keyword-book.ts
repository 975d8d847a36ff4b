import { KeywordIndex } from "../../lib/keywords.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NotificationStore } from "./notifications.store.ts";

/** What was changed on another node is known here after this. */
const maxAgeMs = 10_000;

/** The words that people listen for, of the whole instance, as of now or a few seconds ago. */
export class KeywordBook {
  readonly #store: Pick<NotificationStore, "listKeywords">;
  readonly #clock: Clock;
  #index = new KeywordIndex<string>();
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(store: Pick<NotificationStore, "listKeywords">, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Ids of everybody who listens for a word of this text, members of its room or not. */
  async find(text: string): Promise<string[]> {
    if (this.#clock.monotonicMs() - this.#readAtMs >= maxAgeMs) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined;
      });
      await this.#reading;
    }
    return [...this.#index.find(text)];
  }

  /** Somebody has changed theirs: the next look-up reads anew. */
  forget(): void {
    this.#readAtMs = Number.NEGATIVE_INFINITY;
    this.#reading = undefined;
  }

  async #read(): Promise<void> {
    const startedAtMs = this.#clock.monotonicMs();
    const index = new KeywordIndex<string>();
    for (const { userId, keywords } of await this.#store.listKeywords()) {
      for (const keyword of keywords) index.add(keyword, userId);
    }
    this.#index = index;
    this.#readAtMs = startedAtMs;
  }
}
