import { limits, type Position, Refusal } from "@mirage/protocol";
import { can, requireVerdict } from "../../access/rights.ts";
import type { Session } from "../../access/session.ts";
import type { HotPath } from "../../hot-path/hot-path.ts";
import type { Hub } from "../../hot-path/hub.ts";
import type { Topics } from "../../hot-path/topics.ts";
import type { Occupancy } from "./occupancy.ts";
import { carryOn, type PageKind, type RoomPage } from "./room-page.ts";
import type { RoomState, RoomStore } from "./rooms.store.ts";

export interface PageReaderDeps {
  hotPath: HotPath;
  topics: Topics;
  store: RoomStore;
  occupancy: Occupancy;
  epoch: string;
  catchUpLimit: number;
  /** Told of each room that somebody comes back to, and how many messages and members its answer holds. */
  onResume: (result: "recovered" | "too_far" | "epoch", changeCount: number) => void;
}

/** A page that was read, with the hub of its room at or beyond the page's position. */
export interface Prepared {
  page: RoomPage;
  hub: Hub;
  kind: PageKind;
}

/** A room to be read: `since` null means from its head on, without messages. */
export interface AskedRoom {
  roomId: string;
  since: Position | null;
}

/** A page is read again when so much happened meanwhile that the hub does not reach back to it. */
const maxReads = 5;

/** Reads rooms for one person as of now, checking their right in the same snapshot. */
export class PageReader {
  readonly #deps: PageReaderDeps;

  constructor(deps: PageReaderDeps) {
    this.#deps = deps;
  }

  /** The newest page; undefined where there is no such room for this person. */
  async readNewest(session: Session, roomId: string): Promise<Prepared | undefined> {
    await this.#openHubs([roomId]);
    for (let read = 1; read <= maxReads; read++) {
      const state = await this.#deps.store.findNewestPage(roomId, session.userId);
      if (!state || !mayRead(session, state)) return undefined;
      const prepared = await this.#prepare(state, "newest");
      if (prepared) return prepared;
    }
    throw changesTooFast();
  }

  /** What changed in each room, or its newest page as a `reset`. Rooms that this person may not read are left out. */
  async readSince(session: Session, asked: readonly AskedRoom[]): Promise<Map<string, Prepared>> {
    const prepared = new Map<string, Prepared>();
    let missing = asked;
    await this.#openHubs(asked.map(({ roomId }) => roomId));
    for (let read = 1; missing.length > 0 && read <= maxReads; read++) {
      missing = await this.#readSinceOnce(session, missing, prepared);
    }
    if (missing.length > 0) throw changesTooFast();
    return prepared;
  }

  /**
   * The page as of this very tick. `gone`: the person lost the room since it was read; `moved_on`: more happened since
   * than is kept in memory, or nobody listened and the hub was dropped.
   */
  carryOn(session: Session, { page, hub, kind }: Prepared): RoomPage | "gone" | "moved_on" {
    const { hotPath, occupancy } = this.#deps;
    const changes = hotPath.hubs.find(hub.stream) === hub ? hub.since(page.seq) : undefined;
    if (!changes) return "moved_on";
    const carried = carryOn(page, changes, { kind, to: hub.last, userId: session.userId });
    if (carried.room.role === null) return "gone";
    if (carried.room.memberCount > limits.crowdMembers) return carried;
    const here = new Set(occupancy.listPresent(page.room.id));
    return { ...carried, online: [...here.add(session.userId)] };
  }

  /** Returns the rooms that must be read again. */
  async #readSinceOnce(
    session: Session,
    asked: readonly AskedRoom[],
    prepared: Map<string, Prepared>,
  ): Promise<AskedRoom[]> {
    const { store, epoch, catchUpLimit } = this.#deps;
    const positions = asked.map(({ roomId, since }) => ({
      roomId,
      since: since?.epoch === epoch ? since.seq : Number.MAX_SAFE_INTEGER,
    }));
    const states = await store.listChanged(positions, { userId: session.userId, maxMessages: catchUpLimit });
    const again: AskedRoom[] = [];
    for (const room of asked) {
      const state = states.get(room.roomId);
      if (!state || !mayRead(session, state)) continue;
      const reason = this.#findResetReason(room.since, state);
      const ready = reason
        ? await this.readNewest(session, room.roomId)
        : await this.#prepare({ ...state, hasMore: false }, "since");
      if (ready) {
        this.#deps.onResume(reason ?? "recovered", ready.page.messages.length + ready.page.members.length);
        prepared.set(room.roomId, reason ? { ...ready, page: { ...ready.page, reset: true } } : ready);
      } else if (!reason) again.push(room);
    }
    return again;
  }

  /**
   * A room that nobody here listens to gets its hub before it is read: what commits while the page is on its way would
   * otherwise be heard by nobody, and come late.
   */
  async #openHubs(roomIds: readonly string[]): Promise<void> {
    const { hotPath, store } = this.#deps;
    const quiet = roomIds.filter((roomId) => !hotPath.hubs.find(`room:${roomId}`));
    if (quiet.length === 0) return;
    for (const [roomId, head] of await store.listHeads(quiet)) await hotPath.hubs.open(`room:${roomId}`, head);
  }

  /** Undefined when the hub began after what was read: somebody else opened the room a moment later. */
  async #prepare(state: RoomState, kind: PageKind): Promise<Prepared | undefined> {
    const hub = await this.#deps.hotPath.hubs.open(`room:${state.room.id}`, state.head);
    return hub.since(state.head) && { page: this.#toPage(state), hub, kind };
  }

  #toPage({ room, role, head, members, messages, hasMore }: RoomState): RoomPage {
    const { epoch, topics } = this.#deps;
    const statusOf = (userId: string): "online" | "offline" =>
      topics.connectionCount(`user:${userId}`) > 0 ? "online" : "offline";
    return {
      room: { ...room, role, seq: head, epoch },
      members: members.map((member) => ({ ...member, status: statusOf(member.userId) })),
      messages,
      seq: head,
      epoch,
      hasMore,
    };
  }

  /** Why what a client kept of a room is void, where it is. */
  #findResetReason(since: Position | null, state: RoomState): "epoch" | "too_far" | undefined {
    const { epoch, catchUpLimit } = this.#deps;
    if (since === null) return undefined;
    if (since.epoch !== epoch || since.seq > state.head) return "epoch";
    // Members are not cut into pages: a crowd that came and went is read afresh, a hundred at a time.
    const isTooFar = state.hasMore || state.members.length > catchUpLimit || since.seq < state.floor;
    return isTooFar ? "too_far" : undefined;
  }
}

export function changesTooFast(): Refusal {
  return new Refusal("overloaded", "The room changes too fast to be opened; try again", { retryAfterMs: 1_000 });
}

/** Whether the person may read the room, by the snapshot that the page itself was read in. */
function mayRead(session: Session, { role, room }: RoomState): boolean {
  const standing = { role, roomType: room.type, isArchived: room.archived === true, isAdmin: session.isAdmin };
  if (role === null) return false;
  requireVerdict(can("read", standing));
  return true;
}
