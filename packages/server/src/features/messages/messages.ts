import { hash } from "node:crypto";
import {
  type Attachment,
  type CommandPayload,
  type CommandReply,
  limits,
  type Message,
  Refusal,
} from "@mirage/protocol";
import { answerBytes, fittingPage } from "../../access/answer-size.ts";
import type { AttachmentSource } from "../../access/attachments.ts";
import type { PresenceView } from "../../access/presence-view.ts";
import { can, requireVerdict } from "../../access/rights.ts";
import type { RoomAccess, RoomGuard } from "../../access/room-access.ts";
import type { Session } from "../../access/session.ts";
import type { Telling } from "../../access/telling.ts";
import type { ChatItem, ChatOutcome } from "../../hot-path/chat-lane/items.ts";
import { requireOk } from "../../hot-path/chat-lane/require-ok.ts";
import type { HotPath } from "../../hot-path/hot-path.ts";
import { canonicalJson } from "../../lib/canonical-json.ts";
import type { Clock } from "../../ports/clock.ts";
import { findCallees } from "./callees.ts";
import type { CustomEmoji } from "./custom-emoji.ts";
import { normaliseReaction, resolveShortNames } from "./emoji.ts";
import { type MessageFacts, requireDeletion, requireEdit, requirePin, requireReaction } from "./messages.policy.ts";
import type { HistoryPage, MessageStore } from "./messages.store.ts";

export interface MessagesDeps {
  hotPath: HotPath;
  guard: RoomGuard;
  store: MessageStore;
  emoji: CustomEmoji;
  presence: PresenceView;
  telling: Telling;
  attachments: AttachmentSource;
  clock: Clock;
  createId: () => string;
  /** Keys the hash of a body, so that what is stored beside a nonce says nothing about the text. */
  nonceSecret: string;
  /** Asks every moderator in turn. @throws Refusal `moderated`, `unavailable` */
  onDuplicate: () => void;
  moderate: (draft: { session: Session; roomId: string; content: string; kind: "post" | "edit" }) => Promise<void>;
}

type Changed = { message: Message };
type Judge = (at: { access: RoomAccess; message: Message }) => ChatItem | Promise<ChatItem>;

/** Posting and changing messages: may they, and what exactly is stored? */
export class Messages {
  readonly #deps: MessagesDeps;

  constructor(deps: MessagesDeps) {
    this.#deps = deps;
  }

