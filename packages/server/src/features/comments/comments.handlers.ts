import type { Handlers } from "../../access/session.ts";
import type { Comments } from "./comments.ts";

type Own = "add_comment" | "edit_comment" | "resolve_comment" | "delete_comment" | "list_comments";

/** What each command about comments does. */
export function createCommentHandlers({ comments }: { comments: Comments }): Pick<Handlers, Own> {
  return {
    add_comment: ({ session }, input) => comments.add(session, input),
    edit_comment: ({ session }, input) => comments.edit(session, input),
    resolve_comment: ({ session }, input) => comments.resolve(session, input),
    delete_comment: ({ session }, { commentId }) => comments.delete(session, commentId),
    list_comments: ({ session }, { documentId, since }) => comments.list(session, documentId, since),
  };
}
