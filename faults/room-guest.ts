import type { Ack, CommandReply, Message } from "@mirage/protocol";
import type { HistoryEntry, SendEntry } from "@mirage/testing";
import { BareLink, readNumber } from "@mirage/testing/bare-link";
import { signToken } from "@mirage/testing/tokens";

export interface RoomGuestOptions {
  name: string;
  roomId: string;
  server: { readonly port: number; readonly jwtSecret: string };
  /** How long to wait before the nth attempt to come back, in milliseconds. */
  waitMs: (attempt: number) => number;
}

/** A message on its way: repeated by its nonce until the server has said yes or no. */
interface Pending {
  content: string;
  sentOn: BareLink | undefined;
}

const retryAfterMs = 500;
const seqMark = Buffer.from('"seq":');
const fromMark = Buffer.from('"from":');
const idMark = Buffer.from('"id":"');
const quote = 0x22;
const messageMark = '42["chat_message';
const memberMark = '42["member_updat';

/**
 * A client of one room on a bare connection, so cheap that a process has thousands: comes back after every loss and gets
 * what it missed, repeats what was not acknowledged, and writes down what it saw for the judge. In its room nothing
 * happens but that people come and post.
 */
export class RoomGuest {
  readonly name: string;
  readonly roomId: string;
  readonly #options: RoomGuestOptions;
  readonly #history: HistoryEntry[] = [];
  /** Position of each message it was ever shown, by id. */
  readonly seen = new Map<string, number>();
  readonly #pending = new Map<string, Pending>();
  #link: BareLink | undefined;
  #epoch = "";
  #nonceCount = 0;
  #attempts = 0;
  #isStopped = false;
  /** Connected, and everything missed has been got. */
  isReady = false;
  /** Everything up to here has been seen. */
  position = 0;
  /** Ids of its own messages that were acknowledged. */
  readonly acked = new Set<string>();
  /** Messages it was shown again. */
  repeatedCount = 0;
  /** Times it was told to start afresh, because it had missed too much. */
  resetCount = 0;
  refusedCount = 0;
  /** Connections it has made, the first one included. */
  linkCount = 0;

  constructor(options: RoomGuestOptions) {
    this.name = options.name;
    this.roomId = options.roomId;
    this.#options = options;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  get fullHistory(): HistoryEntry[] {
    return this.#history;
  }

  /** Connects and opens the room; from then on it comes back by itself until `stop`. */
  async enter(): Promise<void> {
    const link = this.#connect();
    await link.opened;
    await link.request<CommandReply<"join_room">>("join_room", { roomId: this.roomId }, (page) =>
      this.#open(page, true),
    );
    this.isReady = true;
  }

  stop(): void {
    this.#isStopped = true;
    this.#link?.destroy();
  }

  /** Cuts the connection; it comes back by itself. */
  drop(): void {
    this.isReady = false;
    this.#link?.destroy();
  }

  /** Reads nothing more, and does not notice when it is cut off. */
  stopReading(): void {
    this.#link?.stopReading();
  }

  /** Reads what has gathered; comes back when it was cut off. */
  readOn(): void {
    this.#link?.readOn();
  }

  send(content: string): void {
    const nonce = `${this.name}-${++this.#nonceCount}`;
    const pending = { content, sentOn: undefined };
    this.#pending.set(nonce, pending);
    this.#note({ kind: "sent", nonce });
    if (this.isReady) this.#post(nonce, pending);
  }

