import { limits } from "@mirage/protocol/limits";
import type { Clock, Timer } from "../lib/clock.ts";
import type { Typist } from "./room-handle.ts";

/** Who is writing in a room. Each entry ends by itself, because the word that someone stopped may be lost. */
export class TypingBoard {
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #typists = new Map<string, { username: string; timer: Timer }>();

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  start({ userId, username }: Typist): void {
    const known = this.#typists.get(userId);
    known?.timer.cancel();
    const timer = this.#clock.after(limits.typingExpiryMs, () => this.stop(userId));
    this.#typists.set(userId, { username, timer });
    if (!known) this.#changed();
  }

  stop(userId: string): void {
    const known = this.#typists.get(userId);
    if (!known) return;
    known.timer.cancel();
    this.#typists.delete(userId);
    this.#changed();
  }

  clear(): void {
    for (const userId of [...this.#typists.keys()]) this.stop(userId);
  }

  list(): Typist[] {
    return [...this.#typists].map(([userId, { username }]) => ({ userId, username }));
  }
}
