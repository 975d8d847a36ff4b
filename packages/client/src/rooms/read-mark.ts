import type { CommandReply } from "@mirage/protocol";
import type { Requests } from "../connection/requests.ts";
import type { Clock, Timer } from "../lib/clock.ts";

/** Marks gather for this long, so that scrolling through a room costs a few commands. */
const gatherMs = 300;

export interface ReadMarkOptions {
  roomId: string;
  clock: Clock;
  requests: Pick<Requests, "call">;
  isOnline: () => boolean;
  /** The server's word on what is unread now. */
  moved: (reply: CommandReply<"mark_read">) => void;
}

/** Brings this person's read marker of one room to the server: only forward, and again after a lost connection. */
export class ReadMark {
  readonly #options: ReadMarkOptions;
  #wantedSeq = 0;
  #confirmedSeq = 0;
  #timer: Timer | undefined;
  #isSending = false;

  constructor(options: ReadMarkOptions) {
    this.#options = options;
  }

  move(seq: number): void {
    if (seq <= this.#wantedSeq) return;
    this.#wantedSeq = seq;
    this.#schedule(gatherMs);
  }

  /** The marker stands here, by the server's word: from this or another device. */
  note(seq: number): void {
    this.#confirmedSeq = Math.max(this.#confirmedSeq, seq);
  }

  /** There is a connection: sends what was not confirmed. */
  resume(): void {
    if (this.#wantedSeq > this.#confirmedSeq) this.#schedule(gatherMs);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(delayMs: number): void {
    this.#timer ??= this.#options.clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#send();
    });
  }

  #send(): void {
    const seq = this.#wantedSeq;
    if (this.#isSending || !this.#options.isOnline() || seq <= this.#confirmedSeq) return;
    this.#isSending = true;
    this.#options.requests.call("mark_read", { roomId: this.#options.roomId, seq }, (outcome) => {
      this.#isSending = false;
      if (outcome.ok) {
        this.note(seq);
        this.#options.moved(outcome.reply);
        this.resume();
      } else if (!outcome.error.retryable) {
        this.note(seq);
      } else if (this.#options.isOnline()) {
        this.#schedule(outcome.error.retryAfterMs ?? 5_000);
      }
    });
  }
}
