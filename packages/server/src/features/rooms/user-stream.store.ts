import type { ReadMarker } from "@mirage/protocol";
import { type PreferenceOverrides, toPreferences } from "../../access/preferences.ts";
import type { Database } from "../../database/database.ts";
import {
  type NotificationRow,
  type RoomPreferencesRow,
  toNotification,
  toRoomPreferences,
} from "../../hot-path/chat-lane/notification-rows.ts";
import { type RoomRow, toRoom } from "../../hot-path/chat-lane/rows.ts";
import { BatchLoader } from "../../lib/batch-loader.ts";
import type { CountRead } from "../../lib/metrics.ts";
import { slicesByWeight } from "../../lib/slices-by-weight.ts";
import { nothingMissed, type UserState } from "./user-state.ts";

interface UserStateRow {
  user_id: string;
  since: number;
  head: number;
  /** What changed up to here may have been let go. */
  floor: number;
  notifications: NotificationRow[] | null;
  markers: ReadMarker[] | null;
  memberships: { role: string | null; room: RoomRow }[] | null;
  unread: number;
  overrides: PreferenceOverrides | null;
  overrides_seq: number | null;
  room_preferences: RoomPreferencesRow[] | null;
}

/** Newest notifications that one answer carries; older ones are on their own list. */
const notificationsListed = 500;

/** People of one query, fewer where they missed much: its answer comes in one piece. */
const peoplePerRead = 250;
/** A crowd's questions gather this long, so that a restart costs few queries; one person's are asked at once. */
const gatherMs = 100;
const changesPerRead = 10_000;
/** What one person missed counts for no more than this: the rest is not listed. */
const maxChanges = 2 * notificationsListed;

/** Each person is looked up by themselves (OFFSET 0): the planner, which takes a list for 100 rows, would read whole tables. */
const stateSince = `
  SELECT a.user_id, a.since, s.head, s.floor, g.overrides, g.user_seq AS overrides_seq,
    unread_notifications_v1(a.user_id) AS unread,
    (SELECT jsonb_agg(to_jsonb(n) ORDER BY n.user_seq, n.seq) FROM (
      SELECT * FROM notification_state WHERE user_id = a.user_id AND user_seq > a.since AND is_listed
      ORDER BY user_seq DESC, seq DESC LIMIT $2) n) AS notifications,
    (SELECT jsonb_agg(to_jsonb(p)) FROM room_preferences p
     WHERE p.user_id = a.user_id AND p.user_seq > a.since) AS room_preferences,
    (SELECT jsonb_agg(jsonb_build_object('role', m.role, 'room', to_jsonb(r)))
     FROM members m JOIN room_state r ON r.id = m.room_id WHERE m.user_id = a.user_id AND m.user_seq > a.since) AS memberships,
    (SELECT jsonb_agg(jsonb_build_object('roomId', k.room_id, 'seq', k.seq, 'unread', c.unread, 'mentions', c.mentions))
     FROM read_markers k JOIN members m ON m.room_id = k.room_id AND m.user_id = k.user_id AND m.role IS NOT NULL
     CROSS JOIN LATERAL unread_v1(k.user_id, k.room_id, k.seq) c
     WHERE k.user_id = a.user_id AND k.user_seq > a.since) AS markers
  FROM jsonb_to_recordset($1::jsonb) AS a(user_id text, since bigint)
  CROSS JOIN LATERAL (SELECT head, floor FROM streams WHERE id = 'user:' || a.user_id OFFSET 0) s
  LEFT JOIN LATERAL (SELECT * FROM notification_settings WHERE user_id = a.user_id OFFSET 0) g ON true`;

type StateKey = `${number} ${number} ${string}`;

export class UserStreamStore {
  readonly #database: Database;
  readonly #countRead: CountRead;
  readonly #heads: BatchLoader<string, number>;
  readonly #states: BatchLoader<StateKey, UserState>;

  constructor(database: Database, countRead: CountRead) {
    this.#database = database;
    this.#countRead = countRead;
    this.#heads = new BatchLoader((userIds) => this.#readHeads(userIds));
    this.#states = new BatchLoader((keys) => this.#readStates(keys), peoplePerRead, gatherMs);
  }

  /** Position of a person's own stream. */
  async getHead(userId: string): Promise<number> {
    return (await this.#heads.find(userId)) ?? 0;
  }

  /** `head`: about where the stream is, which tells how much there is to read. */
  async getState(userId: string, { since, head }: { since: number; head: number }): Promise<UserState> {
    const weight = Math.min(Math.max(head - since, 1), maxChanges);
    return (await this.#states.find(`${since} ${weight} ${userId}`)) ?? nothingMissed(0);
  }

  async #readStates(keys: readonly StateKey[]): Promise<Map<StateKey, UserState>> {
    const asked = keys.map((key) => {
      const [since, weight, ...userId] = key.split(" ");
      return { key, since: Number(since), weight: Number(weight), user_id: userId.join(" ") };
    });
    const states = new Map<StateKey, UserState>();
    for (const slice of slicesByWeight(asked, ({ weight }) => weight, changesPerRead)) {
      this.#countRead("user_state", slice.length);
      const rows = await this.#database.query<UserStateRow>(stateSince, [
        JSON.stringify(slice),
        notificationsListed + 1,
      ]);
      const byPerson = new Map(rows.map((row) => [`${row.since} ${row.user_id}`, row]));
      for (const { key, since, user_id } of slice) {
        const row = byPerson.get(`${since} ${user_id}`);
        if (row) states.set(key, toState(row));
      }
    }
    return states;
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

function toState(row: UserStateRow): UserState {
  const memberships = row.memberships ?? [];
  const notifications = row.notifications ?? [];
  const listed = notifications.slice(-notificationsListed);
  return {
    head: row.head,
    notifications: listed.filter((one) => one.deleted_at === null).map(toNotification),
    deletedNotifications: listed.filter((one) => one.deleted_at !== null).map(({ id }) => id),
    unreadCount: row.unread,
    ...((row.overrides_seq ?? 0) > row.since ? { preferences: toPreferences(row.overrides) } : {}),
    roomPreferences: (row.room_preferences ?? []).map(toRoomPreferences),
    ...(notifications.length > notificationsListed || row.since < row.floor ? { isCut: true } : {}),
    markers: row.markers ?? [],
    added: memberships.filter(({ role }) => role !== null).map(({ room }) => toRoom(room)),
    removed: memberships.filter(({ role }) => role === null).map(({ room }) => room.id),
  };
}
