import type {
  CommandReply,
  EventName,
  EventPayload,
  Member,
  ReadMarker,
  Room as RoomEntity,
  RoomListing,
} from "@mirage/protocol";
import type { ConnectionUser } from "../connection/connection-state.ts";
import type { Requests } from "../connection/requests.ts";
import type { Clock } from "../lib/clock.ts";
import type { Failure } from "../lib/error.ts";
import { DerivedStore, type ReadonlyStore } from "../lib/store.ts";
import type { Outbox } from "./outbox.ts";
import type { Verdict } from "./position.ts";
import { Room, type RoomHost, removed } from "./room.ts";
import { RoomModel } from "./room-model.ts";
import type { RoomsState } from "./rooms-state.ts";
import { Sync } from "./sync.ts";

const frameMs = 16;

export interface RoomsOptions {
  requests: Requests;
  outbox: Outbox;
  clock: Clock;
  random: () => number;
  isOnline: () => boolean;
  user: () => ConnectionUser | undefined;
  userId: () => string | undefined;
  /** How a room's members are, as of now. */
  sawMembers: (members: readonly Member[]) => void;
  /** The person's own part of an answer to `resume`: what is not about rooms in it. */
  takeOwn: (user: CommandReply<"resume">["user"]) => void;
}

/** All rooms of one person: routes events to them, and keeps the list. */
export class Rooms implements RoomHost {
  readonly requests: Requests;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly sync: Sync;
  readonly #options: RoomsOptions;
  readonly #rooms = new Map<string, Room>();
  readonly #state: DerivedStore<RoomsState>;
  readonly #routes: { [Name in EventName]?: (payload: EventPayload<Name>) => void };
  #status: RoomsState["status"] = "loading";
  #failure: Failure | undefined;

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.requests = options.requests;
    this.outbox = options.outbox;
    this.clock = options.clock;
    this.#state = new DerivedStore(() => this.#list(), { clock: options.clock, minIntervalMs: frameMs });
    this.sync = new Sync(this, options);
    this.#routes = this.#makeRoutes();
  }

  get state(): ReadonlyStore<RoomsState> {
    return this.#state;
  }

  /** The same id gives the same room. */
  room(roomId: string): Room {
    const known = this.#rooms.get(roomId);
    if (known) return known;
    const model = new RoomModel(roomId, {
      clock: this.clock,
      userId: this.#options.userId,
      changed: () => this.roomChanged(roomId),
      sawMembers: this.#options.sawMembers,
    });
    const room = new Room(model, this);
    this.#rooms.set(roomId, room);
    return room;
  }

  all(): Iterable<Room> {
    return this.#rooms.values();
  }

  roomChanged(roomId: string): void {
    const room = this.#rooms.get(roomId);
    room?.changed();
    if (room?.model.listing) this.#state.changed();
  }

  isOnline(): boolean {
    return this.#options.isOnline();
  }

  user(): ConnectionUser | undefined {
    return this.#options.user();
  }

  isListed(): boolean {
    return this.#status === "ready";
  }

  openRoom(room: Room): void {
    if (room.model.refusal) {
      room.model.refusal = undefined;
      room.changed();
    }
    this.sync.open(room);
  }

  closeRoom(room: Room): void {
    const { model } = room;
    model.timeline.unload();
    model.members.clear();
    model.typing.clear();
    if (model.listing) return;
    // Nobody keeps the unread count of a room that is not on the list.
    model.position = undefined;
    if (this.isOnline()) this.requests.call("leave_room", { roomId: model.id }, () => undefined);
  }

  /** Applies an event; says nothing where it is none of the rooms'. */
  take<Name extends EventName>(name: Name, payload: EventPayload<Name>): void {
    if (Object.hasOwn(this.#routes, name)) this.#routes[name]?.(payload);
  }

  /** Rooms on the list now, by id. */
  listedIds(): Set<string> {
    return new Set([...this.#rooms.values()].filter(({ model }) => model.listing).map(({ id }) => id));
  }

  /** The whole list, as the server read it. `knownBefore`: what was listed when the reading began; a room added since is missing from it for no other reason. */
  takeList(listings: readonly RoomListing[], knownBefore: ReadonlySet<string>): void {
    const listedIds = new Set(listings.map(({ id }) => id));
    for (const roomId of knownBefore) if (!listedIds.has(roomId)) this.takeRemoval(roomId);
    this.#status = "ready";
    this.#failure = undefined;
    for (const listing of listings) this.room(listing.id).model.takeListing(listing);
    for (const room of this.#rooms.values()) {
      room.changed();
      room.readMark.resume();
    }
    this.#state.changed();
  }

  /** The list could not be read; an older one stays. */
  takeListFailure(failure: Failure): void {
    if (this.#status === "ready") return;
    this.#status = "error";
    this.#failure = failure;
    this.#state.changed();
  }

  takeMarker({ roomId, ...marker }: ReadMarker): void {
    const room = this.#rooms.get(roomId);
    if (!room) return;
    room.readMark.note(marker.seq);
    room.model.tally.setMarker(marker);
    room.model.changed();
  }

  /** Shows the new room at once; its row is read from the server. */
  takeAddition(added: RoomEntity): void {
    const { model } = this.room(added.id);
    if (!model.listing) {
      model.addedAt = new Date(this.clock.now()).toISOString();
      const own = { role: null, seq: 0, epoch: "", ...model.room, ...added };
      model.listing = { ...own, unread: 0, mentions: 0, readSeq: model.tally.readSeq, lastMessage: null };
    }
    model.refusal = undefined;
    this.roomChanged(added.id);
    this.sync.refreshList();
    if (this.room(added.id).isOpen) this.sync.open(this.room(added.id));
  }

  takeRemoval(roomId: string): void {
    this.#rooms.get(roomId)?.model.takeRemoval({ code: removed.code, message: removed.message });
    this.#state.changed();
  }

  close(): void {
    for (const room of this.#rooms.values()) room.close();
    this.sync.close();
  }

  #makeRoutes(): { [Name in EventName]?: (payload: EventPayload<Name>) => void } {
    return {
      chat_message: (event) => {
        this.#follow(event.roomId, (model) => model.takeChatMessage(event));
        const isOwn = event.userId === this.#options.userId();
        if (isOwn && event.nonce !== undefined) this.outbox.noteEvent(event.nonce);
      },
      message_updated: (event) => this.#follow(event.roomId, (model) => model.takeMessageUpdated(event)),
      member_updated: (event) => this.#follow(event.roomId, (model) => model.takeMemberUpdated(event)),
      room_updated: (event) => this.#follow(event.room.id, (model) => model.takeRoomUpdated(event)),
      room_added: (event) => this.sync.takeUserEvent(event, () => this.takeAddition(event.room)),
      room_removed: (event) => this.sync.takeUserEvent(event, () => this.takeRemoval(event.roomId)),
      read_marker: (event) => this.sync.takeUserEvent(event, () => this.takeMarker(markerOf(event))),
      mention: (event) =>
        this.sync.takeUserEvent(event, () => {
          this.#rooms.get(event.roomId)?.model.tally.mention();
          this.roomChanged(event.roomId);
        }),
      user_joined_room: ({ roomId, userId }) => this.#rooms.get(roomId)?.model.takePresence(userId, true),
      user_left_room: ({ roomId, userId }) => this.#rooms.get(roomId)?.model.takePresence(userId, false),
      room_presence: ({ roomId, online }) => this.#rooms.get(roomId)?.model.takeOnlineCount(online),
      typing_start: (event) => {
        if (event.userId !== this.#options.userId()) this.#rooms.get(event.roomId)?.model.typing.start(event);
      },
      typing_stop: (event) => this.#rooms.get(event.roomId)?.model.typing.stop(event.userId),
    };
  }

  #follow(roomId: string, take: (model: RoomModel) => Verdict): void {
    const room = this.#rooms.get(roomId);
    if (room && take(room.model) === "gap") this.sync.recover(roomId);
  }

  #list(): RoomsState {
    const rooms: RoomListing[] = [];
    for (const { model } of this.#rooms.values()) if (model.listing) rooms.push(rowOf(model, model.listing));
    rooms.sort((a, b) => compare(this.#activityOf(b), this.#activityOf(a)) || a.name.localeCompare(b.name));
    return { status: this.#status, rooms, ...(this.#failure ? { failure: this.#failure } : {}) };
  }

  #activityOf({ id, lastMessage }: RoomListing): string {
    return lastMessage?.timestamp ?? this.#rooms.get(id)?.model.addedAt ?? "";
  }
}

function rowOf(model: RoomModel, listing: RoomListing): RoomListing {
  const { tally, lastMessage } = model;
  const { unread, mentions, readSeq } = tally;
  return { ...listing, ...model.room, unread, mentions, readSeq, lastMessage };
}

/** Instants of one form sort as text. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function markerOf({ roomId, seq, unread, mentions }: EventPayload<"read_marker">): ReadMarker {
  return { roomId, seq, unread, mentions };
}
