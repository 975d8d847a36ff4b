import type { Comment } from "@mirage/protocol";
import type { Database } from "../../database/database.ts";
import { type CommentRow, toComment } from "../../hot-path/comment-lane/rows.ts";

/** Rows of one answer; what they weigh in bytes bounds it further. */
const pageComments = 500;
/** People of one thread who are told of an answer in it. */
const maxParticipants = 50;

export class CommentStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async findComment(commentId: string): Promise<Comment | undefined> {
    const [row] = await this.#database.query<CommentRow>("SELECT * FROM comment_state WHERE id = $1", [commentId]);
    return row && toComment(row);
  }

  /** Who has written in a thread, who did last first. */
  async listParticipants(documentId: string, threadId: string): Promise<string[]> {
    const rows = await this.#database.query<{ user_id: string }>(
      `SELECT user_id FROM document_comments WHERE document_id = $1 AND thread_id = $2 AND deleted_at IS NULL
       GROUP BY user_id ORDER BY max(created_at) DESC LIMIT $3`,
      [documentId, threadId, maxParticipants],
    );
    return rows.map((row) => row.user_id);
  }

  async findByNonce(at: {
    documentId: string;
    userId: string;
    nonce: string;
  }): Promise<{ comment: Comment; bodyHash: string | null } | undefined> {
    const [row] = await this.#database.query<CommentRow & { body_hash: string | null }>(
      `SELECT s.*, c.body_hash FROM document_comments c JOIN comment_state s ON s.id = c.id
       WHERE c.document_id = $1 AND c.user_id = $2 AND c.nonce = $3`,
      [at.documentId, at.userId, at.nonce],
    );
    return row && { comment: toComment(row), bodyHash: row.body_hash };
  }

  /**
   * Comments by their last change, with the position that the answer stands for. Without `since` a deleted one is left
   * out, unless it began a thread that goes on.
   */
  async listSince(
    documentId: string,
    since: number | undefined,
  ): Promise<{ comments: Comment[]; head: number; hasMore: boolean }> {
    const [row] = await this.#database.query<{ head: number; rows: CommentRow[] | null }>(
      `SELECT s.head, (SELECT jsonb_agg(to_jsonb(c) ORDER BY c.position) FROM (
         SELECT * FROM comment_state c WHERE document_id = $1 AND position > coalesce($2::bigint, 0)
           AND ($2::bigint IS NOT NULL OR deleted_at IS NULL OR (thread_id = id AND EXISTS (
             SELECT 1 FROM document_comments o WHERE o.document_id = $1 AND o.thread_id = c.id AND o.deleted_at IS NULL)))
         ORDER BY position LIMIT $3) c) AS rows
       FROM streams s WHERE s.id = 'doc:' || $1`,
      [documentId, since ?? null, pageComments + 1],
    );
    const comments = (row?.rows ?? []).map(toComment);
    return {
      comments: comments.slice(0, pageComments),
      head: row?.head ?? 0,
      hasMore: comments.length > pageComments,
    };
  }
}
