import type { PresenceStatus } from "@mirage/protocol";
import type { Database } from "../../database/database.ts";
import { type Activity, type Choice, noChoice } from "./presence.policy.ts";
import type { RoomFacts } from "./presence-board.ts";

/** What is stored of a person, as one node sees it. */
export interface StoredPerson {
  userId: string;
  username: string;
  /** May have run out. */
  choice: Choice;
  lastSeenAt: number | undefined;
  /** At the other nodes whose leases count. */
  elsewhere: Activity;
  rooms: RoomFacts[];
  version: number;
}

/** What of a person is to be written; what is left out stays. */
export interface PersonWrite {
  userId: string;
  /** How they are at this node's connections, from now on. */
  here?: Activity;
  choice?: Choice;
  seenAt?: number;
}

interface PersonRow {
  user_id: string;
  username: string;
  status: PresenceStatus | null;
  text: string | null;
  emoji: string | null;
  expires_at: Date | null;
  last_seen_at: Date | null;
  version: number | null;
  is_away_elsewhere: boolean | null;
  rooms: RoomFacts[] | null;
}

/** `$1` is this node; `$2` says whose rooms are read: those of all, or of whoever is elsewhere. */
const people = `
  SELECT u.id AS user_id, u.username, p.status, p.text, p.emoji, p.expires_at, p.last_seen_at, p.version,
    e.is_away AS is_away_elsewhere,
    CASE WHEN $2::boolean OR e.is_away IS NOT NULL THEN (
      SELECT jsonb_agg(jsonb_build_object('id', r.id, 'memberCount', r.member_count))
      FROM members m JOIN rooms r ON r.id = m.room_id WHERE m.user_id = u.id AND m.role IS NOT NULL) END AS rooms
  FROM users u
  LEFT JOIN presences p ON p.user_id = u.id
  LEFT JOIN LATERAL (
    SELECT bool_and(n.is_away) AS is_away
    FROM presence_nodes n JOIN node_leases l ON l.node = n.node AND l.expires_at > now()
    WHERE n.user_id = u.id AND n.node <> $1) e ON true`;

/** Rows are locked in one order, as by every node. */
const write = `
  WITH asked AS (
    SELECT * FROM jsonb_to_recordset($2::jsonb) AS a(user_id text, here text, status text, text text, emoji text,
      expires_at timestamptz, seen_at timestamptz)
  ), gone AS (
    DELETE FROM presence_nodes n USING asked a WHERE n.node = $1 AND n.user_id = a.user_id AND a.here = 'gone'
  ), here AS (
    INSERT INTO presence_nodes (user_id, node, is_away)
    SELECT user_id, $1, here = 'away' FROM asked WHERE here <> 'gone' ORDER BY user_id
    ON CONFLICT (user_id, node) DO UPDATE SET is_away = excluded.is_away
  )
  INSERT INTO presences AS p (user_id, status, text, emoji, expires_at, last_seen_at)
  SELECT a.user_id, a.status, a.text, a.emoji, a.expires_at, a.seen_at
  FROM asked a JOIN users u ON u.id = a.user_id ORDER BY a.user_id
  ON CONFLICT (user_id) DO UPDATE SET
    status = coalesce(excluded.status, p.status),
    text = CASE WHEN excluded.status IS NULL THEN p.text ELSE excluded.text END,
    emoji = CASE WHEN excluded.status IS NULL THEN p.emoji ELSE excluded.emoji END,
    expires_at = CASE WHEN excluded.status IS NULL THEN p.expires_at ELSE excluded.expires_at END,
    last_seen_at = greatest(p.last_seen_at, excluded.last_seen_at),
    version = nextval('presences_version_seq')`;

/** Takes the people of nodes that are gone for gone, as of the last that was heard of them; `$2`: of every other node. */
const reap = `
  WITH dead AS (
    DELETE FROM node_leases WHERE node <> $1 AND ($2::boolean OR expires_at < now()) RETURNING node, renewed_at
  ), gone AS (
    DELETE FROM presence_nodes n USING dead d WHERE n.node = d.node RETURNING n.user_id, d.renewed_at
  ), seen AS (
    SELECT user_id, max(renewed_at) AS at FROM gone GROUP BY user_id
  ), locked AS (
    SELECT p.user_id, s.at, p.status = 'offline' AND coalesce(p.expires_at > s.at, true) AS is_invisible
    FROM presences p JOIN seen s ON s.user_id = p.user_id ORDER BY p.user_id FOR UPDATE OF p
  )
  UPDATE presences p SET version = nextval('presences_version_seq'),
    last_seen_at = CASE WHEN l.is_invisible THEN p.last_seen_at ELSE greatest(p.last_seen_at, l.at) END
  FROM locked l WHERE p.user_id = l.user_id RETURNING p.user_id`;

