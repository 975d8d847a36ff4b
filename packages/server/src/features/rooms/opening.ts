import { type CommandPayload, type CommandReply, limits, type Position, Refusal, type Room } from "@mirage/protocol";
import { answerBytes } from "../../access/answer-size.ts";
import type { PresenceView } from "../../access/presence-view.ts";
import { can, requireVerdict } from "../../access/rights.ts";
import type { RoomAccess, RoomGuard } from "../../access/room-access.ts";
import type { Session } from "../../access/session.ts";
import { requireOk } from "../../hot-path/chat-lane/require-ok.ts";
import type { HotPath } from "../../hot-path/hot-path.ts";
import { PairOrder } from "../../hot-path/pair-order.ts";
import type { Topic, Topics } from "../../hot-path/topics.ts";
import { Pace } from "../../lib/pace.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Occupancy } from "./occupancy.ts";
import { type AskedRoom, changesTooFast, type PageReader, type Prepared } from "./page-reader.ts";
import { bytesOfPage, type RoomPage } from "./room-page.ts";
import { boundUserState, nothingMissed, type OwnPart } from "./user-state.ts";
import type { UserStreamStore } from "./user-stream.store.ts";

export interface OpeningDeps {
  hotPath: HotPath;
  topics: Topics;
  guard: RoomGuard;
  pages: PageReader;
  userStreams: UserStreamStore;
  occupancy: Occupancy;
  presence: PresenceView;
  clock: Clock;
  epoch: string;
  /** Told of each room that somebody comes back to, and how many messages and members its answer holds. */
  onResumed: (result: "recovered" | "too_far" | "epoch", changeCount: number) => void;
  onDenied: () => void;
  /** A connection has opened a room of more people than are told of by name. */
  onCrowdOpened: (roomId: string) => void;
}

type ResumedRoom = CommandReply<"resume">["rooms"][number];

const roomsPerRead = 20;
/** What a person's own stream may take of an answer, so that there is always room for a room. */
const ownPartBytes = answerBytes / 4;
/** Answers of one turn of the event loop, a tenth of a millisecond each. */
const answersPerTurn = 50;

/**
 * Opens rooms: for the first time or after an absence.
 *
 *   read how one stands, at h  →  bring the room's hub to h  →  have what the room holds  →  in one tick: carry both
 *                                                                on to the hub's last position, answer, attach
 *
 * So the first live event a connection sees is the one after its answer's `seq`, and no buffer per connection is needed.
 */
export class Opening {
  readonly #deps: OpeningDeps;
  /** Who opens and closes a room again at once means both, in this order: a page that is mounted twice does so. */
  readonly #order = new PairOrder();
  readonly #resumes = new Map<string, Promise<void>>();
  readonly #pace = new Pace(answersPerTurn);

  constructor(deps: OpeningDeps) {
    this.#deps = deps;
  }

