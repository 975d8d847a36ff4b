/** What may be done to one comment, by whom. Each function throws the refusal, or says nothing. */
import { messages, Refusal } from "@mirage/protocol";
import { type DocumentStanding, requireDocumentRight } from "../../access/document-rights.ts";

/** What the rules look at of a comment. */
export interface CommentFacts {
  readonly userId: string;
  readonly deleted?: boolean | undefined;
}

/** Only the author edits, whatever the role: nobody puts words into another's mouth. */
export function requireCommentEdit(userId: string, standing: DocumentStanding, comment: CommentFacts): void {
  requireDocumentRight(standing, "view");
  if (comment.deleted) throw new Refusal("not_found", "Comment not found");
  if (comment.userId !== userId) throw new Refusal("forbidden", messages.editDenied);
  requireDocumentRight(standing, "comment");
}

/** Deleting what is deleted already is a no-op, so a tombstone is not refused here. */
export function requireCommentDeletion(userId: string, standing: DocumentStanding, comment: CommentFacts): void {
  requireDocumentRight(standing, comment.userId === userId ? "comment" : "moderate");
}
