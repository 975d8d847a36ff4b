import { type CommandPayload, type CommandReply, limits, type Position, Refusal, type Room } from "@mirage/protocol";
import { can, requireVerdict } from "../../access/rights.ts";
import type { RoomGuard } from "../../access/room-access.ts";
import type { Session } from "../../access/session.ts";
import { requireOk } from "../../hot-path/chat-lane/require-ok.ts";
import type { HotPath } from "../../hot-path/hot-path.ts";
import type { Hub } from "../../hot-path/hub.ts";
import type { Topic, Topics } from "../../hot-path/topics.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Occupancy } from "./occupancy.ts";
import { boundPage, carryOn, type PageKind, type RoomPage } from "./room-page.ts";
import type { RoomState, RoomStore } from "./rooms.store.ts";
import type { UserStreamStore } from "./user-stream.store.ts";

export interface OpeningDeps {
  hotPath: HotPath;
  topics: Topics;
  guard: RoomGuard;
  store: RoomStore;
  userStreams: UserStreamStore;
  occupancy: Occupancy;
  clock: Clock;
  epoch: string;
  catchUpLimit: number;
  onResume: (result: "recovered" | "too_far" | "epoch" | "denied") => void;
}

/** A page that was read, with the hub of its room at or beyond the page's position. */
interface Prepared {
  page: RoomPage;
  hub: Hub;
  kind: PageKind;
}

type ResumedRoom = CommandReply<"resume">["rooms"][number];

/** A page may be read again when so much happened meanwhile that the ring does not reach back to it. */
const maxReads = 5;
const roomsPerRead = 20;

/**
 * Opens rooms: for the first time or after an absence.
 *
 *   read the state at h  →  bring the room's hub to h  →  in one tick: carry the page on to the hub's last position,
 *                                                         answer, attach
 *
 * So the first live event a connection sees is the one after its answer's `seq`, and no buffer per connection is needed.
 */
export class Opening {
  readonly #deps: OpeningDeps;

  constructor(deps: OpeningDeps) {
    this.#deps = deps;
  }

  /** Makes someone who may open a public room a member of it; for a member it only checks. */
  async enter(session: Session, roomId: string): Promise<Room> {
    const { guard, hotPath, clock } = this.#deps;
    const access = await guard.require(session, roomId, "open");
    if (access.role !== null) return access.room;
    const judge = async () => {
      const current = await guard.require(session, roomId, "open");
      const role = session.isGuest ? ("guest" as const) : ("member" as const);
      const { userId } = session;
      return { op: "member", kind: "join", roomId, userId, role, fence: current.fence, at: clock.now() } as const;
    };
    requireOk(await hotPath.submit(guard.judging(roomId, judge), `${session.connectionId} ${roomId}`));
    return access.room;
  }

