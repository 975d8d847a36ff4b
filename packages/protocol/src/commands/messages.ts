import { z } from "zod";
import { command } from "../command.ts";
import { messageSchema, searchHitSchema, seqSchema } from "../entities.ts";
import { messages } from "../errors.ts";
import { limits } from "../limits.ts";
import { countCodePoints, isBlank } from "../text.ts";
import {
  alt,
  content,
  cursor,
  emoji,
  fileId,
  messageId,
  metadata,
  nonce,
  roomId,
  userId,
  writtenContent,
} from "./fields.ts";

const changed = z.object({ message: messageSchema });
const changeErrors = ["forbidden", "not_found", "archived", "muted"] as const;
/** A file that the caller has uploaded and not used yet. */
const attached = z.object({ fileId, alt: alt.optional() });
const instant = z.iso.datetime({ offset: true });
const typing = z.object({ roomId, threadId: messageId.optional() });

export const messageCommands = {
  chat_message: command({
    summary: "Posts a message. With a nonce it may be repeated for ever and is posted once.",
    feature: "chat",
    since: 1,
    input: z
      .object({
        roomId,
        content,
        type: z.enum(["text", "image", "file", "poll"]).default("text"),
        metadata: metadata.default({}),
        nonce: nonce.optional(),
        replyTo: messageId.optional(),
        threadId: messageId.optional(),
        attachments: z.array(attached).max(limits.attachmentsPerMessage).default([]),
      })
      .refine((message) => !isBlank(message.content) || message.attachments.length > 0, {
        error: messages.contentRequired,
        path: ["content"],
      }),
    reply: z.object({ message: messageSchema, duplicate: z.boolean().optional() }),
    errors: ["forbidden", "not_found", "nonce_conflict", "moderated", "muted", "archived"],
    limit: "message",
    faultMessage: messages.sendFailed,
  }),
  edit_message: command({
    summary: "Changes the text of one's own message; earlier texts are kept.",
    feature: "chat",
    since: 1,
    input: z.object({ messageId, content: writtenContent }),
    reply: changed,
    errors: [...changeErrors, "moderated"],
    limit: "reaction",
  }),
  delete_message: command({
    summary: "Replaces a message by a tombstone; a delete beats a racing edit.",
    feature: "chat",
    since: 1,
    input: z.object({ messageId }),
    reply: changed,
    errors: changeErrors,
    limit: "reaction",
  }),
  add_reaction: command({
    summary: "Adds the caller's reaction; the same one again changes nothing.",
    feature: "chat",
    since: 1,
    input: z.object({ messageId, emoji }),
    reply: changed,
    errors: [...changeErrors, "conflict"],
    limit: "reaction",
  }),
  remove_reaction: command({
    summary: "Takes the caller's reaction back.",
    feature: "chat",
    since: 1,
    input: z.object({ messageId, emoji }),
    reply: changed,
    errors: changeErrors,
    limit: "reaction",
  }),
  pin_message: command({
    summary: "Pins a message in its room.",
    feature: "chat",
    since: 1,
    input: z.object({ messageId }),
    reply: changed,
    errors: changeErrors,
    limit: "reaction",
  }),
  unpin_message: command({
    summary: "Takes a pin away.",
    feature: "chat",
    since: 1,
    input: z.object({ messageId }),
    reply: changed,
    errors: changeErrors,
    limit: "reaction",
  }),
  get_messages: command({
    summary: "Reads a page of history before, after or around a position; oldest first.",
    feature: "chat",
    since: 1,
    input: z
      .object({
        roomId,
        before: seqSchema.optional(),
        after: seqSchema.optional(),
        around: seqSchema.optional(),
        limit: z.int().min(1).max(limits.pageMessagesMax).default(limits.pageMessages),
      })
      .refine((page) => [page.before, page.after, page.around].filter((at) => at !== undefined).length <= 1, {
        error: "one of before, after, around",
      }),
    reply: z.object({
      messages: z.array(messageSchema),
      hasMore: z.boolean(),
      hasMoreBefore: z.boolean().optional(),
      hasMoreAfter: z.boolean().optional(),
    }),
    errors: ["forbidden", "not_found"],
    limit: "history",
  }),
  search_messages: command({
    summary:
      "Finds messages with all of these words, newest first, in one room or in all of one's own; the last word may be a beginning.",
    feature: "chat",
    since: 1,
    input: z.object({
      query: z.string().refine((text) => countCodePoints(text) <= limits.searchCodePoints, {
        error: `at most ${limits.searchCodePoints} characters`,
      }),
      roomId: roomId.optional(),
      from: userId.optional(),
      before: instant.optional(),
      after: instant.optional(),
      has: z.enum(["file", "image", "link"]).optional(),
      cursor,
    }),
    // A page may hold fewer hits than there is room for: there is more until `nextCursor` is null.
    reply: z.object({ hits: z.array(searchHitSchema), nextCursor: z.string().nullable() }),
    errors: ["forbidden", "not_found"],
    limit: "search",
  }),
  typing_start: command({
    summary: "Says that the caller is writing; ends by itself after 6 s.",
    feature: "chat",
    since: 1,
    input: typing,
    reply: z.object({}),
    errors: ["forbidden", "not_found", "archived"],
    limit: "typing",
    socketOnly: true,
  }),
  typing_stop: command({
    summary: "Says that the caller has stopped writing.",
    feature: "chat",
    since: 1,
    input: typing,
    reply: z.object({}),
    errors: ["forbidden", "not_found", "archived"],
    limit: "typing",
    socketOnly: true,
  }),
  mark_read: command({
    summary: "Moves the caller's read marker forward, never back and never past the head.",
    feature: "chat",
    since: 1,
    input: z.object({ roomId, seq: seqSchema }),
    reply: z.object({ seq: seqSchema, unread: z.int(), mentions: z.int() }),
    errors: ["forbidden", "not_found"],
    limit: "rooms",
  }),
};
