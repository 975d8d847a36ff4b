import type { Message, ReadMarker, RoomListing } from "@mirage/protocol";
import { limits } from "@mirage/protocol/limits";

/**
 * How much of a room is unread, kept true between the server's own counts.
 * The server counted `base` up to the position `baseSeq`; behind that each message seen is noted by its position, so that
 * a message that is seen twice (live and in a page) counts once.
 */
export class UnreadTally {
  readonly #userId: () => string | undefined;
  #readSeq = 0;
  #baseSeq = 0;
  #base = 0;
  #mentions = 0;
  #isKnown = false;
  #seen = new Set<number>();

  constructor(userId: () => string | undefined) {
    this.#userId = userId;
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
    if (message.userId === this.#userId() || message.type === "system" || seq <= this.#readSeq) return;
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
    this.#isKnown = true;
    this.#readSeq = marker.seq;
    this.#forgetUpTo(marker.seq);
    // What was seen behind the marker is certain; the marker may have been counted before or after it.
    this.#base = Math.max(0, marker.unread - this.#seen.size);
    this.#mentions = marker.mentions;
  }

  /** The person has read up to here; the server has not yet said so. */
  markRead(seq: number): void {
    if (seq <= this.#readSeq) return;
    this.#readSeq = seq;
    this.#forgetUpTo(seq);
    if (seq >= this.#baseSeq) this.#base = 0;
    if (this.unread === 0) this.#mentions = 0;
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
