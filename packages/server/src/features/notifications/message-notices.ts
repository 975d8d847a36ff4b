/** What people are told of messages and reactions, in words; whom, is the teller's part. Pure. */
import { limits } from "@mirage/protocol";
import type { MessageCause, ReactionCause } from "../../access/telling.ts";
import { messageCause, type Notice } from "../../hot-path/chat-lane/notices.ts";
import { likesGroup } from "./notifications.store.ts";
import type { Concern } from "./who-is-told.ts";

/** What a message is told as to those whom it concerns in this way. */
export function noticeOf(cause: MessageCause, kind: Concern): Omit<Notice, "people"> {
  const { access, messageId, edited } = cause;
  const roomId = access.room.id;
  return {
    type: kind === "keyword" ? "mention" : kind,
    cause: messageCause(messageId),
    ...textsOf(cause, kind),
    groupKey: `room:${roomId}`,
    roomId,
    ...(edited ? { messageSeq: edited.seq } : {}),
  };
}

/** The cause of what a reaction tells: one for each person who reacts, whatever they react with and however often. */
export const likeCause = (messageId: string, userId: string): string => `like:${messageId}:${userId}`;

/**
 * What a reaction is told as. It repeats nothing of the message, which may be deleted. Reading the room does not read it:
 * its author has done that.
 */
export function likeOf({ access, username, message, emoji }: ReactionCause): Omit<Notice, "people" | "cause"> {
  const { room, userId } = access;
  const place = room.type === "direct" ? "" : ` in ${room.name}`;
  return {
    type: "like",
    title: `${username} reacted ${emoji} to your message${place}`,
    content: "",
    metadata: { roomId: room.id, messageId: message.id, seq: message.seq, userId, username, emoji },
    groupKey: likesGroup(message.id),
    roomId: room.id,
  };
}

/** The beginning of a text, as long as a notification quotes. */
export function excerptOf(text: string): string {
  return [...text].slice(0, limits.mentionExcerptCodePoints).join("");
}

function textsOf(
  { access, authorName, messageId, content, replyTo }: MessageCause,
  kind: Concern,
): Pick<Notice, "title" | "content" | "metadata"> {
  const { room, userId } = access;
  const at = { roomId: room.id, messageId };
  const excerpt = excerptOf(content);
  if (kind === "mention") {
    const metadata = { ...at, mentionedBy: authorName, mentionedById: userId };
    return { title: `${authorName} mentioned you in ${room.name}`, content: excerpt, metadata };
  }
  const metadata = { ...at, userId, username: authorName, ...(kind === "reply" ? { replyTo } : {}) };
  const place = room.type === "direct" ? "" : ` in ${room.name}`;
  const deed = kind === "reply" ? " replied to you" : kind === "keyword" ? " used a word of yours" : "";
  return { title: `${authorName}${deed}${place}`, content: excerpt, metadata };
}
