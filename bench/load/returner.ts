import { BareLink, readNumber } from "@mirage/testing/bare-link";
import { signToken } from "@mirage/testing/tokens";

export interface ReturnerOptions {
  port: number;
  jwtSecret: string;
  userId: string;
  roomId: string;
  /** When to come back after the connection ended, and again after an attempt that failed, in milliseconds. */
  jitterMs: () => number;
  onBack: (returner: Returner) => void;
}

interface Page {
  seq: number;
  epoch: string;
  messages: { seq: number }[];
  hasMore: boolean;
  reset?: boolean;
}

const retryShare = 0.5;
const seqMark = Buffer.from('"seq":');
const fromMark = Buffer.from('"from":');
/** The events that have a position in these rooms: what is posted, and that people join. */
const positioned = ['42["chat_message', '42["member_updat'];

/** A client that comes back by itself and resumes where it was, and knows whether it missed anything. */
export class Returner {
  readonly #options: ReturnerOptions;
  #link: BareLink | undefined;
  #epoch = "";
  /** Joined, and up to the server's position at that moment. */
  isBack = false;
  attempts = 0;
  /** The position it has seen everything up to. */
  last = 0;
  /** Positions that did not follow the one before, live or in an answer. */
  violations = 0;
  resets = 0;

  constructor(options: ReturnerOptions) {
    this.#options = options;
  }

  get roomId(): string {
    return this.#options.roomId;
  }

  async open(): Promise<void> {
    const link = this.#connect();
    await link.opened;
    await link.request("join_room", { roomId: this.roomId }, (page: Page) => {
      this.#epoch = page.epoch;
      this.last = page.seq;
    });
    this.isBack = true;
  }

  /** Returns whether it could be sent. */
  send(payload: string, onAnswer: (answer: string) => void): boolean {
    if (!this.isBack || !this.#link) return false;
    this.#link.ask("chat_message", payload, onAnswer);
    return true;
  }

  #connect(): BareLink {
    const { port, jwtSecret, userId } = this.#options;
    const token = signToken({ userId, username: userId }, jwtSecret);
    const onEvent = (data: Buffer, start: number, end: number): void => this.#handle(data.subarray(start, end));
    this.#link = new BareLink({ port, token, onEvent, onClose: () => this.#comeBack() });
    return this.#link;
  }

  #comeBack(): void {
    const { jitterMs, onBack } = this.#options;
    const waitMs = this.isBack ? jitterMs() : jitterMs() * retryShare;
    this.isBack = false;
    setTimeout(() => {
      this.attempts++;
      // A refused attempt closes its link, which brings us here again.
      this.#resume(this.#connect()).then(
        () => onBack(this),
        () => this.#link?.destroy(),
      );
    }, waitMs);
  }

  async #resume(link: BareLink): Promise<void> {
    await link.opened;
    const since = { epoch: this.#epoch, seq: this.last };
    const payload = { rooms: [{ roomId: this.roomId, since }], user: { epoch: this.#epoch, seq: 0 } };
    await link.request("resume", payload, ({ rooms: [page] }: { rooms: Page[] }) => {
      if (!page?.messages) throw new Error("the room was put off: ask again");
      if (page.reset) this.resets++;
      for (const { seq } of page.messages) this.#move(seq, seq);
      if (page.seq !== this.last || page.hasMore) this.violations++;
    });
    this.isBack = true;
  }

  #handle(frame: Buffer): void {
    if (!positioned.includes(frame.toString("latin1", 0, 16))) return;
    const position = readNumber(frame, frame.lastIndexOf(seqMark) + seqMark.length);
    const fromAt = frame.lastIndexOf(fromMark);
    this.#move(position, fromAt === -1 ? position : readNumber(frame, fromAt + fromMark.length));
  }

  #move(position: number, first: number): void {
    if (position <= this.last || first > this.last + 1) this.violations++;
    this.last = position;
  }
}
