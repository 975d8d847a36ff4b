import { limits } from "@mirage/protocol/limits";
import type { Clock } from "../lib/clock.ts";

/** Tells the others that this person is writing, at most once in 2 s, and that they have stopped. */
export class TypingSignal {
  readonly #clock: Clock;
  readonly #send: (name: "typing_start" | "typing_stop") => void;
  #sentAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, send: (name: "typing_start" | "typing_stop") => void) {
    this.#clock = clock;
    this.#send = send;
  }

  start(): void {
    if (this.#clock.monotonicMs() - this.#sentAtMs < limits.typingRelayMs) return;
    this.#sentAtMs = this.#clock.monotonicMs();
    this.#send("typing_start");
  }

  stop(): void {
    if (this.#forget()) this.#send("typing_stop");
  }

  /** A message was sent: the server ends the typing by itself. */
  sent(): void {
    this.#forget();
  }

  #forget(): boolean {
    const isShown = this.#clock.monotonicMs() - this.#sentAtMs < limits.typingExpiryMs;
    this.#sentAtMs = Number.NEGATIVE_INFINITY;
    return isShown;
  }
}
