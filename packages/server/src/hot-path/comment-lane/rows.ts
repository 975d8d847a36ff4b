import type { Comment } from "@mirage/protocol";
import type { Change } from "../change.ts";
import { isoTime } from "../chat-lane/rows.ts";

/** One row of `comment_state`, straight or inside JSON. */
export interface CommentRow {
  id: string;
  document_id: string;
  thread_id: string;
  user_id: string;
  username: string;
  content: string;
  anchor_start: string | null;
  anchor_end: string | null;
  quote: string | null;
  mentioned_ids: string[];
  created_at: string | Date;
  edited_at: string | Date | null;
  resolved_at: string | Date | null;
  resolved_by: string | null;
  resolved_by_name: string | null;
  deleted_at: string | Date | null;
  position: number;
}

export function toComment(row: CommentRow): Comment {
  return {
    id: row.id,
    documentId: row.document_id,
    threadId: row.thread_id,
    content: row.content,
    userId: row.user_id,
    username: row.username,
    createdAt: isoTime(row.created_at),
    seq: row.position,
    ...(row.anchor_start === null || row.anchor_end === null
      ? {}
      : { anchor: { start: row.anchor_start, end: row.anchor_end } }),
    ...(row.quote === null ? {} : { quote: row.quote }),
    ...(row.mentioned_ids.length === 0 ? {} : { mentions: { users: row.mentioned_ids } }),
    ...(row.edited_at === null ? {} : { editedAt: isoTime(row.edited_at) }),
    ...(row.resolved_at === null ? {} : { resolvedAt: isoTime(row.resolved_at) }),
    ...(row.resolved_by === null
      ? {}
      : { resolvedBy: { userId: row.resolved_by, username: row.resolved_by_name ?? "" } }),
    ...(row.deleted_at === null ? {} : { deleted: true }),
  };
}

/** A comment's last change. */
export function commentChange(row: CommentRow): Change {
  const { id, document_id: documentId, position } = row;
  return {
    stream: `doc:${documentId}`,
    position,
    entity: `comment:${id}`,
    event: "comment_updated",
    payload: { documentId, comment: toComment(row), seq: position },
  };
}