  /** `join_room`: `answer` is called in the tick in which the live stream begins. */
  async join(
    session: Session,
    { roomId, since }: CommandPayload<"join_room">,
    answer: (page: RoomPage) => void,
  ): Promise<void> {
    this.#requirePlace(session, 1);
    await this.enter(session, roomId);
    const prepared = since
      ? (await this.#prepareSince(session, [{ roomId, since }])).get(roomId)
      : await this.#prepareNewest(session, roomId);
    const carried = prepared && this.#carryOn(session, prepared);
    if (!carried || carried === "gone") throw new Refusal("not_found", "Room not found");
    if (carried === "moved_on") throw changesTooFast();
    const page = since ? boundPage(carried, prepared.kind, limits.resumeAnswerBytes) : carried;
    const isWhole = page.seq === carried.seq;
    // Until it has gone on to the end nothing live may come in between.
    if (!isWhole) this.#deps.topics.detach(session.connectionId, `room:${roomId}`);
    answer(page);
    if (isWhole) this.#attach(session, page.room, since != null);
  }

  leave(session: Session, roomId: string): void {
    this.#deps.topics.detach(session.connectionId, `room:${roomId}`);
    this.#deps.occupancy.leave(roomId, session.userId, session.connectionId);
  }

  /** `resume`: everything that was missed, in one answer of bounded size; opens every room it names, silently. */
  async resume(
    session: Session,
    asked: CommandPayload<"resume">,
    answer: (reply: CommandReply<"resume">) => void,
  ): Promise<void> {
    this.#requirePlace(session, asked.rooms.length);
    const rooms = new Map(asked.rooms.map((room) => [room.roomId, room]));
    const user = await this.#resumeUser(session, asked.user ?? undefined);
    const prepared = new Map<string, Prepared>();
    for (let start = 0; start < rooms.size; start += roomsPerRead) {
      const slice = [...rooms.values()].slice(start, start + roomsPerRead);
      for (const [roomId, page] of await this.#prepareSince(session, slice)) prepared.set(roomId, page);
    }
    // From here to the end nothing waits: positions in the answer are those at which the live streams begin.
    const spare = limits.resumeAnswerBytes - Buffer.byteLength(JSON.stringify(user));
    const { answers, opened } = this.#fit(session, { roomIds: [...rooms.keys()], prepared, spare });
    answer({ rooms: answers, user });
    for (const room of opened) this.#attach(session, room, true);
  }

  /** Puts as many pages into one answer as it holds, the first one always. */
  #fit(
    session: Session,
    { roomIds, prepared, spare }: { roomIds: string[]; prepared: Map<string, Prepared>; spare: number },
  ): { answers: ResumedRoom[]; opened: Room[] } {
    const answers: ResumedRoom[] = [];
    const opened: Room[] = [];
    let room = spare - 80 * roomIds.length;
    for (const roomId of roomIds) {
      const ready = prepared.get(roomId);
      const page = ready ? this.#carryOn(session, ready) : "gone";
      if (!ready || page === "gone") {
        this.#deps.onResume("denied");
        answers.push({ roomId, removed: true });
        continue;
      }
      const bytes = page === "moved_on" ? 0 : Buffer.byteLength(JSON.stringify(page));
      const isFirst = !answers.some((other) => "messages" in other);
      if (page === "moved_on" || (bytes > room && !isFirst)) {
        answers.push({ roomId, deferred: true });
        continue;
      }
      const bounded = boundPage(page, ready.kind, Math.max(room, limits.eventBytes));
      room -= bytes;
      answers.push({ roomId, ...bounded });
      if (bounded.seq === page.seq) opened.push(bounded.room);
      else this.#deps.topics.detach(session.connectionId, `room:${roomId}`);
    }
    return { answers, opened };
  }

  /**
   * The page as of this very tick. `gone`: the person lost the room since it was read; `moved_on`: more happened since
   * than is kept in memory, or nobody listened and the hub was dropped.
   */
  #carryOn(session: Session, { page, hub, kind }: Prepared): RoomPage | "gone" | "moved_on" {
    const { hotPath, occupancy } = this.#deps;
    const changes = hotPath.hubs.find(hub.stream) === hub ? hub.since(page.seq) : undefined;
    if (!changes) return "moved_on";
    const carried = carryOn(page, changes, { kind, to: hub.last, userId: session.userId });
    if (carried.room.role === null) return "gone";
    if (carried.room.memberCount > limits.crowdMembers) return carried;
    const here = new Set(occupancy.listPresent(page.room.id));
    return { ...carried, online: [...here.add(session.userId)] };
  }