  #connect(): BareLink {
    const { server, name } = this.#options;
    const link = new BareLink({
      port: server.port,
      token: signToken({ userId: name, username: name }, server.jwtSecret),
      onEvent: (data, start, end) => this.#handle(data.subarray(start, end)),
      onClose: () => this.#handleClose(link),
    });
    this.#link = link;
    this.linkCount++;
    return link;
  }

  #handleClose(link: BareLink): void {
    this.isReady = false;
    for (const [nonce, pending] of this.#pending) {
      if (pending.sentOn === link) this.#note({ kind: "lost", nonce });
    }
    setTimeout(
      () => {
        if (this.#isStopped) return;
        const next = this.#connect();
        // An attempt that fails closes its link, which brings us here again.
        this.#comeBack(next).catch(() => next.destroy());
      },
      this.#options.waitMs(++this.#attempts),
    );
  }

  async #comeBack(link: BareLink): Promise<void> {
    await link.opened;
    while (!(await this.#resume(link))) {
      // What did not fit is asked for again.
    }
    this.isReady = true;
    this.#attempts = 0;
    for (const [nonce, pending] of this.#pending) this.#post(nonce, pending);
  }

  /** Returns whether that was all. */
  async #resume(link: BareLink): Promise<boolean> {
    const since = { epoch: this.#epoch, seq: this.position };
    let isWhole = false;
    const payload = { rooms: [{ roomId: this.roomId, since }] };
    await link.request<CommandReply<"resume">>("resume", payload, ({ rooms: [page] }) => {
      if (!page || "deferred" in page) return;
      if ("removed" in page) throw new Error(`${this.name} is no member any more`);
      isWhole = page.reset === true || !page.hasMore;
      if (page.reset) this.resetCount++;
      this.#take(page.messages, since.seq);
      this.#open(page, page.reset === true);
    });
    return isWhole;
  }

  #open({ seq, epoch }: { seq: number; epoch: string }, isFresh: boolean): void {
    this.#epoch = epoch;
    this.position = seq;
    this.#history.push({ ...this.#entry(), kind: "opened", seq, isFresh });
  }

  /** Messages of an answer: oldest first, and none that was there before. */
  #take(messages: readonly Message[], after: number): void {
    let last = after;
    for (const { id, seq } of messages) {
      if (this.seen.has(id) || seq <= last) this.repeatedCount++;
      this.seen.set(id, seq);
      last = seq;
    }
  }

  #handle(frame: Buffer): void {
    const name = frame.toString("latin1", 0, messageMark.length);
    if (name !== messageMark && name !== memberMark) return;
    const seq = readNumber(frame, frame.lastIndexOf(seqMark) + seqMark.length);
    const fromAt = frame.lastIndexOf(fromMark);
    const from = fromAt === -1 ? seq : readNumber(frame, fromAt + fromMark.length);
    let change = `members:${seq}`;
    if (name === messageMark) {
      const idAt = frame.indexOf(idMark) + idMark.length;
      const id = frame.toString("latin1", idAt, frame.indexOf(quote, idAt));
      if (this.seen.has(id)) this.repeatedCount++;
      this.seen.set(id, seq);
      change = `message:${id}`;
    }
    this.position = Math.max(this.position, seq);
    this.#history.push({ ...this.#entry(), kind: "applied", seq, from, change });
  }

  #post(nonce: string, pending: Pending): void {
    const link = this.#link;
    if (!link || pending.sentOn === link) return;
    pending.sentOn = link;
    const payload = JSON.stringify({ roomId: this.roomId, content: pending.content, nonce });
    link.ask("chat_message", payload, (text) => {
      const answer: Ack<"chat_message"> = JSON.parse(text);
      if (!answer.ok && answer.error.retryable) {
        this.#note({ kind: "lost", nonce });
        setTimeout(() => this.#postAgain(nonce, link), retryAfterMs);
        return;
      }
      this.#pending.delete(nonce);
      if (answer.ok) {
        const { id: messageId, seq } = answer.message;
        this.acked.add(messageId);
        const isRepeat = answer.duplicate ? { duplicate: true } : {};
        this.#note({ kind: "acked", nonce, seq, messageId, ...isRepeat });
      } else {
        this.refusedCount++;
        this.#note({ kind: "refused", nonce });
      }
    });
  }

  #postAgain(nonce: string, link: BareLink): void {
    const pending = this.#pending.get(nonce);
    if (!pending || this.#link !== link || !this.isReady) return;
    pending.sentOn = undefined;
    this.#post(nonce, pending);
  }

  #note(entry: Pick<SendEntry, "kind" | "nonce" | "seq" | "messageId" | "duplicate">): void {
    this.#history.push({ ...this.#entry(), userId: this.name, ...entry });
  }

  #entry() {
    return { atMs: performance.now(), client: this.name, roomId: this.roomId };
  }
}
