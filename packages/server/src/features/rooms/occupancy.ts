import { limits } from "@mirage/protocol";
import type { Clock, Timer } from "../../ports/clock.ts";

export interface Person {
  userId: string;
  username: string;
}

export interface OccupancyOptions {
  clock: Clock;
  onJoined(roomId: string, person: Person): void;
  onLeft(roomId: string, person: Person): void;
}

interface Opened {
  person: Person;
  /** A return, which nobody is told of. */
  isSilent: boolean;
  isCrowd: boolean;
  /** Nobody is to know that this person is here. */
  isHidden: boolean;
}

interface Occupant {
  person: Person;
  connections: Set<string>;
  /** The others were told that this person opened the room. */
  isAnnounced: boolean;
  isHidden: boolean;
  departure: Timer | undefined;
}

/**
 * Who has which room open on this node: a person with three tabs opens it once, and leaves with the last one, at once or
 * 30 s after it was lost, so that a reload shows no flicker.
 *
 * Going is told of everyone, coming is not: whoever came back silently is in the `online` of those who opened the room
 * after them, and is known from before to the others. Who never heard of them has nothing to take away.
 */
export class Occupancy {
  readonly #options: OccupancyOptions;
  readonly #rooms = new Map<string, Map<string, Occupant>>();
  readonly #roomsOf = new Map<string, Set<string>>();
  /** Rooms of so many people that nobody is told of anybody. They grow and shrink while people are in them. */
  readonly #crowds = new Set<string>();

  constructor(options: OccupancyOptions) {
    this.#options = options;
  }

  /** How many rooms a connection has open. */
  openRoomCount(connectionId: string): number {
    return this.#roomsOf.get(connectionId)?.size ?? 0;
  }

  /** Ids of those who have a room open now. */
  listPresent(roomId: string): string[] {
    const present: string[] = [];
    for (const [userId, { connections, isHidden }] of this.#rooms.get(roomId) ?? [])
      if (connections.size > 0 && !isHidden) present.push(userId);
    return present;
  }

  enter(roomId: string, connectionId: string, opening: Opened): void {
    const room = this.#rooms.get(roomId) ?? new Map<string, Occupant>();
    this.#rooms.set(roomId, room);
    const known = room.get(opening.person.userId);
    const occupant = known ?? {
      person: opening.person,
      connections: new Set(),
      isAnnounced: false,
      isHidden: opening.isHidden,
      departure: undefined,
    };
    occupant.departure?.cancel();
    occupant.departure = undefined;
    occupant.person = opening.person;
    this.#setCrowd(roomId, opening.isCrowd);
    occupant.connections.add(connectionId);
    room.set(opening.person.userId, occupant);
    const rooms = this.#roomsOf.get(connectionId) ?? new Set();
    this.#roomsOf.set(connectionId, rooms.add(roomId));
    occupant.isHidden = opening.isHidden;
    if (opening.isSilent || opening.isCrowd || opening.isHidden || occupant.isAnnounced) return;
    occupant.isAnnounced = true;
    if (!known) this.#options.onJoined(roomId, opening.person);
  }

  /** The room has that many members from now on. */
  resize(roomId: string, memberCount: number): void {
    if (this.#rooms.has(roomId)) this.#setCrowd(roomId, memberCount > limits.crowdMembers);
  }

  /** Somebody wants to be seen no more, or again: for the others in their rooms it is as if they left, or came. */
  setHidden(userId: string, isHidden: boolean): void {
    const { onJoined, onLeft } = this.#options;
    for (const [roomId, room] of this.#rooms) {
      const occupant = room.get(userId);
      if (!occupant || occupant.isHidden === isHidden) continue;
      occupant.isHidden = isHidden;
      occupant.isAnnounced = !isHidden;
      if (this.#crowds.has(roomId) || occupant.connections.size === 0) continue;
      if (isHidden) onLeft(roomId, occupant.person);
      else onJoined(roomId, occupant.person);
    }
  }

  /** The connection closed the room. */
  leave(roomId: string, userId: string, connectionId: string): void {
    const occupant = this.#take(roomId, userId, connectionId);
    if (occupant && occupant.connections.size === 0) this.#depart(roomId, occupant);
  }

  /** The connection is gone; whoever has no other gets half a minute to come back. */
  lose(userId: string, connectionId: string): void {
    for (const roomId of this.#roomsOf.get(connectionId) ?? []) {
      const occupant = this.#take(roomId, userId, connectionId);
      if (!occupant || occupant.connections.size > 0) continue;
      occupant.departure?.cancel();
      occupant.departure = this.#options.clock.after(limits.departureGraceMs, () => this.#depart(roomId, occupant));
    }
    this.#roomsOf.delete(connectionId);
  }

  close(): void {
    for (const room of this.#rooms.values()) for (const occupant of room.values()) occupant.departure?.cancel();
    this.#rooms.clear();
    this.#roomsOf.clear();
    this.#crowds.clear();
  }

  #setCrowd(roomId: string, isCrowd: boolean): void {
    if (isCrowd) this.#crowds.add(roomId);
    else this.#crowds.delete(roomId);
  }

  #take(roomId: string, userId: string, connectionId: string): Occupant | undefined {
    const rooms = this.#roomsOf.get(connectionId);
    rooms?.delete(roomId);
    if (rooms?.size === 0) this.#roomsOf.delete(connectionId);
    const occupant = this.#rooms.get(roomId)?.get(userId);
    return occupant?.connections.delete(connectionId) ? occupant : undefined;
  }

  #depart(roomId: string, occupant: Occupant): void {
    occupant.departure?.cancel();
    const room = this.#rooms.get(roomId);
    if (room?.get(occupant.person.userId) !== occupant || occupant.connections.size > 0) return;
    room.delete(occupant.person.userId);
    if (!this.#crowds.has(roomId) && !occupant.isHidden) this.#options.onLeft(roomId, occupant.person);
    if (room.size > 0) return;
    this.#rooms.delete(roomId);
    this.#crowds.delete(roomId);
  }
}
