import { answerBytes } from "../../access/answer-size.ts";
import type { Change } from "../../hot-path/change.ts";
import type { Hub } from "../../hot-path/hub.ts";
import type { Hubs } from "../../hot-path/hubs.ts";
import { bytesOfMessage, type Past, personBytes } from "../../hot-path/ring.ts";
import { BatchLoader } from "../../lib/batch-loader.ts";
import { ByteBudget } from "../../lib/byte-budget.ts";
import { slicesByWeight } from "../../lib/slices-by-weight.ts";
import { answerBytesOf, carryContent, type RoomContent } from "./room-page.ts";
import type { RoomPageStore } from "./room-pages.store.ts";

export interface RoomContentsOptions {
  store: RoomPageStore;
  hubs: Hubs;
  /** What changed in a room is answered up to this many messages; with more one starts afresh. */
  catchUpLimit: number;
}

interface Kept {
  hub: Hub;
  content: RoomContent;
  release(): void;
}

/** Rooms of one query: their answers come in one piece, and hold up the event loop while they are taken apart. */
const roomsPerRead = 20;
/** Changes of one query, for the same reason; what lies between a position and the head is at most so many. */
const changesPerRead = 2_000;
/**
 * A read goes so many changes further back than was asked: those who lose a connection together are not quite at the
 * same position, and the first of them to come back need not be the one that missed most.
 */
const readFurther = 20;
/** What the newest pages of all rooms together may take. */
const contentBytes = 64 * 1024 * 1024;

/**
 * What many people ask of a room at once is read once: its newest page, which is kept and carried on by the hub, and
 * what changed since a position, which goes into the hub's ring. Nothing here knows a person: rights are checked
 * elsewhere, and nobody is answered from here without.
 */
export class RoomContents {
  readonly #options: RoomContentsOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #budget = new ByteBudget(contentBytes);
  readonly #newest: BatchLoader<string, RoomContent>;
  readonly #changed: BatchLoader<string, Past>;
  /** The lowest position that a read still to come is to reach back to. */
  readonly #lowest = new Map<string, number>();
  /** Positions before which more has changed than is answered. */
  readonly #tooFar = new WeakMap<Hub, number>();

  constructor(options: RoomContentsOptions) {
    this.#options = options;
    this.#newest = new BatchLoader((roomIds) => this.#readNewest(roomIds), roomsPerRead);
    this.#changed = new BatchLoader((roomIds) => this.#readChanged(roomIds), roomsPerRead);
  }

  /** The newest page, as of a position that the hub reaches back to once it has reached it. */
  async getNewest(roomId: string): Promise<RoomContent | undefined> {
    return this.#recall(roomId) ?? (await this.#newest.find(roomId));
  }

  /**
   * Makes a room's hub reach back to a position. Answers `too_far` where more has changed since than is answered, and
   * `moved_on` where so much happened meanwhile that it has to be tried again.
   */
  async reachBack(hub: Hub, roomId: string, since: number): Promise<"reached" | "too_far" | "moved_on"> {
    if (since < (this.#tooFar.get(hub) ?? 0)) return "too_far";
    if (!hub.reachesBack(since)) await this.#recallPast(hub, roomId, since);
    const changes = hub.since(since);
    if (changes) return this.#isTooMuch(changes) ? "too_far" : "reached";
    return since < (this.#tooFar.get(hub) ?? 0) ? "too_far" : "moved_on";
  }

  async #recallPast(hub: Hub, roomId: string, since: number): Promise<void> {
    this.#lowest.set(roomId, Math.min(since, this.#lowest.get(roomId) ?? since));
    const past = await this.#changed.find(roomId);
    if (!past) return;
    await hub.reach(past.head);
    hub.recall(past);
    if (since < past.floor) this.#tooFar.set(hub, past.floor);
  }

  #isTooMuch(changes: readonly Change[]): boolean {
    const { catchUpLimit } = this.#options;
    let messages = 0;
    let members = 0;
    for (const change of changes) {
      if (change.event === "chat_message" || change.event === "message_updated") messages++;
      if (change.event !== "member_updated") continue;
      members += change.payload.users.length;
      // People who came together share a position, where no answer can be cut.
      if (answerBytesOf(change) > answerBytes / 2) return true;
    }
    return messages > catchUpLimit || members > catchUpLimit;
  }

  #findHub(roomId: string): Hub | undefined {
    return this.#options.hubs.find(`room:${roomId}`);
  }

  /** What is kept, as of the hub's last position. */
  #recall(roomId: string): RoomContent | undefined {
    const kept = this.#kept.get(roomId);
    const hub = this.#findHub(roomId);
    if (!kept || !hub || kept.hub !== hub) return undefined;
    const { content } = kept;
    if (hub.last < content.seq) return content;
    const changes = hub.since(content.seq);
    const carried = changes && carryContent(content, changes, hub.last);
    if (!carried || carried.isShort) return undefined;
    kept.content = carried;
    this.#budget.use(kept, bytesOf(carried));
    return carried;
  }

  async #readNewest(asked: readonly string[]): Promise<Map<string, RoomContent>> {
    const found = new Map<string, RoomContent>();
    for (const roomId of asked) {
      // Whoever asked while the same was being read is answered by that.
      const kept = this.#recall(roomId);
      if (kept) found.set(roomId, kept);
    }
    const missing = asked.filter((roomId) => !found.has(roomId));
    if (missing.length === 0) return found;
    for (const [roomId, content] of await this.#options.store.listNewest(missing)) {
      found.set(roomId, content);
      this.#keep(roomId, content);
    }
    return found;
  }

  #keep(roomId: string, content: RoomContent): void {
    const hub = this.#findHub(roomId);
    if (!hub) return;
    const before = this.#kept.get(roomId);
    if (before) this.#budget.use(before, 0);
    const kept: Kept = {
      hub,
      content,
      release: () => {
        if (this.#kept.get(roomId) === kept) this.#kept.delete(roomId);
      },
    };
    this.#kept.set(roomId, kept);
    this.#budget.use(kept, bytesOf(content));
  }

  async #readChanged(asked: readonly string[]): Promise<Map<string, Past>> {
    const lowest = asked.map((roomId) => ({ roomId, since: this.#lowest.get(roomId) ?? 0 }));
    for (const roomId of asked) this.#lowest.delete(roomId);
    const missing = lowest
      .filter(({ roomId, since }) => !this.#findHub(roomId)?.reachesBack(since))
      .map(({ roomId, since }) => ({ roomId, since: Math.max(0, since - readFurther) }));
    const read = new Map<string, Past>();
    const { store, catchUpLimit } = this.#options;
    const weightOf = ({ roomId, since }: { roomId: string; since: number }): number =>
      Math.min((this.#findHub(roomId)?.last ?? 0) - since, catchUpLimit);
    for (const slice of slicesByWeight(missing, weightOf, changesPerRead)) {
      for (const [roomId, past] of await store.listChanged(slice, catchUpLimit)) {
        read.set(roomId, past);
        // At once, so that whoever asked meanwhile need not read; a hub that is behind takes it when it has come so far.
        this.#findHub(roomId)?.recall(past);
      }
    }
    return read;
  }
}

function bytesOf({ messages, members }: RoomContent): number {
  return messages.reduce((bytes, message) => bytes + bytesOfMessage(message), members.length * personBytes);
}
