import { type DocumentVersion, limits } from "@mirage/protocol";
import type { Database } from "../../database/database.ts";
import { checksumOf } from "./content.store.ts";

interface VersionRow {
  id: string;
  at: Date;
  user_id: string;
  username: string | null;
  name: string | null;
  position: number;
}

export interface NewVersion {
  id: string;
  documentId: string;
  position: number;
  state: Uint8Array;
  userId: string;
  /** Absent: it was kept without being asked for. */
  name?: string | undefined;
  at: number;
  /** The document's, when this was judged; absent where nobody's right matters. */
  fence?: number;
  /** Another one without a name since then will do. */
  unlessSince?: number;
}

/** Each is a whole content. */
const maxNamed = 100;
/** Of those without a name the oldest goes for the next. */
const maxUnnamed = 50;

const columns = "v.id, v.at, v.user_id, u.username, v.name, v.position";
const versions = "document_versions v LEFT JOIN users u ON u.id = v.user_id";

/** Contents of documents that were kept. */
export class VersionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** One more than a page, where there are more; newest first. */
  async list(documentId: string, beforeId: string | undefined): Promise<DocumentVersion[]> {
    const rows = await this.#database.query<VersionRow>(
      `SELECT ${columns} FROM ${versions}
       WHERE v.document_id = $1 AND ($2::text IS NULL OR v.id < $2)
       ORDER BY v.id DESC LIMIT ${limits.pageVersions + 1}`,
      [documentId, beforeId ?? null],
    );
    return rows.map(toVersion);
  }

  /** Undefined where there is none. @throws Error where it is not what was written. */
  async readState(documentId: string, versionId: string): Promise<Uint8Array | undefined> {
    const [row] = await this.#database.query<{ state: Uint8Array; checksum: string }>(
      "SELECT state, checksum FROM document_versions WHERE document_id = $1 AND id = $2",
      [documentId, versionId],
    );
    if (row && checksumOf(row.state) !== row.checksum) throw new Error(`version ${versionId} is damaged`);
    return row?.state;
  }

  /** Undefined where somebody lost a right since it was judged, enough are kept, or another one will do. */
  async add(version: NewVersion): Promise<DocumentVersion | undefined> {
    const [row] = await this.#database.query<VersionRow>(
      `WITH v AS (
         INSERT INTO document_versions (id, document_id, position, state, checksum, user_id, name, at)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8 FROM streams
         WHERE id = 'doc:' || $2 AND ($9::bigint IS NULL OR fence = $9)
           AND ($7::text IS NULL OR ${maxNamed} >
             (SELECT count(*) FROM document_versions WHERE document_id = $2 AND name IS NOT NULL))
           AND NOT EXISTS (SELECT FROM document_versions WHERE document_id = $2 AND name IS NULL AND at > $10)
         RETURNING *),
       gone AS (
         DELETE FROM document_versions WHERE id IN (
           SELECT old.id FROM document_versions old, v
           WHERE v.name IS NULL AND old.document_id = $2 AND old.name IS NULL
           ORDER BY old.id DESC OFFSET ${maxUnnamed - 1}))
       SELECT ${columns} FROM v LEFT JOIN users u ON u.id = v.user_id`,
      [
        version.id,
        version.documentId,
        version.position,
        version.state,
        checksumOf(version.state),
        version.userId,
        version.name ?? null,
        new Date(version.at),
        version.fence ?? null,
        version.unlessSince === undefined ? null : new Date(version.unlessSince),
      ],
    );
    return row && toVersion(row);
  }
}

function toVersion(row: VersionRow): DocumentVersion {
  return {
    id: row.id,
    at: new Date(row.at).toISOString(),
    userId: row.user_id,
    username: row.username ?? "",
    ...(row.name === null ? {} : { name: row.name }),
    seq: row.position,
  };
}