  async post(session: Session, input: CommandPayload<"chat_message">): Promise<CommandReply<"chat_message">> {
    const messageId = this.#deps.createId();
    const bodyHash = input.nonce === undefined ? undefined : this.#hashBody(input);
    const judge = this.#deps.guard.judging(input.roomId, () =>
      this.#judgePost(session, { input, messageId, bodyHash }),
    );
    let outcome: ChatOutcome;
    try {
      outcome = await this.#deps.hotPath.submit(judge, `${session.connectionId} ${input.roomId}`);
    } catch (error) {
      const earlier = await this.#findEarlier(session, { input, bodyHash, error });
      if (!earlier) throw error;
      outcome = earlier;
    }
    if (outcome.status === "duplicate") {
      this.#deps.onDuplicate();
      return { message: outcome.message, duplicate: true };
    }
    return { message: messageOf(requireOk(outcome)) };
  }

  async edit(session: Session, { messageId, content }: CommandPayload<"edit_message">): Promise<Changed> {
    const withdraw = this.#deps.telling.withdrawing();
    return await this.#change(session, messageId, async ({ access, message }) => {
      requireEdit(session.userId, access.standing, factsOf(message));
      await this.#deps.moderate({ session, roomId: message.roomId, content, kind: "edit" });
      const text = resolveShortNames(content, await this.#deps.emoji.tester(content));
      const { mentions, ...called } = await findCallees(this.#deps, {
        session,
        access,
        content: text,
        earlier: message.mentions,
      });
      const kept = new Set(mentions?.users);
      const unmentioned = (message.mentions?.users ?? []).filter((userId) => !kept.has(userId));
      const cause = { access, authorName: session.username, messageId, content: text, replyTo: undefined, ...called };
      const tidings = await this.#deps.telling.ofMessage({ ...cause, edited: message });
      const keptIds = mentions?.everyone
        ? undefined
        : [...called.calledIds, ...(await this.#deps.telling.listening(text))];
      const { withdrawal, job = tidings.job } = await withdraw({ access, message, keptIds, type: "mention" });
      const item = { ...itemOf(access, message), mentions, ...tidings, withdrawal, job, content: text, unmentioned };
      return { op: "edit", ...item, at: this.#deps.clock.now() };
    });
  }

  async delete(session: Session, messageId: string): Promise<Changed> {
    const withdraw = this.#deps.telling.withdrawing();
    return await this.#change(session, messageId, async ({ access, message }) => {
      requireDeletion(session.userId, access.standing, factsOf(message));
      const withdrawn = await withdraw({ access, message, keptIds: [] });
      return { op: "delete", ...itemOf(access, message), ...withdrawn, at: this.#deps.clock.now() };
    });
  }

  async react(session: Session, input: { messageId: string; emoji: string; on: boolean }): Promise<Changed> {
    const emoji = normaliseReaction(input.emoji, await this.#deps.emoji.tester(input.emoji));
    const { telling, clock } = this.#deps;
    const { on } = input;
    return await this.#change(session, input.messageId, async ({ access, message }) => {
      requireReaction(access.standing, factsOf(message));
      const tidings = await telling.ofReaction({ access, username: session.username, message, emoji, on });
      const item = { ...itemOf(access, message), ...tidings, emoji, on, maxEmoji: limits.reactionsPerMessage };
      return { op: "react", ...item, at: clock.now() };
    });
  }

  async pin(session: Session, input: { messageId: string; on: boolean }): Promise<Changed> {
    return await this.#change(session, input.messageId, ({ access, message }) => {
      requirePin(access.standing, factsOf(message));
      return { op: "pin", ...itemOf(access, message), on: input.on, at: this.#deps.clock.now() };
    });
  }

  /** One page of history, deleted messages left out. */
  async history(session: Session, page: CommandPayload<"get_messages">): Promise<CommandReply<"get_messages">> {
    const { guard, store } = this.#deps;
    await guard.require(session, page.roomId, "read");
    if (page.after !== undefined) {
      const { messages, hasMoreAfter } = firstFitting(await store.listAfter(page.roomId, page.after, page.limit));
      return { messages, hasMore: hasMoreAfter };
    }
    if (page.around === undefined) {
      const before = page.before ?? Number.MAX_SAFE_INTEGER;
      const { messages, hasMoreBefore } = lastFitting(await store.listBefore(page.roomId, before, page.limit));
      return { messages, hasMore: hasMoreBefore };
    }
    const half = Math.ceil(page.limit / 2);
    const [before, after] = await Promise.all([
      store.listBefore(page.roomId, page.around + 1, half),
      store.listAfter(page.roomId, page.around, page.limit - half),
    ]);
    const older = lastFitting(before, answerBytes / 2);
    const newer = firstFitting(after, answerBytes / 2);
    return {
      messages: [...older.messages, ...newer.messages],
      hasMore: older.hasMoreBefore || newer.hasMoreAfter,
      hasMoreBefore: older.hasMoreBefore,
      hasMoreAfter: newer.hasMoreAfter,
    };
  }

  async #judgePost(
    session: Session,
    post: { input: CommandPayload<"chat_message">; messageId: string; bodyHash: string | undefined },
  ): Promise<ChatItem> {
    const { guard, emoji, clock, moderate, telling } = this.#deps;
    const { input, messageId, bodyHash } = post;
    const { roomId } = input;
    const access = await guard.require(session, roomId, "post");
    const attachments =
      input.attachments.length > 0
        ? await this.#deps.attachments.describe(session.userId, input.attachments)
        : undefined;
    await moderate({ session, roomId, content: withAttached(input.content, attachments, "\n"), kind: "post" });
    const content = resolveShortNames(input.content, await emoji.tester(input.content));
    const { mentions, ...called } = await findCallees(this.#deps, { session, access, content });
    const told = content.trim() === "" ? withAttached("", attachments, ", ") : content;
    const cause = { access, authorName: session.username, messageId, content: told, replyTo: input.replyTo, ...called };
    return {
      op: "send",
      mentions,
      ...(await telling.ofMessage(cause)),
      roomId,
      messageId,
      userId: session.userId,
      username: session.username,
      fence: access.fence,
      type: typeOf(input.type, attachments),
      content,
      metadata: input.metadata,
      nonce: input.nonce,
      bodyHash,
      replyTo: input.replyTo,
      threadId: input.threadId,
      ...(attachments ? { attachments } : {}),
      at: clock.now(),
    };
  }

  /** A repeat of what was stored is answered as such even where posting anew would be refused by now. */
  async #findEarlier(
    session: Session,
    failed: { input: CommandPayload<"chat_message">; bodyHash: string | undefined; error: unknown },
  ): Promise<ChatOutcome | undefined> {
    const { roomId, nonce } = failed.input;
    const isJudged =
      failed.error instanceof Refusal &&
      ["forbidden", "archived", "moderated", "not_found"].includes(failed.error.code);
    if (!isJudged || nonce === undefined) return undefined;
    const access = await this.#deps.guard.find(session, roomId);
    if (!access || can("read", access.standing) !== "yes") return undefined;
    const earlier = await this.#deps.store.findByNonce({ roomId, userId: session.userId, nonce });
    if (!earlier) return undefined;
    return earlier.bodyHash === failed.bodyHash
      ? { status: "duplicate", message: earlier.message }
      : { status: "nonce_conflict" };
  }

  async #change(session: Session, messageId: string, judge: Judge): Promise<Changed> {
    const { guard, store, hotPath } = this.#deps;
    const judgeNow = async (): Promise<ChatItem> => {
      const message = await store.findMessage(messageId);
      const access = message && (await guard.find(session, message.roomId));
      requireVerdict(access ? can("read", access.standing) : "not_found", "Message");
      if (!access || !message) throw new Error("a verdict let nobody in");
      return await judge({ access, message });
    };
    return { message: messageOf(requireOk(await hotPath.submit(judgeNow, `${session.connectionId} ${messageId}`))) };
  }

  #hashBody(input: CommandPayload<"chat_message">): string {
    const { content, type, metadata, replyTo, threadId, attachments } = input;
    const body = canonicalJson([content, type, metadata, replyTo ?? null, threadId ?? null, attachments]);
    return hash("sha256", `${this.#deps.nonceSecret}\n${body}`, "base64url");
  }
}

