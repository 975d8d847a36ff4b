import { limits, type Member, type Position, Refusal } from "@mirage/protocol";
import type { PresenceView } from "../../access/presence-view.ts";
import { can, requireVerdict } from "../../access/rights.ts";
import type { RoomAccess, RoomGuard } from "../../access/room-access.ts";
import type { Session } from "../../access/session.ts";
import type { Change } from "../../hot-path/change.ts";
import type { HotPath } from "../../hot-path/hot-path.ts";
import type { Hub } from "../../hot-path/hub.ts";
import type { Occupancy } from "./occupancy.ts";
import type { RoomContents } from "./room-contents.ts";
import {
  boundNewest,
  bytesOfPage,
  carryContent,
  carryStanding,
  collectChanged,
  type RoomContent,
  type RoomPage,
  type StoredMember,
} from "./room-page.ts";

export interface PageReaderDeps {
  hotPath: HotPath;
  presence: PresenceView;
  guard: RoomGuard;
  contents: RoomContents;
  occupancy: Occupancy;
  epoch: string;
}

/** A room to be opened: with `since` null from its head on, without messages; without `since` its newest page. */
export interface AskedRoom {
  roomId: string;
  since?: Position | null | undefined;
}

/** What opening a room needs, so that its page can be put together in one tick. */
export interface Prepared {
  /** How the person stands to the room, read after they asked. */
  access: RoomAccess;
  /** Of the room, at or beyond everything that was read. */
  hub: Hub;
  /** What is answered: everything after a position, or the newest page. */
  from: number | RoomContent;
  /** Why what the client kept is void, where it is. */
  reset: "epoch" | "too_far" | undefined;
}

/** A page is read again when so much happened meanwhile that the hub does not reach back to it. */
const maxReads = 5;

/**
 * Reads rooms for people as of now: their right anew for each of them, many in one query, and what the room holds once
 * for all. Both are carried on by the room's hub to one position, so a page is what one snapshot would have said.
 */
export class PageReader {
  readonly #deps: PageReaderDeps;

  constructor(deps: PageReaderDeps) {
    this.#deps = deps;
  }

  /** Undefined where there is no such room for this person. `known`: how they stand, where it was read just now. */
  async prepare(session: Session, asked: AskedRoom, known?: RoomAccess): Promise<Prepared | undefined> {
    for (let read = 1; read <= maxReads; read++) {
      const isKnown = read === 1 && known !== undefined;
      const access = isKnown ? known : await this.#deps.guard.find(session, asked.roomId);
      if (!access || access.role === null) return undefined;
      requireVerdict(can("read", access.standing));
      const prepared = await this.#prepare(access, asked.since);
      if (prepared && isReady(prepared)) return prepared;
    }
    throw changesTooFast();
  }

  /**
   * The page as of this very tick, in at most so many bytes. `gone`: the person lost the room since it was read;
   * `moved_on`: more happened since than is kept in memory, or nobody listened and the hub was dropped.
   */
  build(prepared: Prepared, maxBytes: number): RoomPage | "gone" | "moved_on" {
    const { access, hub, from, reset } = prepared;
    const { hotPath, epoch } = this.#deps;
    const changes = hub.since(access.head);
    if (!changes || !isReady(prepared) || hotPath.hubs.find(hub.stream) !== hub) return "moved_on";
    const { room, role } = carryStanding(access, changes, access.userId);
    if (role === null) return "gone";
    const page: RoomPage = {
      room: { ...room, role, seq: hub.last, epoch },
      members: [],
      messages: [],
      seq: hub.last,
      epoch,
      hasMore: false,
      ...(reset ? { reset: true } : {}),
      ...(room.memberCount > limits.crowdMembers ? {} : { online: this.#listOnline(room.id, access.userId) }),
    };
    return typeof from === "number"
      ? this.#fillChanged(page, { changes: hub.since(from) ?? [], maxBytes })
      : this.#fillNewest(page, { content: carryContent(from, hub.since(from.seq) ?? [], hub.last), maxBytes });
  }

  /**
   * Undefined when the hub began after what was read: somebody else opened the room a moment later.
   * A room that nobody here listens to gets its hub before it is read: what commits while the page is on its way would
   * otherwise be heard by nobody, and come late.
   */
  async #prepare(access: RoomAccess, since: Position | null | undefined): Promise<Prepared | undefined> {
    const { hotPath, contents, epoch } = this.#deps;
    const roomId = access.room.id;
    const hub = await hotPath.hubs.open(`room:${roomId}`, access.head);
    if (since === null) return { access, hub, from: access.head, reset: undefined };
    let reset: Prepared["reset"];
    if (since) {
      const isOfAnotherLife = since.epoch !== epoch || since.seq > hub.last;
      const reached = isOfAnotherLife ? "epoch" : await contents.reachBack(hub, roomId, since.seq);
      if (reached === "reached") return { access, hub, from: since.seq, reset };
      if (reached === "moved_on") return undefined;
      reset = reached;
    }
    const content = await contents.getNewest(roomId);
    await hub.reach(content?.seq ?? 0);
    return content && { access, hub, from: content, reset };
  }

  #fillChanged(page: RoomPage, { changes, maxBytes }: { changes: readonly Change[]; maxBytes: number }): RoomPage {
    const bounds = { to: page.seq, maxBytes: maxBytes - bytesOfPage(page) };
    const { messages, members, seq } = collectChanged(changes, bounds);
    const room = { ...page.room, seq };
    return { ...page, room, seq, messages, members: this.#withStatus(members), hasMore: seq < page.seq };
  }

  #fillNewest(page: RoomPage, { content, maxBytes }: { content: RoomContent; maxBytes: number }): RoomPage {
    const { messages, hasMore } = content;
    const members = this.#withStatus(content.members);
    return boundNewest({ ...page, messages: [...messages], members, hasMore }, maxBytes);
  }

  #withStatus(members: readonly StoredMember[]): Member[] {
    const { presence } = this.#deps;
    return members.map((member) => ({
      ...member,
      status: member.role === null ? "offline" : presence.showStatus(member.userId),
    }));
  }

  #listOnline(roomId: string, userId: string): string[] {
    return [...new Set(this.#deps.occupancy.listPresent(roomId)).add(userId)];
  }
}

/** Whether the hub is as far as what was read, and reaches back to it. */
function isReady({ access, hub, from }: Prepared): boolean {
  const start = typeof from === "number" ? from : from.seq;
  return hub.last >= Math.max(access.head, start) && hub.reachesBack(Math.min(access.head, start));
}

export function changesTooFast(): Refusal {
  return new Refusal("overloaded", "The room changes too fast to be opened; try again", { retryAfterMs: 1_000 });
}
