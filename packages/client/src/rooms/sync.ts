/**
 * Brings a client to where the server is, and keeps it there: which rooms are open on this connection, from which
 * position on, and what has to be asked for again.
 *
 *     online ─▶ resume (every room and the user's stream, from where they were) ─▶ live
 *            └▶ list_rooms, where the list is not known ─▶ resume of what is new in it ─▶ live
 *            └▶ join_room, for rooms that are open but not loaded ─▶ live
 *     live ──gap, deferred, more to come──▶ resume of that room ─▶ live
 */
import type { CommandInput, CommandReply, Position, RoomListing } from "@mirage/protocol";
import { limits } from "@mirage/protocol/limits";
import { backoffMs } from "../connection/backoff.ts";
import type { Requests } from "../connection/requests.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import { failureOf, type RealtimeError } from "../lib/error.ts";
import { judge } from "./position.ts";
import type { Room } from "./room.ts";
import type { RoomModel } from "./room-model.ts";
import type { Rooms } from "./rooms.ts";

/** Rooms that are followed without being open; the rest of what a connection may open is kept for views. */
const followedRooms = limits.openRooms - 20;
/** The shortest wait before the same thing is asked for again. */
const minRetryMs = 250;

export interface SyncOptions {
  requests: Requests;
  clock: Clock;
  random: () => number;
  isOnline: () => boolean;
  /** The person's own part of an answer: what is not about rooms in it. */
  takeOwn: (user: ResumeReply["user"]) => void;
}

/** `isOtherHalf`: it may come at the very position of the event before it, as the second half of one change. */
export interface UserEvent {
  userSeq: number;
  from?: number | undefined;
  isOtherHalf?: boolean;
}

type ResumeReply = CommandReply<"resume">;
type ResumedRoom = ResumeReply["rooms"][number];

export class Sync {
  readonly #rooms: Rooms;
  readonly #options: SyncOptions;
  /** Rooms to be named in the next `resume`. */
  readonly #wanted = new Set<string>();
  readonly #joining = new Set<string>();
  readonly #timers = new Set<Timer>();
  #isResuming = false;
  #isUserWanted = false;
  /** Where this client is in the user's stream. */
  #userPosition: Position | undefined;
  /** Whether that stream has answered on this connection: only from then on do its events move the position. */
  #isUserAnswered = false;
  #failureCount = 0;
  #list: Promise<void> | undefined;
  #isListStale = false;

  constructor(rooms: Rooms, options: SyncOptions) {
    this.#rooms = rooms;
    this.#options = options;
  }

  /** There is a new connection: nothing is open on it yet. */
  opened(): void {
    this.#isUserAnswered = false;
    this.#isUserWanted = this.#userPosition !== undefined;
    this.#failureCount = 0;
    for (const { id } of this.#followed()) this.#wanted.add(id);
    this.#resume();
    if (!this.#rooms.isListed()) this.refreshList();
    for (const room of this.#rooms.all()) {
      if (room.isOpen) this.open(room);
      room.readMark.resume();
    }
  }

  /** The connection is gone, and every question with it. */
  lost(): void {
    this.#wanted.clear();
    this.#joining.clear();
    this.#isResuming = false;
    this.#stopTimers();
    for (const { model } of this.#rooms.all()) model.typing.clear();
  }

  close(): void {
    this.#stopTimers();
  }

  /** Something of the room's stream is missing. */
  recover(roomId: string): void {
    this.#wanted.add(roomId);
    this.#resume();
  }

  /** Loads a room that is looked at, if it is not loaded. */
  open(room: Room): void {
    const { model } = room;
    if (!this.#options.isOnline() || model.timeline.isLoaded || this.#joining.has(model.id)) return;
    this.#joining.add(model.id);
    this.#wanted.delete(model.id);
    this.#options.requests.call("join_room", { roomId: model.id }, (outcome) => {
      if (outcome.ok) {
        this.#joining.delete(model.id);
        model.takePage(outcome.reply, { since: null, isOpening: true });
        this.#rooms.outbox.drain();
      } else if (outcome.error.code === "disconnected" || outcome.error.code === "closed") {
        return;
      } else if (outcome.error.retryable) {
        this.#later(outcome.error, () => {
          this.#joining.delete(model.id);
          if (room.isOpen) this.open(room);
        });
      } else {
        this.#joining.delete(model.id);
        this.#rooms.outbox.drain();
        model.refusal = failureOf(outcome.error);
        model.changed();
      }
    });
  }

  /** Whether the room is being opened, which may be what makes one a member. */
  isJoining(roomId: string): boolean {
    return this.#joining.has(roomId);
  }

  /** Applies an event of the user's own stream. What comes before the stream's first answer counts, but not as seen. */
  takeUserEvent(event: UserEvent, apply: () => void): void {
    const position = this.#userPosition;
    if (!position || !this.#isUserAnswered) {
      apply();
      return;
    }
    const verdict = judge(position.seq, { seq: event.userSeq, from: event.from });
    if (verdict === "old" && !(event.isOtherHalf && event.userSeq === position.seq)) return;
    apply();
    if (verdict === "old") return;
    if (verdict === "next") {
      this.#userPosition = { ...position, seq: event.userSeq };
    } else {
      this.#isUserWanted = true;
      this.#resume();
    }
  }

