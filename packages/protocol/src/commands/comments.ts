import { z } from "zod";
import { command } from "../command.ts";
import { commentAnchorSchema, commentSchema } from "../documents.ts";
import { seqSchema } from "../entities.ts";
import { limits } from "../limits.ts";
import { countCodePoints } from "../text.ts";
import { commentId, documentId, nonce, writtenContent } from "./fields.ts";

const comment = z.object({ comment: commentSchema });
const quote = z
  .string()
  .transform((text) => text.normalize("NFC"))
  .refine((text) => countCodePoints(text) <= limits.commentQuoteCodePoints, {
    error: `at most ${limits.commentQuoteCodePoints} characters`,
  });

/** Talk about a document: threads of comments, most of them at a place in its text. */
export const commentCommands = {
  add_comment: command({
    summary: "Begins a thread at a place in the text, or about the whole document, or answers in one (`threadId`).",
    feature: "documents",
    since: 1,
    input: z.object({
      documentId,
      content: writtenContent,
      threadId: commentId.optional(),
      /** Where in the text; only of what begins a thread. */
      anchor: commentAnchorSchema.optional(),
      /** The text it is about, as it stood then. */
      quote: quote.optional(),
      nonce: nonce.optional(),
    }),
    reply: comment.extend({ duplicate: z.boolean().optional() }),
    errors: ["forbidden", "not_found", "nonce_conflict", "moderated", "conflict"],
    limit: "comments",
  }),
  edit_comment: command({
    summary: "Changes the caller's own comment.",
    feature: "documents",
    since: 1,
    input: z.object({ commentId, content: writtenContent }),
    reply: comment,
    errors: ["forbidden", "not_found", "moderated"],
    limit: "comments",
  }),
  resolve_comment: command({
    summary: "Closes the thread of a comment, or opens it again.",
    feature: "documents",
    since: 1,
    input: z.object({ commentId, resolved: z.boolean() }),
    reply: comment,
    errors: ["forbidden", "not_found"],
    limit: "comments",
  }),
  delete_comment: command({
    summary: "Deletes one's own comment; the document's owner and its room's moderators delete others'.",
    feature: "documents",
    since: 1,
    input: z.object({ commentId }),
    reply: comment,
    errors: ["forbidden", "not_found"],
    limit: "comments",
  }),
  list_comments: command({
    summary: "Reads a document's comments by their last change, all or those changed since a position of its stream.",
    feature: "documents",
    since: 1,
    input: z.object({ documentId, since: seqSchema.optional() }),
    reply: z.object({
      /** Without `since`, of deleted comments only those that others answered. */
      comments: z.array(commentSchema),
      /** What the answer stands for: what changes later is above it. */
      seq: seqSchema,
      /** The answer was full: ask again with its `seq` as `since`. */
      hasMore: z.boolean(),
    }),
    errors: ["not_found"],
    limit: "history",
  }),
};
