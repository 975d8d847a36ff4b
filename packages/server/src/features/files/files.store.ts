import type { Role, RoomType } from "@mirage/protocol";
import type { Database } from "../../database/database.ts";
import type { Variant } from "./file-addresses.ts";

/** A small picture that was made of an image, in pixels. */
export interface Thumbnail {
  variant: Exclude<Variant, "original">;
  width: number;
  height: number;
  /** Bytes. */
  size: number;
}

/** Where the bytes of a file, or of a small picture of it, are kept. */
export function blobKey(storageKey: string, variant: Variant): string {
  return variant === "original" ? storageKey : `${storageKey}-${variant}`;
}

/** What is known of a file before its first byte. */
export interface NewFile {
  id: string;
  userId: string;
  name: string;
  /** Bytes, as the sender says; 0 where nothing was said. */
  size: number;
  storageKey: string;
  /** The document that it is for. */
  documentId: string | undefined;
}

/** What is known of a file when its bytes are kept. */
export interface StoredFacts {
  id: string;
  type: string;
  size: number;
  width: number | undefined;
  height: number | undefined;
  thumbnails: readonly Thumbnail[];
}

export interface FileRow {
  id: string;
  user_id: string;
  state: "receiving" | "stored" | "removing";
  name: string;
  type: string;
  size: number;
  width: number | null;
  height: number | null;
  thumbnails: Thumbnail[];
  storage_key: string;
  message_id: string | null;
  document_id: string | null;
  /** What it belonged to is gone. */
  is_deleted: boolean;
}

/** A file as one person stands to it. */
export interface ReadableRow extends FileRow {
  room_type: RoomType | null;
  is_archived: boolean | null;
  role: Role | null;
}

/** A file that was due to be removed. */
export interface DueRow {
  id: string;
  storage_key: string;
  /** It stays. */
  is_used: boolean;
}

/** What a file `f` belongs to, a message `m` or a document `d`, is gone. */
const isDeleted = "(m.deleted_at IS NOT NULL OR f.document_id IS NOT NULL AND d.id IS NULL) AS is_deleted";

/**
 * Whatever is stored of its document names a file of `due`: its text, what can still be gone back to, and what three
 * snapshots keep of the text before. Yjs writes the address of a picture as it is.
 */
const isWritten = `(${[
  ["document_snapshots", "state"],
  ["document_versions", "state"],
  ["document_updates", "update"],
]
  .map(
    ([table, bytes]) =>
      `EXISTS (SELECT 1 FROM ${table} c WHERE c.document_id = due.document_id AND position(convert_to(due.id, 'UTF8') IN c.${bytes}) > 0)`,
  )
  .join("\n           OR ")})`;

/** Bytes of one person that count against the quota. */
const usedSql = (except: string) =>
  `(SELECT coalesce(sum(size), 0) FROM files WHERE user_id = $2 AND state <> 'removing' ${except})`;

/**
 * Of two that came at the same time, and would not both fit, the older one is kept: the younger counts it, and not the
 * other way round, or both were refused. Ids sort by time.
 */
const isBeforeSql = `(state = 'stored' OR id COLLATE "C" < $1)`;

/** The SQL of files. */
export class FileStore {
  readonly #database: Database;
  readonly #nodeId: string;

  constructor(database: Database, nodeId: string) {
    this.#database = database;
    this.#nodeId = nodeId;
  }

  /** Makes room for a file of `size` bytes; false where the quota has none. `quota` 0: without end. */
  async reserve(file: NewFile & { at: Date; removeAt: Date }, quota: number): Promise<boolean> {
    const { id, userId, name, size, storageKey, documentId } = file;
    const rows = await this.#database.query(
      `INSERT INTO files (id, user_id, state, name, type, size, storage_key, document_id, node, created_at,
         remove_at)
       SELECT $1, $2, 'receiving', $3, '', $4::bigint, $5, $6, $10, $7, $8
       WHERE $9::bigint = 0 OR $4::bigint + ${usedSql("")} <= $9::bigint RETURNING id`,
      [id, userId, name, size, storageKey, documentId ?? null, file.at, file.removeAt, quota, this.#nodeId],
    );
    return rows.length > 0;
  }

