import { type DocumentPerson, limits, type Role, type RoomType } from "@mirage/protocol";
import { type DocumentAccessRow, documentAccessColumns, documentAccessJoins } from "../../access/document-access.ts";
import { inheritedRole } from "../../access/document-rights.ts";
import type { Database } from "../../database/database.ts";

/** Where a page of a list ends: changed last first. */
export interface DocumentCursor {
  updatedAt: string;
  id: string;
}

export interface Listing {
  userId: string;
  roomId: string | undefined;
  isTrash: boolean;
  query: string | undefined;
  after: DocumentCursor | undefined;
}

interface PersonRow {
  user_id: string;
  username: string;
  own_role: DocumentPerson["role"] | null;
  is_owner: boolean;
  room_role: Role | null;
  room_type: RoomType | null;
  room_archived: boolean;
}

/** Of somebody: what they own, were given, or are in the room of. */
const listSql = `
  WITH a AS (
    SELECT id AS document_id, $1::text AS user_id FROM documents
    WHERE (owner_id = $1
        OR id IN (SELECT document_id FROM document_people WHERE user_id = $1)
        OR room_id IN (SELECT room_id FROM members WHERE user_id = $1 AND role IS NOT NULL))
      AND (trashed_at IS NOT NULL) = $2
      AND ($3::text IS NULL OR room_id = $3)
      AND ($4::text IS NULL OR title ILIKE $4)
      AND ($5::timestamptz IS NULL OR (updated_at, id) < ($5, $6))
    ORDER BY updated_at DESC, id DESC LIMIT ${limits.pageDocuments + 1})
  SELECT ${documentAccessColumns} FROM a ${documentAccessJoins}
  ORDER BY d.updated_at DESC, d.id DESC`;

const peopleSql = `
  SELECT u.id AS user_id, u.username, p.role AS own_role, d.owner_id = u.id AS is_owner, m.role AS room_role,
    r.type AS room_type, coalesce(r.archived_at IS NOT NULL, false) AS room_archived
  FROM documents d
  JOIN LATERAL (
    SELECT d.owner_id AS user_id
    UNION SELECT user_id FROM document_people WHERE document_id = d.id
    UNION SELECT user_id FROM members WHERE room_id = d.room_id AND role IS NOT NULL) who ON true
  JOIN users u ON u.id = who.user_id
  LEFT JOIN document_people p ON p.document_id = d.id AND p.user_id = u.id
  LEFT JOIN rooms r ON r.id = d.room_id
  LEFT JOIN members m ON m.room_id = d.room_id AND m.user_id = u.id
  WHERE d.id = $1
  ORDER BY is_owner DESC, p.role IS NULL, u.username_key, u.id LIMIT ${limits.documentPeople}`;

export class DocumentStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** One more than a page, where there are more. */
  async list({ userId, roomId, isTrash, query, after }: Listing): Promise<DocumentAccessRow[]> {
    return await this.#database.query<DocumentAccessRow>(listSql, [
      userId,
      isTrash,
      roomId ?? null,
      query ? `%${query.replace(/[\\%_]/g, "\\$&")}%` : null,
      after?.updatedAt ?? null,
      after?.id ?? null,
    ]);
  }

  /** The owner first, then those with a role of their own, then those who have one by the room. */
  async listPeople(documentId: string): Promise<DocumentPerson[]> {
    const rows = await this.#database.query<PersonRow>(peopleSql, [documentId]);
    return rows.flatMap((row): DocumentPerson[] => {
      const person = { userId: row.user_id, username: row.username };
      if (row.is_owner) return [{ ...person, role: "edit", inherited: false }];
      if (row.own_role) return [{ ...person, role: row.own_role, inherited: false }];
      const { room_type: roomType, room_role: role, room_archived: isArchived } = row;
      const inherited = roomType && inheritedRole({ role, roomType, isArchived, isAdmin: false });
      return inherited ? [{ ...person, role: inherited, inherited: true }] : [];
    });
  }

  async hasUser(userId: string): Promise<boolean> {
    return (await this.#database.query("SELECT 1 FROM users WHERE id = $1", [userId])).length > 0;
  }
}
