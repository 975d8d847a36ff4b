import type { DocumentRow } from "../../../access/document-access.ts";
import type { Database } from "../../../database/database.ts";
import type { Change, StreamRead } from "../../../hot-path/change.ts";
import { type CommentRow, commentChange } from "../../../hot-path/comment-lane/rows.ts";
import type { Topic } from "../../../hot-path/topics.ts";
import { documentChange, editChange } from "./changes.ts";

/** More updates than this are not replayed to live listeners: they come back and join again. */
const maxRepairedUpdates = 500;

/** Everything above a position of one document, in one snapshot. */
const readSince = `
  SELECT s.head, s.floor,
    (SELECT json_agg(json_build_object('seq', u.position, 'userId', u.user_id, 'update', encode(u.update, 'base64')))
     FROM (SELECT * FROM document_updates WHERE document_id = $1 AND position > $2 ORDER BY position LIMIT $3) u) AS updates,
    (SELECT json_agg(row_to_json(c)) FROM (
      SELECT * FROM comment_state WHERE document_id = $1 AND position > $2 ORDER BY position LIMIT $3) c) AS comments,
    (SELECT row_to_json(d) FROM document_state d WHERE d.id = $1) AS document
  FROM streams s WHERE s.id = 'doc:' || $1`;

interface DocumentSince {
  head: number;
  floor: number;
  updates: { seq: number; userId: string; update: string }[] | null;
  comments: CommentRow[] | null;
  document: DocumentRow | null;
}

/** Reads documents back as the changes that a listener lacks. */
export async function readDocumentSince(database: Database, stream: Topic, since: number): Promise<StreamRead> {
  const documentId = stream.slice("doc:".length);
  const [read] = await database.query<DocumentSince>(readSince, [documentId, since, maxRepairedUpdates + 1]);
  if (!read) return { head: since, changes: [], isTooMany: false };
  const updates = read.updates ?? [];
  const comments = read.comments ?? [];
  const edits: Change[] = updates.map(({ seq, userId, update }) =>
    editChange({ documentId, update: Buffer.from(update, "base64"), userId, seq }),
  );
  const changes = [...edits, ...comments.map(commentChange)];
  if (read.document && read.document.updated_seq > since)
    changes.push(documentChange(read.document, read.document.updated_seq));
  return {
    head: read.head,
    changes: changes.sort((a, b) => a.position - b.position),
    // What a snapshot holds cannot be told one by one any more.
    isTooMany: Math.max(updates.length, comments.length) > maxRepairedUpdates || since < read.floor,
  };
}
