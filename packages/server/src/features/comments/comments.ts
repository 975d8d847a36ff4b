import { hash } from "node:crypto";
import { type CommandPayload, type CommandReply, type Comment, limits, Refusal } from "@mirage/protocol";
import { fittingPage } from "../../access/answer-size.ts";
import { type DocumentAccess, type DocumentGuard, fencesOf } from "../../access/document-access.ts";
import type { DocumentReaders } from "../../access/document-readers.ts";
import { requireDocumentRight } from "../../access/document-rights.ts";
import type { CommentCause, DocumentTelling } from "../../access/document-telling.ts";
import type { Session } from "../../access/session.ts";
import type { CommentLane } from "../../hot-path/comment-lane/comment-lane.ts";
import type { CommentItem, CommentOutcome } from "../../hot-path/comment-lane/items.ts";
import { canonicalJson } from "../../lib/canonical-json.ts";
import { matchMentions, parseMentions } from "../../lib/mentions.ts";
import type { Clock } from "../../ports/clock.ts";
import { requireCommentDeletion, requireCommentEdit } from "./comments.policy.ts";
import type { CommentStore } from "./comments.store.ts";

export interface CommentsDeps {
  lane: Pick<CommentLane, "submit">;
  guard: DocumentGuard;
  readers: DocumentReaders;
  store: CommentStore;
  telling: DocumentTelling;
  clock: Clock;
  createId: () => string;
  /** Keys the hash of a body, so that what is stored beside a nonce says nothing about the text. */
  nonceSecret: string;
  /** Asks every moderator in turn. @throws Refusal `moderated`, `unavailable` */
  moderate: (draft: {
    session: Session;
    roomId: string | null;
    documentId: string;
    content: string;
    kind: "post" | "edit";
  }) => Promise<void>;
}

type Changed = { comment: Comment };
type Added = CommandPayload<"add_comment">;
type Judge = (at: { access: DocumentAccess; comment: Comment }) => Promise<CommentItem>;

/** Comments on documents: may they, and what exactly is stored and told? */
export class Comments {
  readonly #deps: CommentsDeps;

  constructor(deps: CommentsDeps) {
    this.#deps = deps;
  }