  /** The bytes are kept: from now on it is there for its owner. False where the quota has no room for what it came to. */
  async finish(file: StoredFacts & { userId: string; removeAt: Date }, quota: number): Promise<boolean> {
    const rows = await this.#database.query(
      `UPDATE files SET state = 'stored', type = $3, size = $4::bigint, width = $5, height = $6, thumbnails = $7::jsonb, remove_at = $8
       WHERE id = $1 AND state = 'receiving' AND ($9::bigint = 0 OR $4::bigint + ${usedSql(`AND id <> $1 AND ${isBeforeSql}`)} <= $9::bigint)
       RETURNING id`,
      [
        file.id,
        file.userId,
        file.type,
        file.size,
        file.width ?? null,
        file.height ?? null,
        JSON.stringify(file.thumbnails),
        file.removeAt,
        quota,
      ],
    );
    return rows.length > 0;
  }

  /** What of these is one person's own, stored and no document's; used or not. */
  listOwn(userId: string, ids: readonly string[]): Promise<FileRow[]> {
    return this.#database.query<FileRow>(
      `SELECT *, false AS is_deleted FROM files
       WHERE id = ANY ($1::text[]) AND user_id = $2 AND state = 'stored' AND document_id IS NULL`,
      [ids, userId],
    );
  }

  async find(id: string): Promise<FileRow | undefined> {
    const [row] = await this.#database.query<FileRow>(
      `SELECT f.*, ${isDeleted}
       FROM files f LEFT JOIN messages m ON m.id = f.message_id LEFT JOIN documents d ON d.id = f.document_id
       WHERE f.id = $1`,
      [id],
    );
    return row;
  }

  /** Files with how somebody stands to the rooms of their messages: one query, however many. Of documents see their guard. */
  listReadable(userId: string, ids: readonly string[]): Promise<ReadableRow[]> {
    return this.#database.query<ReadableRow>(
      `SELECT f.*, ${isDeleted}, r.type AS room_type, r.archived_at IS NOT NULL AS is_archived, p.role
       FROM files f
       LEFT JOIN messages m ON m.id = f.message_id
       LEFT JOIN documents d ON d.id = f.document_id
       LEFT JOIN rooms r ON r.id = m.room_id
       LEFT JOIN members p ON p.room_id = m.room_id AND p.user_id = $1
       WHERE f.id = ANY ($2::text[])`,
      [userId, ids],
    );
  }

  /**
   * Takes up to `limit` files that are due. Those that their document shows are looked at again at `lookAt`; of the others
   * nobody sees anything from now on, and another node gets them when `againAt` has passed.
   */
  claimDue(at: { now: Date; againAt: Date; lookAt: Date; limit: number }): Promise<DueRow[]> {
    return this.#database.query<DueRow>(
      `WITH due AS MATERIALIZED (
         SELECT id, state, document_id FROM files WHERE remove_at <= $1 ORDER BY remove_at LIMIT $4 FOR UPDATE SKIP LOCKED
       ), judged AS MATERIALIZED (
         SELECT id, state = 'stored' AND document_id IS NOT NULL AND ${isWritten} AS is_used FROM due)
       UPDATE files f SET
         state = CASE WHEN is_used THEN f.state ELSE 'removing' END,
         remove_at = CASE WHEN is_used THEN $3::timestamptz ELSE $2::timestamptz END
       FROM judged j WHERE j.id = f.id RETURNING f.id, f.storage_key, j.is_used`,
      [at.now, at.againAt, at.lookAt, at.limit],
    );
  }

  /** Their bytes are gone. */
  async forget(ids: readonly string[]): Promise<void> {
    await this.#database.query("DELETE FROM files WHERE id = ANY ($1::text[]) AND state = 'removing'", [ids]);
  }

  /** This did not become a file: its bytes go with the next round. */
  async abandon(id: string, now: Date): Promise<void> {
    await this.#database.query(
      "UPDATE files SET state = 'removing', remove_at = $2 WHERE id = $1 AND state = 'receiving'",
      [id, now],
    );
  }

  /** What nodes were receiving that have died since: see `node_leases`. */
  async abandonLost(now: Date): Promise<void> {
    await this.#database.query(
      `UPDATE files f SET state = 'removing', remove_at = $1 WHERE state = 'receiving' AND node IS DISTINCT FROM $2
         AND NOT EXISTS (SELECT 1 FROM node_leases l WHERE l.node = f.node AND l.expires_at > now())`,
      [now, this.#nodeId],
    );
  }
}