  /** Reads the list again; several calls at once are one. */
  refreshList(): Promise<void> {
    if (this.#list) {
      this.#isListStale = true;
      return this.#list;
    }
    const reading = this.#readList().finally(() => {
      this.#list = undefined;
      if (!this.#isListStale) return;
      this.#isListStale = false;
      this.refreshList().catch(() => undefined);
    });
    this.#list = reading;
    // Whoever asked hears of a failure; the list's own state says it as well.
    reading.catch(() => undefined);
    return reading;
  }

  async #readList(): Promise<void> {
    try {
      const knownBefore = this.#rooms.listedIds();
      const listings = await this.#readPages();
      this.#rooms.takeList(listings, knownBefore);
      this.#follow(listings);
    } catch (error) {
      const failure = error as RealtimeError;
      if (failure.code === "disconnected" || failure.code === "closed") throw error;
      this.#rooms.takeListFailure(failureOf(failure));
      if (failure.retryable) {
        this.#later(failure, () => this.refreshList().catch(() => undefined));
      }
      throw error;
    }
  }

  async #readPages(): Promise<RoomListing[]> {
    const listings: RoomListing[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#readPage(cursor);
      listings.push(...page.rooms);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && listings.length < limits.openRooms);
    return listings;
  }

  #readPage(cursor: string | undefined): Promise<CommandReply<"list_rooms">> {
    return new Promise((resolve, reject) => {
      this.#options.requests.call("list_rooms", cursor === undefined ? {} : { cursor }, (outcome) => {
        if (!outcome.ok) return reject(outcome.error);
        const { epoch, seq } = outcome.reply;
        // The first page was read after the position it names: everything behind that is still to come.
        if (cursor === undefined && !this.#userPosition) this.#takeUserPosition({ epoch, seq });
        resolve(outcome.reply);
      });
    });
  }

  /** Rooms that shall be live on this connection, those that are looked at first. */
  #followed(): Room[] {
    const rooms = [...this.#rooms.all()].filter(({ model }) => model.position || model.listing);
    return rooms.sort((a, b) => Number(b.isOpen) - Number(a.isOpen)).slice(0, limits.openRooms);
  }

  /** Follows rooms that are not yet open on this connection, from where the list was read. */
  #follow(listings: readonly RoomListing[]): void {
    for (const { id } of listings.slice(0, followedRooms)) {
      if (!this.#rooms.room(id).model.position && !this.#joining.has(id)) this.#wanted.add(id);
    }
    this.#resume();
  }

  #resume(): void {
    if (this.#isResuming || !this.#options.isOnline()) return;
    const asked = [...this.#wanted].slice(0, limits.openRooms).map((roomId) => this.#rooms.room(roomId).model);
    const user = this.#isUserWanted ? this.#userPosition : undefined;
    if (asked.length === 0 && !user) return;
    const rooms = asked.map(({ id, since }) => ({ roomId: id, since }));
    for (const { roomId } of rooms) this.#wanted.delete(roomId);
    this.#isUserWanted = false;
    this.#isResuming = true;
    const input: CommandInput<"resume"> = user ? { rooms, user } : { rooms };
    this.#options.requests.call("resume", input, (outcome) => {
      if (outcome.ok) this.#takeResumed(outcome.reply, input);
      else this.#takeFailure(outcome.error, input);
    });
  }

  #takeResumed(reply: ResumeReply, input: CommandInput<"resume">): void {
    const since = new Map(input.rooms?.map(({ roomId, since }) => [roomId, since]));
    let answeredCount = 0;
    for (const room of reply.rooms) {
      const { model } = this.#rooms.room(room.roomId);
      if (this.#takeRoom(model, room, since.get(room.roomId) ?? null)) answeredCount += 1;
    }
    if (input.user) this.#takeUser(reply.user);
    this.#isResuming = false;
    this.#failureCount = answeredCount > 0 || input.user ? 0 : this.#failureCount + 1;
    if (this.#failureCount === 0) this.#resume();
    else if (this.#wanted.size > 0) this.#later(undefined, () => this.#resume());
  }

  /** Answers false where the room has to be asked for again without anything having come. */
  #takeRoom(model: RoomModel, room: ResumedRoom, since: Position | null): boolean {
    if ("deferred" in room) {
      this.#wanted.add(model.id);
      return false;
    }
    if ("removed" in room) {
      this.#rooms.takeRemoval(model.id);
      return true;
    }
    model.takePage(room, { since, isOpening: false });
    if (room.reset && model.listing) this.refreshList();
    if (room.hasMore && !room.reset && since) this.#wanted.add(model.id);
    return true;
  }

  #takeUser(user: ResumeReply["user"]): void {
    this.#takeUserPosition({ epoch: user.epoch, seq: user.seq });
    this.#options.takeOwn(user);
    for (const marker of user.markers) this.#rooms.takeMarker(marker);
    for (const room of user.rooms.added) this.#rooms.takeAddition(room);
    for (const roomId of user.rooms.removed) this.#rooms.takeRemoval(roomId);
    if (user.reset) this.refreshList();
  }

  #takeUserPosition(position: Position): void {
    this.#userPosition = position;
    this.#isUserAnswered = true;
  }

  #takeFailure(error: RealtimeError, input: CommandInput<"resume">): void {
    if (error.code === "disconnected" || error.code === "closed") return;
    for (const { roomId } of input.rooms ?? []) this.#wanted.add(roomId);
    if (input.user) this.#isUserWanted = true;
    this.#later(error, () => {
      this.#isResuming = false;
      this.#resume();
    });
  }

  #later(error: RealtimeError | undefined, call: () => void): void {
    const waitMs = error?.retryAfterMs ?? backoffMs(this.#failureCount, this.#options.random);
    this.#failureCount += 1;
    const timer = this.#options.clock.after(Math.max(minRetryMs, waitMs), () => {
      this.#timers.delete(timer);
      call();
    });
    this.#timers.add(timer);
  }

  #stopTimers(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }
}
