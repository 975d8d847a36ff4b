import { limits } from "@mirage/protocol/limits";
import type { Clock } from "../lib/clock.ts";

/** Tells the others that this person is writing, at most once in 2 s, and that they have stopped. */
export class TypingSignal {
  readonly #clock: Clock;
  /** Answers whether it could be sent. */
  readonly #send: (name: "typing_start" | "typing_stop") => boolean;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #typedAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, send: (name: "typing_start" | "typing_stop") => boolean) {
    this.#clock = clock;
    this.#send = send;
  }

  start(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#typedAtMs = nowMs;
    if (nowMs - this.#sentAtMs >= limits.typingRelayMs && this.#send("typing_start")) this.#sentAtMs = nowMs;
  }

  /** The room may be open by now: says what was typed before it was. */
  resume(): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#typedAtMs <= this.#sentAtMs || nowMs - this.#typedAtMs >= limits.typingExpiryMs) return;
    if (nowMs - this.#sentAtMs >= limits.typingExpiryMs) this.start();
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
    this.#typedAtMs = Number.NEGATIVE_INFINITY;
    return isShown;
  }
}
