import type { Message, ReadMarker, RoomListing } from "@mirage/protocol";
import { limits } from "@mirage/protocol/limits";

export interface UnreadTallyOptions {
  userId: () => string | undefined;
  /** How many messages of others stand behind `afterSeq` up to `upToSeq`, if all of these are loaded. */
  countLoaded: (afterSeq: number, upToSeq: number) => number | undefined;
}

/** Whether a message counts as unread for anyone but its author. */
export function isOthers(message: Message, userId: string | undefined): boolean {
  return message.userId !== userId && message.type !== "system";
}

/**
 * How much of a room is unread, kept true between the server's own counts.
 * The server counted `base` up to the position `baseSeq`; behind that each message seen is noted by its position, so that
 * a message that is seen twice (live and in a page) counts once.
 */
export class UnreadTally {
  readonly #options: UnreadTallyOptions;
  #readSeq = 0;
  #baseSeq = 0;
  #base = 0;
  #mentions = 0;
  #isKnown = false;
  /** False while `base` is of an older marker than `readSeq`: then the server has to say. */
  #isBaseCurrent = true;
  #seen = new Set<number>();

  constructor(options: UnreadTallyOptions) {
    this.#options = options;
  }

  /** Whether the server has said what is unread; until then nothing is. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  get readSeq(): number {
    return this.#readSeq;
  }

  get unread(): number {
    return this.#isKnown ? Math.min(limits.unreadCount, this.#base + this.#seen.size) : 0;
  }

  get mentions(): number {
    return this.#mentions;
  }

  /** Takes in a message, or what has become of it, once for each of its positions. */
  see(message: Message): void {
    const { seq } = message;
    if (!isOthers(message, this.#options.userId()) || seq <= this.#readSeq) return;
    if (message.deleted) {
      const isCapped = this.#base >= limits.unreadCount;
      if (!this.#seen.delete(seq) && seq <= this.#baseSeq && this.#base > 0 && !isCapped) this.#base -= 1;
    } else if (seq > this.#baseSeq) {
      this.#seen.add(seq);
      this.#bound();
    }
  }

  mention(): void {
    this.#mentions = Math.min(limits.unreadCount, this.#mentions + 1);
  }

  /** The server's count, as of the listing's position. */
  setListing(listing: RoomListing): void {
    const markedSeq = this.#readSeq;
    this.#isKnown = true;
    this.#readSeq = listing.readSeq;
    this.#baseSeq = listing.seq;
    this.#base = listing.unread;
    this.#isBaseCurrent = true;
    this.#mentions = listing.mentions;
    this.#forgetUpTo(Math.max(listing.seq, listing.readSeq));
    this.markRead(markedSeq);
  }

  /** The stream has a new life: positions of the former one mean nothing. */
  reset(): void {
    this.#readSeq = 0;
    this.#baseSeq = 0;
    this.#base = 0;
    this.#mentions = 0;
    this.#isKnown = false;
    this.#seen.clear();
  }

  /** The server's count after the marker moved; an older marker than the known one is ignored. */
  setMarker(marker: Omit<ReadMarker, "roomId">): void {
    if (marker.seq < this.#readSeq) return;
    const isConfirmed = this.#isKnown && this.#isBaseCurrent && marker.seq === this.#readSeq;
    if (!isConfirmed) this.#moveTo(marker.seq, marker.unread);
    this.#isKnown = true;
    this.#mentions = marker.mentions;
  }

  /** The person has read up to here; the server has not yet said so. */
  markRead(seq: number): void {
    if (seq <= this.#readSeq) return;
    this.#moveTo(seq);
    if (this.unread === 0) this.#mentions = 0;
  }

  /**
   * The server's number is of a moment that may lie before or behind what was seen here, so what can be counted here is.
   */
  #moveTo(seq: number, unread?: number): void {
    this.#readSeq = seq;
    this.#forgetUpTo(seq);
    const isSeen = this.#isKnown && seq >= this.#baseSeq;
    const counted = isSeen ? 0 : this.#options.countLoaded(seq, this.#baseSeq);
    this.#isBaseCurrent = counted !== undefined || unread !== undefined;
    if (this.#isKnown && counted !== undefined) this.#base = counted;
    else if (unread !== undefined) this.#base = Math.max(0, unread - this.#seen.size);
  }

  #forgetUpTo(seq: number): void {
    for (const seen of this.#seen) if (seen <= seq) this.#seen.delete(seen);
  }

  /** Beyond the cap single positions do not matter: the oldest become part of the base. */
  #bound(): void {
    while (this.#seen.size > limits.unreadCount) {
      for (const oldest of this.#seen) {
        this.#seen.delete(oldest);
        this.#base += 1;
        this.#baseSeq = Math.max(this.#baseSeq, oldest);
        break;
      }
    }
  }
}
