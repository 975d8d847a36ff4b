import { createHash } from "node:crypto";
import { checkHistory, eventually, type FinalRoom, type Violation } from "@mirage/testing";
import { openDatabase } from "../packages/server/src/database/open-database.ts";
import { readStored, type Storage } from "./judge.ts";
import type { RoomGuest } from "./room-guest.ts";

/** Waits, a while, until everybody in a room has been shown the same and nothing is on its way. */
export async function settleGuests(guests: readonly RoomGuest[], timeoutMs: number): Promise<void> {
  const rooms = [...Map.groupBy(guests, ({ roomId }) => roomId).values()];
  const isBehind = (guest: RoomGuest, head: number) =>
    !guest.isReady || guest.pendingCount > 0 || guest.position < head;
  const isSettled = (room: readonly RoomGuest[]) => {
    const head = Math.max(...room.map(({ position }) => position));
    return !room.some((guest) => isBehind(guest, head));
  };
  // Who is behind in the end is named by the judge.
  await eventually(() => rooms.every(isSettled), { timeoutMs, intervalMs: 50 }).catch(() => undefined);
}

/**
 * Judges what guests wrote down against what is stored. All of them were in their rooms before anything was posted, so
 * each must have been shown all of it. The embedded database must be free.
 */
export async function judgeGuests(storage: Storage, guests: readonly RoomGuest[]): Promise<Violation[]> {
  const database = await openDatabase(storage);
  try {
    const rooms: Record<string, FinalRoom> = {};
    for (const [roomId, own] of Map.groupBy(guests, (guest) => guest.roomId)) {
      const stored = await readStored(database, roomId);
      const shown = own.map(({ name, position, seen }) => [name, { seq: position, state: digest(seen) }] as const);
      const state = digest(new Map(stored.messages.map(({ id, seq }) => [id, seq])));
      rooms[roomId] = { ...stored, clients: Object.fromEntries(shown), state };
    }
    const histories = guests.flatMap(({ fullHistory }) => fullHistory);
    return checkHistory(histories, rooms);
  } finally {
    await database.close();
  }
}

/** Of all messages with their positions, whatever the order in which they were learnt. */
function digest(messages: ReadonlyMap<string, number>): string {
  const lines = [...messages].map(([id, seq]) => `${seq} ${id}`);
  return createHash("sha256").update(lines.sort().join("\n")).digest("hex");
}
