import type { Notification, ReadMarker, Room } from "@mirage/protocol";
import type { Database } from "../../database/database.ts";
import { type RoomRow, toRoom } from "../../hot-path/chat-lane/rows.ts";
import { BatchLoader } from "../../lib/batch-loader.ts";
import type { CountRead } from "../../lib/metrics.ts";

/** What changed on a person's own stream since a position, as it is now. */
export interface UserState {
  head: number;
  notifications: Notification[];
  markers: ReadMarker[];
  added: Room[];
  removed: string[];
  /** More notifications were missed than are listed. */
  isCut?: boolean;
}

interface UserStateRow {
  head: number;
  notifications: NotificationRow[] | null;
  markers: ReadMarker[] | null;
  memberships: { role: string | null; room: RoomRow }[] | null;
}

interface NotificationRow {
  id: string;
  type: string;
  title: string;
  content: string;
  metadata: Record<string, unknown>;
  created_at: string;
  read_at: string | null;
  user_seq: number;
}

/** Newest notifications that one answer carries; older ones are on their own list. */
const notificationsListed = 500;

const stateSince = `
  SELECT s.head,
    (SELECT jsonb_agg(to_jsonb(n) ORDER BY n.user_seq) FROM (
      SELECT * FROM notifications WHERE user_id = $1 AND user_seq > $2 ORDER BY user_seq DESC LIMIT $3) n) AS notifications,
    (SELECT jsonb_agg(jsonb_build_object('role', m.role, 'room', to_jsonb(r)))
     FROM members m JOIN room_state r ON r.id = m.room_id WHERE m.user_id = $1 AND m.user_seq > $2) AS memberships,
    (SELECT jsonb_agg(jsonb_build_object('roomId', k.room_id, 'seq', k.seq, 'unread', c.unread, 'mentions', c.mentions))
     FROM read_markers k JOIN members m ON m.room_id = k.room_id AND m.user_id = k.user_id AND m.role IS NOT NULL
     CROSS JOIN LATERAL unread_v1(k.user_id, k.room_id, k.seq) c
     WHERE k.user_id = $1 AND k.user_seq > $2) AS markers
  FROM streams s WHERE s.id = 'user:' || $1`;

export class UserStreamStore {
  readonly #database: Database;
  readonly #countRead: CountRead;
  readonly #heads: BatchLoader<string, number>;

  constructor(database: Database, countRead: CountRead) {
    this.#database = database;
    this.#countRead = countRead;
    this.#heads = new BatchLoader((userIds) => this.#readHeads(userIds));
  }

  /** Position of a person's own stream. */
  async getHead(userId: string): Promise<number> {
    return (await this.#heads.find(userId)) ?? 0;
  }

  async getState(userId: string, since: number): Promise<UserState> {
    const [row] = await this.#database.query<UserStateRow>(stateSince, [userId, since, notificationsListed + 1]);
    const memberships = row?.memberships ?? [];
    const notifications = (row?.notifications ?? []).map(toNotification);
    return {
      head: row?.head ?? 0,
      notifications: notifications.slice(-notificationsListed),
      ...(notifications.length > notificationsListed ? { isCut: true } : {}),
      markers: row?.markers ?? [],
      added: memberships.filter(({ role }) => role !== null).map(({ room }) => toRoom(room)),
      removed: memberships.filter(({ role }) => role === null).map(({ room }) => room.id),
    };
  }

  async #readHeads(userIds: string[]): Promise<Map<string, number>> {
    this.#countRead("user_head", userIds.length);
    const rows = await this.#database.query<{ id: string; head: number }>(
      "SELECT id, head FROM streams WHERE id = ANY ($1::text[])",
      [userIds.map((userId) => `user:${userId}`)],
    );
    return new Map(rows.map((row) => [row.id.slice("user:".length), row.head]));
  }
}

function toNotification(row: NotificationRow): Notification {
  return {
    id: row.id,
    title: row.title,
    content: row.content,
    type: row.type,
    metadata: row.metadata,
    timestamp: new Date(row.created_at).toISOString(),
    read: row.read_at !== null,
    seq: row.user_seq,
    ...(row.read_at === null ? {} : { readAt: new Date(row.read_at).toISOString() }),
  };
}