/** Whatever of a message people read: its text, and what its files are called and described by. */
function withAttached(content: string, attachments: readonly Attachment[] | undefined, separator: string): string {
  const named = (attachments ?? []).flatMap(({ name, alt }) => (alt === undefined ? [name] : [alt, name]));
  return [...(content === "" ? [] : [content]), ...named].join(separator);
}

/** A message with files says by its type whether all of them are pictures. */
function typeOf(given: Message["type"], attachments: readonly Attachment[] | undefined): Message["type"] {
  if (!attachments) return given;
  return attachments.every(({ type, width }) => type.startsWith("image/") && width !== undefined) ? "image" : "file";
}

/** What of a page of history an answer has room for: those next to where it was asked for. */
function firstFitting(page: HistoryPage, maxBytes?: number): HistoryPage {
  const messages = fittingPage(page.messages, maxBytes);
  return { ...page, messages, hasMoreAfter: page.hasMoreAfter || messages.length < page.messages.length };
}

function lastFitting(page: HistoryPage, maxBytes?: number): HistoryPage {
  const messages = fittingPage(page.messages.toReversed(), maxBytes).reverse();
  return { ...page, messages, hasMoreBefore: page.hasMoreBefore || messages.length < page.messages.length };
}

function messageOf(outcome: { message?: Message }): Message {
  if (!outcome.message) throw new Error("a change of a message came without the message");
  return outcome.message;
}

function itemOf(access: RoomAccess, message: Message) {
  return { roomId: message.roomId, messageId: message.id, userId: access.userId, fence: access.fence };
}

function factsOf(message: Message): MessageFacts {
  return { authorId: message.userId, type: message.type, isDeleted: message.deleted === true };
}