  #attach(session: Session, room: Room, isSilent: boolean): void {
    const { topics, occupancy } = this.#deps;
    const topic: Topic = `room:${room.id}`;
    topics.attach(session.connectionId, topic);
    // The connection may have gone while the page was read: then nobody is there to be told of.
    if (!topics.isAttached(session.connectionId, topic)) return;
    const person = { userId: session.userId, username: session.username };
    const isCrowd = room.memberCount > limits.crowdMembers;
    occupancy.enter(room.id, session.connectionId, { person, isSilent, isCrowd });
  }

  async #prepareNewest(session: Session, roomId: string): Promise<Prepared | undefined> {
    const { store } = this.#deps;
    for (let read = 1; read <= maxReads; read++) {
      const state = await store.findNewestPage(roomId, session.userId);
      if (!state || !mayRead(session, state)) return undefined;
      const page = this.#toPage(state, state.messages);
      const hub = await this.#deps.hotPath.hubs.open(`room:${roomId}`, state.head);
      if (hub.since(state.head)) return { page, hub, kind: "newest" };
    }
    throw changesTooFast();
  }

  async #prepareSince(
    session: Session,
    asked: readonly { roomId: string; since: Position | null }[],
  ): Promise<Map<string, Prepared>> {
    const { store, epoch, catchUpLimit, hotPath } = this.#deps;
    const prepared = new Map<string, Prepared>();
    const positions = asked.map(({ roomId, since }) => ({
      roomId,
      since: since?.epoch === epoch ? since.seq : Number.MAX_SAFE_INTEGER,
    }));
    const states = await store.listChanged(positions, { userId: session.userId, maxMessages: catchUpLimit });
    for (const { roomId, since } of asked) {
      const state = states.get(roomId);
      if (!state || !mayRead(session, state)) continue;
      const reason = resetReason(since, state, { epoch, catchUpLimit });
      this.#deps.onResume(reason ?? "recovered");
      if (reason) {
        const newest = await this.#prepareNewest(session, roomId);
        if (newest) prepared.set(roomId, { ...newest, page: { ...newest.page, reset: true } });
        continue;
      }
      const page = this.#toPage({ ...state, hasMore: false }, state.messages);
      const hub = await hotPath.hubs.open(`room:${roomId}`, state.head);
      prepared.set(roomId, { page, hub, kind: "since" });
    }
    return prepared;
  }

  #toPage(state: RoomState, messages: RoomPage["messages"]): RoomPage {
    const { epoch, topics } = this.#deps;
    const isOnline = (userId: string): boolean => topics.connectionCount(`user:${userId}`) > 0;
    const members = state.members.map((member) => ({
      ...member,
      status: isOnline(member.userId) ? ("online" as const) : ("offline" as const),
    }));
    return {
      room: { ...state.room, role: state.role, seq: state.head, epoch },
      members,
      messages,
      seq: state.head,
      epoch,
      hasMore: state.hasMore,
    };
  }

  async #resumeUser(session: Session, since: Position | undefined): Promise<CommandReply<"resume">["user"]> {
    const { userStreams, epoch, hotPath } = this.#deps;
    const stream: Topic = `user:${session.userId}`;
    let isReset = since !== undefined && since.epoch !== epoch;
    let state = since
      ? await userStreams.getState(session.userId, isReset ? 0 : since.seq)
      : { head: await userStreams.getHead(session.userId), notifications: [], markers: [], added: [], removed: [] };
    if (since && !isReset && since.seq > state.head) {
      isReset = true;
      state = await userStreams.getState(session.userId, 0);
    }
    const hub = hotPath.hubs.find(stream);
    await hub?.reach(state.head);
    return {
      seq: state.head,
      epoch,
      notifications: state.notifications,
      markers: state.markers,
      rooms: { added: state.added, removed: state.removed },
      ...(isReset ? { reset: true } : {}),
    };
  }

  #requirePlace(session: Session, roomCount: number): void {
    if (this.#deps.occupancy.openRoomCount(session.connectionId) + roomCount <= 2 * limits.openRooms) return;
    throw new Refusal("rate_limited", `At most ${limits.openRooms} rooms can be open on one connection`);
  }
}

function changesTooFast(): Refusal {
  return new Refusal("overloaded", "The room changes too fast to be opened; try again", { retryAfterMs: 1_000 });
}

/** Why what a client kept of a room is void, where it is. */
function resetReason(
  since: Position | null,
  state: RoomState,
  { epoch, catchUpLimit }: { epoch: string; catchUpLimit: number },
): "epoch" | "too_far" | undefined {
  if (since === null) return undefined;
  if (since.epoch !== epoch || since.seq > state.head) return "epoch";
  // Members are not cut into pages: a crowd that came and went is read afresh, a hundred at a time.
  const isTooFar = state.hasMore || state.members.length > catchUpLimit || since.seq < state.floor;
  return isTooFar ? "too_far" : undefined;
}

/** Whether the person may read the room, by the snapshot that the page itself was read in. */
function mayRead(session: Session, { role, room }: RoomState): boolean {
  const standing = { role, roomType: room.type, isArchived: room.archived === true, isAdmin: session.isAdmin };
  if (role === null) return false;
  requireVerdict(can("read", standing));
  return true;
}