  /** Makes someone who may open a public room a member of it; of a member it answers how they stand. */
  async #enter(session: Session, roomId: string): Promise<RoomAccess | undefined> {
    const { guard, hotPath, clock } = this.#deps;
    const access = await guard.find(session, roomId);
    requireVerdict(access ? can("open", access.standing) : "not_found");
    if (access && access.role !== null) return access;
    const judge = async () => {
      const current = await guard.require(session, roomId, "open");
      const role = session.isGuest ? ("guest" as const) : ("member" as const);
      const { userId } = session;
      return {
        op: "member",
        kind: "join",
        roomId,
        userId,
        role,
        notices: [],
        fence: current.fence,
        at: clock.now(),
      } as const;
    };
    requireOk(await hotPath.submit(guard.judging(roomId, judge), `${session.connectionId} enter ${roomId}`));
    return undefined;
  }

  /** `join_room`: `answer` is called in the tick in which the live stream begins. */
  join(session: Session, input: CommandPayload<"join_room">, answer: (page: RoomPage) => void): Promise<void> {
    return this.#inOrder(session, input.roomId, () => this.#join(session, input, answer));
  }

  async #join(
    session: Session,
    { roomId, since }: CommandPayload<"join_room">,
    answer: (page: RoomPage) => void,
  ): Promise<void> {
    const { pages, topics, hotPath } = this.#deps;
    this.#requirePlace(session, 1);
    // What is sent to the room right after this waits until the person is in it.
    const access = await hotPath.hold(`${session.connectionId} ${roomId}`, () => this.#enter(session, roomId));
    const prepared = await pages.prepare(session, { roomId, since: since ?? undefined }, access);
    await this.#pace.pass();
    const page = prepared && pages.build(prepared, answerBytes);
    if (!page || page === "gone") throw new Refusal("not_found", "Room not found");
    if (page === "moved_on") throw changesTooFast();
    // Until it has gone on to the end nothing live may come in between.
    const isWhole = since == null || page.reset === true || !page.hasMore;
    if (!isWhole) topics.detach(session.connectionId, `room:${roomId}`);
    this.#countResumed(prepared, page);
    answer(page);
    if (isWhole) this.#attach(session, page.room, since != null);
  }

  /** `leave_room`, after whatever is still opening the room on this connection. */
  leave(session: Session, roomId: string): Promise<void> {
    // Only what came before: a later one waits for this in turn.
    const resume = this.#resumes.get(session.connectionId);
    return this.#inOrder(session, roomId, async () => {
      if (resume) await resume;
      const { topics, guard } = this.#deps;
      const topic: Topic = `room:${roomId}`;
      if (!topics.isAttached(session.connectionId, topic)) await guard.require(session, roomId, "read");
      topics.detach(session.connectionId, topic);
      this.#deps.occupancy.leave(roomId, session.userId, session.connectionId);
    });
  }

  #inOrder(session: Session, roomId: string, work: () => Promise<void>): Promise<void> {
    return this.#order.run(`${session.connectionId} ${roomId}`, work, () => Promise.resolve());
  }

  /** `resume`: everything that was missed, in one answer of bounded size; opens every room it names, silently. */
  async resume(
    session: Session,
    asked: CommandPayload<"resume">,
    answer: (reply: CommandReply<"resume">) => void,
  ): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resumes.set(session.connectionId, promise);
    try {
      await this.#resume(session, asked, answer);
    } finally {
      resolve();
      if (this.#resumes.get(session.connectionId) === promise) this.#resumes.delete(session.connectionId);
    }
  }

  async #resume(
    session: Session,
    asked: CommandPayload<"resume">,
    answer: (reply: CommandReply<"resume">) => void,
  ): Promise<void> {
    this.#requirePlace(session, asked.rooms.length);
    await Promise.all(asked.rooms.map(({ roomId }) => this.#inOrder(session, roomId, async () => undefined)));
    const rooms = new Map(asked.rooms.map((room) => [room.roomId, room]));
    const user = await this.#resumeUser(session, asked.user ?? undefined);
    const names = [...rooms.keys()].map((roomId) => ({ roomId, deferred: true }));
    const spare = answerBytes - Buffer.byteLength(JSON.stringify({ user, names }));
    const prepared = await this.#prepareWhatFits(session, [...rooms.values()], spare);
    await this.#pace.pass();
    // From here to the end nothing waits: positions in the answer are those at which the live streams begin.
    const { answers, opened } = this.#fit(session, { roomIds: [...rooms.keys()], prepared, spare });
    answer({ rooms: answers, user });
    for (const room of opened) this.#attach(session, room, true);
  }

  /** What the answer has no place for is not even read. */
  async #prepareWhatFits(
    session: Session,
    asked: readonly AskedRoom[],
    spare: number,
  ): Promise<Map<string, Prepared | "removed">> {
    const { pages } = this.#deps;
    const prepared = new Map<string, Prepared | "removed">();
    for (let start = 0, bytes = 0; start < asked.length && bytes < spare; start += roomsPerRead) {
      const slice = asked.slice(start, start + roomsPerRead);
      await Promise.all(
        slice.map(async (room) => prepared.set(room.roomId, (await pages.prepare(session, room)) ?? "removed")),
      );
      if (start + roomsPerRead >= asked.length) break;
      for (const { roomId } of slice) bytes += this.#bytesOf(prepared.get(roomId));
    }
    return prepared;
  }

  #bytesOf(prepared: Prepared | "removed" | undefined): number {
    const page = typeof prepared === "object" ? this.#deps.pages.build(prepared, answerBytes) : undefined;
    return typeof page === "object" ? bytesOfPage(page) : 0;
  }

  /** Puts as many pages into one answer as it holds, the first one always. */
  #fit(
    session: Session,
    read: { roomIds: string[]; prepared: Map<string, Prepared | "removed">; spare: number },
  ): { answers: ResumedRoom[]; opened: Room[] } {
    const { pages, topics, onDenied } = this.#deps;
    const answers: ResumedRoom[] = [];
    const opened: Room[] = [];
    let { spare } = read;
    for (const roomId of read.roomIds) {
      const prepared = read.prepared.get(roomId);
      // Only the first one is cut: any other is asked for again.
      const maxBytes = opened.length === 0 ? spare : answerBytes;
      const page = typeof prepared === "object" ? pages.build(prepared, maxBytes) : prepared;
      if (page === "removed" || page === "gone") {
        onDenied();
        answers.push({ roomId, removed: true });
        continue;
      }
      const bytes = typeof page === "object" ? bytesOfPage(page) : 0;
      if (typeof prepared !== "object" || typeof page !== "object" || bytes > spare) {
        answers.push({ roomId, deferred: true });
        continue;
      }
      spare -= bytes;
      this.#countResumed(prepared, page);
      answers.push({ roomId, ...page });
      if (page.hasMore && !page.reset) topics.detach(session.connectionId, `room:${roomId}`);
      else opened.push(page.room);
    }
    return { answers, opened };
  }

  #countResumed({ from, reset }: Prepared, { messages, members }: RoomPage): void {
    if (typeof from === "number" || reset) this.#deps.onResumed(reset ?? "recovered", messages.length + members.length);
  }

  #attach(session: Session, room: Room, isSilent: boolean): void {
    const { topics, occupancy, presence } = this.#deps;
    const topic: Topic = `room:${room.id}`;
    topics.attach(session.connectionId, topic);
    // The connection may have gone while the page was read: then nobody is there to be told of.
    if (!topics.isAttached(session.connectionId, topic)) return;
    const person = { userId: session.userId, username: session.username };
    const isCrowd = room.memberCount > limits.crowdMembers;
    const isHidden = presence.isInvisible(session.userId);
    occupancy.enter(room.id, session.connectionId, { person, isSilent, isCrowd, isHidden });
    if (isCrowd) this.#deps.onCrowdOpened(room.id);
  }

  async #resumeUser(session: Session, since: Position | undefined): Promise<OwnPart> {
    const { userStreams, epoch, hotPath } = this.#deps;
    const { userId } = session;
    const hub = hotPath.hubs.find(`user:${userId}`);
    const head = hub?.last ?? (await userStreams.getHead(userId));
    let isReset = since !== undefined && since.epoch !== epoch;
    let state = nothingMissed(head);
    if (since && (isReset || since.seq !== head)) {
      state = await userStreams.getState(userId, { since: isReset ? 0 : since.seq, head });
      if (!isReset && since.seq > state.head) {
        isReset = true;
        state = await userStreams.getState(userId, { since: 0, head });
      }
      await hub?.reach(state.head);
    }
    const { head: seq, added, removed, isCut, ...lists } = boundUserState(state, ownPartBytes);
    // More was missed than one answer holds: its lists say the rest.
    const reset = isReset || isCut ? { reset: true } : {};
    return { seq, epoch, ...lists, rooms: { added, removed }, ...reset };
  }

  #requirePlace(session: Session, roomCount: number): void {
    if (this.#deps.occupancy.openRoomCount(session.connectionId) + roomCount <= 2 * limits.openRooms) return;
    throw new Refusal("rate_limited", `At most ${limits.openRooms} rooms can be open on one connection`);
  }
}
