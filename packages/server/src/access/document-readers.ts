import type { Database } from "../database/database.ts";

/** People who may read a document, looked up as a set. Rights of single people are `document-access.ts`. */
export class DocumentReaders {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Those who may read a document and whose name is one of these, as `usernameKey` makes them. */
  async listNamed(documentId: string, nameKeys: readonly string[]): Promise<{ userId: string; username: string }[]> {
    return await this.#database.query(
      `SELECT u.id AS "userId", u.username FROM users u JOIN documents d ON d.id = $1
       WHERE u.username_key = ANY ($2::text[]) AND ${mayRead} LIMIT 500`,
      [documentId, nameKeys],
    );
  }

  /** Those of these people who may read a document, in their order. */
  async listAmong(documentId: string, userIds: readonly string[]): Promise<string[]> {
    if (userIds.length === 0) return [];
    const rows = await this.#database.query<{ id: string }>(
      `SELECT u.id FROM users u JOIN documents d ON d.id = $1 WHERE u.id = ANY ($2::text[]) AND ${mayRead}
       ORDER BY array_position($2::text[], u.id)`,
      [documentId, userIds],
    );
    return rows.map(({ id }) => id);
  }
}

/** A person `u` sees a document `d`: as its owner, by a role here, or as a member of its room. See `document-rights.ts`. */
const mayRead = `(u.id = d.owner_id
  OR EXISTS (SELECT 1 FROM document_people p WHERE p.document_id = d.id AND p.user_id = u.id)
  OR EXISTS (SELECT 1 FROM members m WHERE m.room_id = d.room_id AND m.user_id = u.id AND m.role IS NOT NULL))`;
