import type { Database } from "../../../database/database.ts";
import { mentionBytes } from "./find-mentions.ts";

/** An update that may name people. */
export interface NamingUpdate {
  documentId: string;
  update: Uint8Array;
  userId: string;
}

/** What of a document and of people is needed to tell of mentions in its text. */
export interface MentionFacts {
  title: string;
  roomId: string | null;
  usernames: Map<string, string>;
  /** Mentions that people were told of lately, as `<client>.<clock>`. */
  told: { userId: string; mentionId: string }[];
}

/** Updates of one document that are looked through after a start. */
const maxRecovered = 1_000;

export class TextMentionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Undefined where there is no such document, or it is in the trash. */
  async findFacts(
    documentId: string,
    of: { userIds: readonly string[]; toldSince: Date },
  ): Promise<MentionFacts | undefined> {
    const [row] = await this.#database.query<{
      title: string;
      room_id: string | null;
      people: { id: string; username: string }[] | null;
      told: { user_id: string; cause: string }[] | null;
    }>(
      `SELECT d.title, d.room_id,
         (SELECT jsonb_agg(jsonb_build_object('id', id, 'username', username)) FROM users WHERE id = ANY ($2::text[]))
           AS people,
         (SELECT jsonb_agg(jsonb_build_object('user_id', user_id, 'cause', cause)) FROM notifications
          WHERE user_id = ANY ($2::text[]) AND group_key = $3 AND created_at >= $4 AND starts_with(cause, $5)) AS told
       FROM documents d WHERE d.id = $1 AND d.trashed_at IS NULL`,
      [documentId, of.userIds, `document:${documentId}`, of.toldSince, causePrefix(documentId)],
    );
    if (!row) return undefined;
    return {
      title: row.title,
      roomId: row.room_id,
      usernames: new Map((row.people ?? []).map(({ id, username }) => [id, username])),
      told: (row.told ?? []).map(({ user_id: userId, cause }) => ({
        userId,
        mentionId: cause.slice(causePrefix(documentId).length),
      })),
    };
  }

  /** Updates since an instant that may name people. */
  async listNaming(since: Date): Promise<NamingUpdate[]> {
    return await this.#database.query<NamingUpdate>(
      `SELECT document_id AS "documentId", update, user_id AS "userId" FROM document_updates
       WHERE at >= $1 AND position($2::bytea in update) > 0 ORDER BY at LIMIT $3`,
      [since, mentionBytes, maxRecovered],
    );
  }
}

/** Followed by which mention it is: what told somebody of a mention in a text. */
const causePrefix = (documentId: string): string => `document:${documentId}:mention:`;
