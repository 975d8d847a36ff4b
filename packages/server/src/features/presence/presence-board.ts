import type { PresenceStatus } from "@mirage/protocol";
import { type Activity, type Choice, mostActive, noChoice, statusSeen } from "./presence.policy.ts";

/** What is known of a room: who of its members is on the board. */
export interface BoardRoom {
  readonly id: string;
  /** All of its members, as far as this node has heard. */
  memberCount: number;
  readonly people: Set<BoardPerson>;
}

/** A person who has a connection somewhere, or had one a moment ago. One object a person, however many devices. */
export interface BoardPerson {
  readonly userId: string;
  username: string;
  choice: Choice;
  /** When it was chosen at this node, in the clock's monotonic milliseconds. */
  choiceAtMs: number;
  /** Choices that are being stored; the last of them goes before `choice` soon. */
  choicesUnderWay: number;
  /** At this node's connections. */
  here: Activity;
  /** At those of other nodes. */
  elsewhere: Activity;
  lastSeenAt: number | undefined;
  rooms: BoardRoom[];
  /** What others were told last. */
  toldStatus: PresenceStatus;
  toldChoice: Choice;
}

export interface RoomFacts {
  readonly id: string;
  readonly memberCount: number;
}

/** Who is what, and in which rooms, as one node knows it. Keeps nobody who is gone, and no room without people. */
export class PresenceBoard {
  readonly #people = new Map<string, BoardPerson>();
  readonly #rooms = new Map<string, BoardRoom>();

  get size(): number {
    return this.#people.size;
  }

  find(userId: string): BoardPerson | undefined {
    return this.#people.get(userId);
  }

  findRoom(roomId: string): BoardRoom | undefined {
    return this.#rooms.get(roomId);
  }

  people(): Iterable<BoardPerson> {
    return this.#people.values();
  }

  add(userId: string, username: string): BoardPerson {
    const known = this.#people.get(userId);
    if (known) return known;
    const person: BoardPerson = {
      userId,
      username,
      choice: noChoice,
      choiceAtMs: Number.NEGATIVE_INFINITY,
      choicesUnderWay: 0,
      here: "gone",
      elsewhere: "gone",
      lastSeenAt: undefined,
      rooms: [],
      toldStatus: "offline",
      toldChoice: noChoice,
    };
    this.#people.set(userId, person);
    return person;
  }

  remove(person: BoardPerson): void {
    this.setRooms(person, []);
    // Somebody may have come back as another object meanwhile.
    if (this.#people.get(person.userId) === person) this.#people.delete(person.userId);
  }

  setRooms(person: BoardPerson, rooms: readonly RoomFacts[]): void {
    const ids = new Set(rooms.map(({ id }) => id));
    for (const { id } of person.rooms) if (!ids.has(id)) this.leave(person, id);
    for (const room of rooms) this.enter(person, room);
  }

  /** False where the person was in the room already. */
  enter(person: BoardPerson, { id, memberCount }: RoomFacts): boolean {
    const room = this.#rooms.get(id) ?? { id, memberCount, people: new Set() };
    this.#rooms.set(id, room);
    room.memberCount = memberCount;
    if (room.people.has(person)) return false;
    room.people.add(person);
    person.rooms = [...person.rooms, room];
    return true;
  }

  leave(person: BoardPerson, roomId: string): void {
    const room = this.#rooms.get(roomId);
    if (!room?.people.delete(person)) return;
    person.rooms = person.rooms.filter((other) => other !== room);
    if (room.people.size === 0) this.#rooms.delete(roomId);
  }

  resize(roomId: string, memberCount: number): void {
    const room = this.#rooms.get(roomId);
    if (room) room.memberCount = memberCount;
  }
}

export function activityOf(person: BoardPerson): Activity {
  return mostActive(person.here, person.elsewhere);
}

/** What others see of a person now. */
export function statusOf(person: BoardPerson): PresenceStatus {
  return statusSeen({ choice: person.choice, activity: activityOf(person) });
}