/** What is stored of people's presence. Every statement is about any number of people. */
export class PresenceStore {
  readonly #database: Database;
  readonly #nodeId: string;
  readonly #leaseMs: number;

  readonly #onRead: (count: number) => void;

  constructor(
    database: Database,
    { node, onRead }: { node: { id: string; leaseMs: number }; onRead: (count: number) => void },
  ) {
    this.#database = database;
    this.#nodeId = node.id;
    this.#leaseMs = node.leaseMs;
    this.#onRead = onRead;
  }

  /** People by id; whoever is unknown is left out. `rooms` are read where they are wanted. */
  async readPeople(userIds: readonly string[], { withRooms }: { withRooms: boolean }): Promise<StoredPerson[]> {
    this.#onRead(userIds.length);
    const text = `${people} WHERE u.id = ANY ($3::text[])`;
    return (await this.#database.query<PersonRow>(text, [this.#nodeId, withRooms, userIds])).map(toPerson);
  }

  /** Whoever is at another node, a page at a time in order of id. */
  async readElsewhere(after: string, limit: number): Promise<StoredPerson[]> {
    const text = `${people} WHERE e.is_away IS NOT NULL AND u.id > $3
      AND u.id IN (SELECT user_id FROM presence_nodes WHERE node <> $1) ORDER BY u.id LIMIT $4`;
    return (await this.#database.query<PersonRow>(text, [this.#nodeId, false, after, limit])).map(toPerson);
  }

  /** What was written after a version, but for versions already seen, oldest first. */
  async readNewer(version: number, seen: readonly number[], limit: number): Promise<StoredPerson[]> {
    const text = `${people} WHERE p.version > $3 AND p.version <> ALL ($4::bigint[]) ORDER BY p.version LIMIT $5`;
    return (await this.#database.query<PersonRow>(text, [this.#nodeId, false, version, seen, limit])).map(toPerson);
  }

  async readNewestVersion(): Promise<number> {
    const [row] = await this.#database.query<{ version: number | null }>(
      "SELECT max(version) AS version FROM presences",
    );
    return row?.version ?? 0;
  }

  async write(writes: readonly PersonWrite[]): Promise<void> {
    const rows = writes.map(({ userId, here, choice, seenAt }) => ({
      user_id: userId,
      here,
      status: choice?.status,
      text: choice?.text,
      emoji: choice?.emoji,
      expires_at: instantOf(choice?.expiresAt),
      seen_at: instantOf(seenAt),
    }));
    await this.#database.query(write, [this.#nodeId, JSON.stringify(rows)]);
  }

  /** Begins the node's lease; what an earlier one said of its people is void. */
  async takeLease(): Promise<void> {
    await this.#database.query("DELETE FROM presence_nodes WHERE node = $1", [this.#nodeId]);
    await this.#database.query(
      `INSERT INTO node_leases (node, renewed_at, expires_at) VALUES ($1, now(), now() + make_interval(secs => $2))
       ON CONFLICT (node) DO UPDATE SET renewed_at = excluded.renewed_at, expires_at = excluded.expires_at`,
      [this.#nodeId, this.#leaseMs / 1_000],
    );
  }

  /** False where the lease has run out and others have acted on it. */
  async renewLease(): Promise<boolean> {
    return await this.#extendLease(this.#leaseMs);
  }

  /** The node goes: its people count for a moment yet, in which most of them come to another one. */
  async endLease(graceMs: number): Promise<void> {
    await this.#extendLease(graceMs);
  }

  /** Returns how many people it took for gone. */
  async reapNodes({ all }: { all: boolean }): Promise<number> {
    return (await this.#database.query(reap, [this.#nodeId, all])).length;
  }

  async #extendLease(forMs: number): Promise<boolean> {
    const rows = await this.#database.query(
      `UPDATE node_leases SET renewed_at = now(), expires_at = now() + make_interval(secs => $2)
       WHERE node = $1 RETURNING node`,
      [this.#nodeId, forMs / 1_000],
    );
    return rows.length > 0;
  }
}

function toPerson(row: PersonRow): StoredPerson {
  const { status, text, emoji, expires_at } = row;
  const hasChosen = status !== null && (status !== "online" || text !== null || emoji !== null);
  return {
    userId: row.user_id,
    username: row.username,
    choice: hasChosen
      ? { status, text: text ?? undefined, emoji: emoji ?? undefined, expiresAt: expires_at?.getTime() }
      : noChoice,
    lastSeenAt: row.last_seen_at?.getTime(),
    elsewhere: row.is_away_elsewhere === null ? "gone" : row.is_away_elsewhere ? "away" : "online",
    rooms: row.rooms ?? [],
    version: row.version ?? 0,
  };
}

const instantOf = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();
