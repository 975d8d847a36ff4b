import { BareLink, readNumber } from "@mirage/testing/bare-link";
import { signToken } from "@mirage/testing/tokens";
import type { Samples } from "./samples.ts";

/** A room and what was accepted into it since the load began. */
export interface Room {
  readonly id: string;
  accepted: number;
}

/** What one load asks of its readers. */
export interface Watch {
  /** Messages before it warm up. */
  firstMeasured: number;
  lastMeasured: number;
  intendedMs(message: number): number;
  hasPositions: boolean;
  latenciesMs: Samples;
  /** When a user's typing was meant to be told; by user id. */
  typedMs: Map<string, number>;
  typingLatenciesMs: Samples;
  /** When an urgent notification was meant to be sent. */
  urgentDueMs(index: number): number;
  urgentLatenciesMs: Samples;
}

export interface MemberOptions {
  port: number;
  jwtSecret: string;
  userId: string;
  room: Room;
  isSender: boolean;
  isSampled: boolean;
  localAddress?: string;
}

/** Events of all members of this process. */
export const deliveries = { count: 0, typing: 0, presence: 0, urgent: 0, notifications: 0 };

const seqMark = Buffer.from('"seq":');
const fromMark = Buffer.from('"from":');
const contentMark = Buffer.from('"content":"#');
const userMark = Buffer.from('"userId":"');
const quote = 0x22;
// Few letters tell `42["chat_message"`, `42["typing_start"`, `42["typing_stop"`, `42["presence_changed"`,
// `42["notification"` and `42["notification_read"` apart.
const nameAt = 4;
const letter = { a: 0x61, c: 0x63, h: 0x68, n: 0x6e, p: 0x70, t: 0x74 };

/** One connection with one room open. Most only count; a sampled one looks at each event's position and time. */
export class Member {
  readonly link: BareLink;
  readonly userId: string;
  readonly room: Room;
  readonly isSender: boolean;
  readonly isSampled: boolean;
  received = 0;
  violations = 0;
  /** Bytes of events, as the others of the room get them too. */
  eventBytes = 0;
  isClosed = false;
  #last: number | undefined;
  #watch: Watch | undefined;

  constructor(options: MemberOptions) {
    const { userId, port, jwtSecret, localAddress } = options;
    this.userId = userId;
    this.room = options.room;
    this.isSender = options.isSender;
    this.isSampled = options.isSampled;
    this.link = new BareLink({
      port,
      token: signToken({ userId, username: userId }, jwtSecret),
      onEvent: (data, start, end) => this.#handle(data, start, end),
      onClose: () => {
        this.isClosed = true;
      },
      ...(localAddress ? { localAddress } : {}),
    });
  }

  async open(): Promise<void> {
    await this.link.opened;
    await this.link.request("join_room", { roomId: this.room.id });
  }

  begin(watch: Watch, isBlind: boolean): void {
    this.received = 0;
    this.violations = 0;
    this.eventBytes = 0;
    this.#last = undefined;
    this.#watch = watch;
    this.link.blindBytes = 0;
    this.link.isBlind = isBlind && !this.isSender && !this.isSampled;
  }

  #handle(data: Buffer, start: number, end: number): void {
    const bytes = end - start;
    this.eventBytes += bytes + (bytes < 126 ? 2 : 4);
    const at = start + nameAt;
    const first = data[at];
    if (first === letter.c && data[at + 1] === letter.h) {
      deliveries.count++;
      this.received++;
      if (this.isSampled && this.#watch) this.#look(data.subarray(start, end), this.#watch);
    } else if (first === letter.t && data[at + "typing_st".length] === letter.a) {
      deliveries.typing++;
      if (this.isSampled && this.#watch) this.#lookAtTyping(data.subarray(start, end), this.#watch);
    } else if (first === letter.p) deliveries.presence++;
    else if (first === letter.n && data[at + "notification".length] === quote) {
      deliveries.notifications++;
      if (this.#watch) this.#lookAtUrgent(data.subarray(start, end), this.#watch);
    }
  }

  #look(frame: Buffer, watch: Watch): void {
    const message = readNumber(frame, frame.indexOf(contentMark) + contentMark.length);
    if (message >= watch.firstMeasured && message <= watch.lastMeasured) {
      watch.latenciesMs.add(performance.now() - watch.intendedMs(message));
    }
    if (!watch.hasPositions) return;
    const position = readNumber(frame, frame.lastIndexOf(seqMark) + seqMark.length);
    const fromAt = frame.lastIndexOf(fromMark);
    const first = fromAt === -1 ? position : readNumber(frame, fromAt + fromMark.length);
    if (this.#last !== undefined && (position <= this.#last || first > this.#last + 1)) this.violations++;
    this.#last = position;
  }

  #lookAtTyping(frame: Buffer, watch: Watch): void {
    const at = frame.indexOf(userMark) + userMark.length;
    const userId = frame.toString("utf8", at, frame.indexOf(quote, at));
    const typedMs = watch.typedMs.get(userId);
    if (typedMs !== undefined) watch.typingLatenciesMs.add(performance.now() - typedMs);
  }

  #lookAtUrgent(frame: Buffer, watch: Watch): void {
    const at = frame.indexOf(contentMark);
    if (at === -1) return;
    deliveries.urgent++;
    const dueMs = watch.urgentDueMs(readNumber(frame, at + contentMark.length));
    watch.urgentLatenciesMs.add(performance.now() - dueMs);
  }
}
