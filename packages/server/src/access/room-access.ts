import type { Role, Room } from "@mirage/protocol";
import type { Database } from "../database/database.ts";
import { type RoomRow, toRoom } from "../hot-path/chat-lane/rows.ts";
import { BatchLoader } from "../lib/batch-loader.ts";
import type { Clock } from "../ports/clock.ts";
import { type Action, can, requireVerdict, type Standing } from "./rights.ts";
import type { Session } from "./session.ts";

/**
 * A person's ticket for a room: how they stood to it when its stream was at `head` and its fence was `fence`. Use cases
 * take the ticket and not an id, so a forgotten check does not compile; the fence is checked again where the change commits.
 */
export interface RoomAccess {
  readonly room: Room;
  readonly userId: string;
  readonly role: Role | null;
  /** Somebody wants to be told of every message. */
  readonly isFollowed: boolean;
  readonly head: number;
  readonly fence: number;
  readonly standing: Standing;
}

interface AccessRow extends Omit<RoomRow, "updated_seq"> {
  key: string;
  role: Role | null;
  is_followed: boolean;
  head: number;
  fence: number;
}

type Stored = Omit<RoomAccess, "standing" | "userId">;
type Key = `${string}\n${string}`;

/** What a read may rely on: a right that was taken away is noticed everywhere within this time. */
const freshForReadsMs = 1_000;
/** A write is checked again by the fence when it commits, so what it was judged by may be older. */
const freshForWritesMs = 30_000;
const maxRemembered = 50_000;
/** Nothing checks these again at a commit. */
const uncheckedLater: readonly Action[] = ["read", "typing"];

/** The one place where rights are looked up. Only what lets people in is remembered; a refusal is always read anew. */
export class RoomGuard {
  readonly #clock: Clock;
  readonly #loader: BatchLoader<Key, Stored>;
  readonly #remembered = new Map<string, Map<string, { stored: Stored; readAtMs: number }>>();
  #count = 0;

  constructor(options: { database: Database; clock: Clock; onRead?: (count: number) => void }) {
    this.#clock = options.clock;
    this.#loader = new BatchLoader((keys) => {
      options.onRead?.(keys.length);
      return readAccess(options.database, keys);
    });
  }

  /** The ticket for reading a room, or for changing it: those are checked again at commit. @throws Refusal */
  async require(session: Session, roomId: string, action: Action): Promise<RoomAccess> {
    const remembered = this.#recall(
      session,
      roomId,
      uncheckedLater.includes(action) ? freshForReadsMs : freshForWritesMs,
    );
    if (remembered && can(action, remembered.standing) === "yes") return remembered;
    const access = await this.find(session, roomId);
    requireVerdict(access ? can(action, access.standing) : "not_found");
    if (!access) throw new Error("a verdict let nobody in");
    return access;
  }

  /** How someone stands to a room now; undefined where there is none. Whether they may see it is for the caller to judge. */
  async find(session: Session, roomId: string): Promise<RoomAccess | undefined> {
    const readAtMs = this.#clock.monotonicMs();
    const stored = await this.#loader.find(`${session.userId}\n${roomId}`);
    if (!stored) return undefined;
    if (stored.role !== null) this.#remember(session.userId, stored, readAtMs);
    return toAccess(session, stored);
  }

  /**
   * A judge that may be asked several times: from the second time on because rights in the room have changed since, here
   * or on another node, so then nothing that is remembered of it counts.
   */
  judging<Item>(roomId: string, judge: () => Promise<Item>): () => Promise<Item> {
    let isFirst = true;
    return () => {
      if (!isFirst) this.forget(roomId);
      isFirst = false;
      return judge();
    };
  }

  /** Somebody's rights in a room, or the room, have changed. */
  forget(roomId: string, userIds?: readonly string[]): void {
    const ofRoom = this.#remembered.get(roomId);
    if (!ofRoom) return;
    for (const userId of userIds ?? [...ofRoom.keys()]) if (ofRoom.delete(userId)) this.#count--;
    if (ofRoom.size === 0) this.#remembered.delete(roomId);
  }

  #recall(session: Session, roomId: string, maxAgeMs: number): RoomAccess | undefined {
    const found = this.#remembered.get(roomId)?.get(session.userId);
    if (!found || this.#clock.monotonicMs() - found.readAtMs > maxAgeMs) return undefined;
    return toAccess(session, found.stored);
  }

  #remember(userId: string, stored: Stored, readAtMs: number): void {
    if (this.#count >= maxRemembered) this.#dropOldestRoom();
    const ofRoom = this.#remembered.get(stored.room.id) ?? new Map();
    this.#remembered.set(stored.room.id, ofRoom);
    if (!ofRoom.has(userId)) this.#count++;
    ofRoom.set(userId, { stored, readAtMs });
  }

  #dropOldestRoom(): void {
    const [roomId] = this.#remembered.keys();
    if (roomId !== undefined) this.forget(roomId);
  }
}

function toAccess(session: Session, stored: Stored): RoomAccess {
  return {
    ...stored,
    userId: session.userId,
    standing: {
      role: stored.role,
      roomType: stored.room.type,
      isArchived: stored.room.archived === true,
      isAdmin: session.isAdmin,
    },
  };
}

/** Each key is looked up by itself (OFFSET 0): the planner, which takes a list for 100 rows, would read whole tables. */
const accessSql = `
  SELECT a.key, r.id, r.name, r.type, r.description, r.archived_at, r.member_count, m.role, s.head, s.fence,
    EXISTS (SELECT 1 FROM room_preferences p WHERE p.room_id = a.room_id AND p.level = 'all') AS is_followed
  FROM jsonb_to_recordset($1::jsonb) AS a(key text, user_id text, room_id text)
  CROSS JOIN LATERAL (SELECT * FROM rooms WHERE id = a.room_id OFFSET 0) r
  CROSS JOIN LATERAL (SELECT * FROM streams WHERE id = 'room:' || a.room_id OFFSET 0) s
  LEFT JOIN LATERAL (SELECT * FROM members WHERE room_id = a.room_id AND user_id = a.user_id OFFSET 0) m ON true`;

async function readAccess(database: Database, keys: Key[]): Promise<Map<Key, Stored>> {
  const asked = keys.map((key) => {
    // A user id has no control characters; a room id from outside may have.
    const split = key.indexOf("\n");
    return { key, user_id: key.slice(0, split), room_id: key.slice(split + 1) };
  });
  const rows = await database.query<AccessRow>(accessSql, [JSON.stringify(asked)]);
  return new Map(
    rows.map(({ key, role, is_followed: isFollowed, head, fence, ...room }) => [
      key as Key,
      { room: toRoom(room), role, isFollowed, head, fence },
    ]),
  );
}
