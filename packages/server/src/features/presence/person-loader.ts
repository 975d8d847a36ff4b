import type { Room } from "@mirage/protocol";
import { BatchLoader } from "../../lib/batch-loader.ts";
import type { PresenceStore, StoredPerson } from "./presence.store.ts";

/** People of one query, whose rooms are read with them. */
const peoplePerRead = 500;
/** A crowd gathers this long, so that a restart costs few queries; one person is read at once. */
const gatherMs = 50;

/** Reads what is stored of people who come, all who come together in one query, and what happens meanwhile. */
export class PersonLoader {
  readonly #loader: BatchLoader<string, StoredPerson>;
  /** Of people who are being read: rooms that they came into or left since. */
  readonly #loading = new Map<string, { count: number; moved: Map<string, Room | undefined> }>();

  constructor(store: PresenceStore) {
    this.#loader = new BatchLoader(
      async (userIds) => {
        const people = await store.readPeople(userIds, { withRooms: true });
        return new Map(people.map((person) => [person.userId, person]));
      },
      peoplePerRead,
      gatherMs,
    );
  }

  /** Undefined where there is no such person. */
  async load(userId: string): Promise<StoredPerson | undefined> {
    const loading = this.#loading.get(userId) ?? { count: 0, moved: new Map<string, Room | undefined>() };
    this.#loading.set(userId, loading);
    loading.count++;
    try {
      const stored = await this.#loader.find(userId);
      if (!stored || loading.moved.size === 0) return stored;
      const rooms = stored.rooms.filter(({ id }) => !loading.moved.has(id));
      return { ...stored, rooms: [...rooms, ...[...loading.moved.values()].filter((room) => room !== undefined)] };
    } finally {
      if (--loading.count === 0) this.#loading.delete(userId);
    }
  }

  /** Somebody came into a room, or with `room` undefined left it: whether the reading saw that or not, it counts. */
  noteMove(userId: string, roomId: string, room: Room | undefined): void {
    this.#loading.get(userId)?.moved.set(roomId, room);
  }
}