  async add(session: Session, input: Added): Promise<CommandReply<"add_comment">> {
    const { lane, createId } = this.#deps;
    const commentId = createId();
    const bodyHash = input.nonce === undefined ? undefined : this.#hashBody(input);
    const judge = () => this.#judgeAdd(session, { input, commentId, bodyHash });
    const outcome = await this.#orEarlier(session, { input, bodyHash }, () =>
      lane.submit(judge, `${session.connectionId} doc:${input.documentId}`),
    );
    if (outcome.status === "duplicate") return { comment: outcome.comment, duplicate: true };
    return { comment: commentOf(outcome) };
  }

  async edit(session: Session, { commentId, content }: CommandPayload<"edit_comment">): Promise<Changed> {
    return await this.#change(session, commentId, async ({ access, comment }) => {
      const { telling, moderate } = this.#deps;
      requireCommentEdit(session.userId, access.standing, comment);
      const { id: documentId, roomId } = access.document;
      await moderate({ session, roomId, documentId, content, kind: "edit" });
      const mentionedIds = await this.#findCallees(access, content);
      const cause = { ...causeOf(session, access), commentId, threadId: comment.threadId, content };
      const notices = await telling.ofComment({
        ...cause,
        calledIds: mentionedIds,
        participantIds: [],
        ownerId: undefined,
      });
      const withdrawal = await telling.withdrawingComment({ commentId, keptIds: mentionedIds, type: "mention" });
      return { op: "edit", ...this.#itemOf(access, comment.id, "comment"), content, mentionedIds, notices, withdrawal };
    });
  }

  async resolve(session: Session, input: CommandPayload<"resolve_comment">): Promise<Changed> {
    return await this.#change(session, input.commentId, async ({ access, comment }) => {
      requireDocumentRight(access.standing, "comment");
      return { op: "resolve", ...this.#itemOf(access, comment.threadId, "comment"), resolved: input.resolved };
    });
  }

  async delete(session: Session, commentId: string): Promise<Changed> {
    return await this.#change(session, commentId, async ({ access, comment }) => {
      requireCommentDeletion(session.userId, access.standing, comment);
      const withdrawal = await this.#deps.telling.withdrawingComment({ commentId, keptIds: [] });
      const right = comment.userId === session.userId ? "comment" : "moderate";
      return { op: "delete", ...this.#itemOf(access, comment.id, right), withdrawal };
    });
  }

  async list(session: Session, documentId: string, since?: number): Promise<CommandReply<"list_comments">> {
    const { guard, store } = this.#deps;
    await guard.require(session, documentId, "view");
    const page = await store.listSince(documentId, since);
    const comments = fittingPage(page.comments);
    const hasMore = page.hasMore || comments.length < page.comments.length;
    return { comments, seq: hasMore ? (comments.at(-1)?.seq ?? page.head) : page.head, hasMore };
  }

  async #judgeAdd(
    session: Session,
    { input, commentId, bodyHash }: { input: Added; commentId: string; bodyHash: string | undefined },
  ): Promise<CommentItem> {
    const { guard, moderate, store, telling } = this.#deps;
    const { documentId, content, threadId = commentId, anchor, quote, nonce } = input;
    const access = await guard.require(session, documentId, "comment");
    if (input.threadId !== undefined && (anchor || quote)) {
      throw new Refusal("bad_request", "An answer stands where its thread does: leave out `anchor` and `quote`");
    }
    await moderate({ session, roomId: access.document.roomId, documentId, content, kind: "post" });
    const [mentionedIds, participants] = await Promise.all([
      this.#findCallees(access, content),
      input.threadId === undefined ? [] : store.listParticipants(documentId, input.threadId),
    ]);
    const participantIds = await this.#deps.readers.listAmong(documentId, participants);
    const ownerId = input.threadId === undefined ? access.document.ownerId : undefined;
    const cause: CommentCause = {
      ...{ ...causeOf(session, access), commentId, threadId, content },
      ...{ calledIds: mentionedIds, participantIds, ownerId },
    };
    return {
      op: "add",
      ...this.#itemOf(access, commentId, "comment"),
      ...{
        username: session.username,
        content,
        threadId: input.threadId,
        anchor,
        quote,
        mentionedIds,
        nonce,
        bodyHash,
      },
      maxComments: limits.commentsPerDocument,
      notices: await telling.ofComment(cause),
    };
  }

  /** A repeat of what was stored is answered as such even where adding anew would be refused by now. */
  async #orEarlier(
    session: Session,
    { input, bodyHash }: { input: Added; bodyHash: string | undefined },
    submit: () => Promise<CommentOutcome>,
  ): Promise<CommentOutcome> {
    try {
      return await submit();
    } catch (error) {
      const isJudged = error instanceof Refusal && ["forbidden", "moderated"].includes(error.code);
      if (!isJudged || input.nonce === undefined) throw error;
      const { documentId, nonce } = input;
      const earlier = await this.#deps.store.findByNonce({ documentId, userId: session.userId, nonce });
      if (!earlier) throw error;
      return earlier.bodyHash === bodyHash
        ? { status: "duplicate", comment: earlier.comment }
        : { status: "nonce_conflict" };
    }
  }

  /** Readers of the document whom a text calls by name, the author left out. */
  async #findCallees({ document, userId }: DocumentAccess, content: string): Promise<string[]> {
    const { names } = parseMentions(content);
    if (names.length === 0) return [];
    const named = await this.#deps.readers.listNamed(document.id, names);
    return matchMentions(content, named).filter((called) => called !== userId);
  }

  #itemOf(access: DocumentAccess, commentId: string, right: "comment" | "moderate") {
    const { document, userId } = access;
    const { fence, roomFence } = fencesOf(access, right);
    const room =
      document.roomId === null || roomFence === null ? undefined : { roomId: document.roomId, fence: roomFence };
    return { documentId: document.id, commentId, userId, fence, room, notices: [], at: this.#deps.clock.now() };
  }

  async #change(session: Session, commentId: string, judge: Judge): Promise<Changed> {
    const { guard, store, lane } = this.#deps;
    const judgeNow = async (): Promise<CommentItem> => {
      const comment = await store.findComment(commentId);
      if (!comment) throw notFound();
      const access = await guard.require(session, comment.documentId, "view").catch(hideDocument);
      return await judge({ access, comment });
    };
    return { comment: commentOf(await lane.submit(judgeNow, `${session.connectionId} ${commentId}`)) };
  }

  #hashBody({ content, threadId, anchor, quote }: Added): string {
    const body = canonicalJson([content, threadId ?? null, anchor ?? null, quote ?? null]);
    return hash("sha256", `${this.#deps.nonceSecret}\n${body}`, "base64url");
  }
}

const notFound = (): Refusal => new Refusal("not_found", "Comment not found");

/** Of a document that may not be seen nothing is said, not even that it is one. */
function hideDocument(error: unknown): never {
  throw error instanceof Refusal && error.code === "not_found" ? notFound() : error;
}

function causeOf({ userId, username }: Session, { document }: DocumentAccess) {
  const { id: documentId, title: documentTitle, roomId } = document;
  return { documentId, documentTitle, roomId, author: { userId, username } };
}

const refusals = {
  not_found: ["not_found", "The thread was not found in this document"],
  // Judged again and again while rights kept changing: the caller may try once more.
  stale: ["unavailable", "The document is changing; try again"],
  nonce_conflict: ["nonce_conflict", "This nonce was used for another comment"],
  too_many: ["conflict", "This document has as many comments as it may have; delete some"],
} as const;

/** @throws Refusal for a change that was not made. */
function commentOf(outcome: CommentOutcome): Comment {
  if (outcome.status === "ok" || outcome.status === "duplicate") return outcome.comment;
  const [code, message] = refusals[outcome.status];
  throw new Refusal(code, message);
}
