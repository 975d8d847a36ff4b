import { type CommandPayload, type CommandReply, type Message, Refusal } from "@mirage/protocol";
import type { DocumentGuard } from "../../access/document-access.ts";
import { toPreferences } from "../../access/preferences.ts";
import { can } from "../../access/rights.ts";
import type { RoomAccess, RoomGuard } from "../../access/room-access.ts";
import type { Session } from "../../access/session.ts";
import { commentCause, messageCause } from "../../hot-path/chat-lane/notices.ts";
import { hasKeyword } from "../../lib/keywords.ts";
import { commentTriggers, documentFacts } from "./document-teller.ts";
import type { NotificationStore } from "./notifications.store.ts";
import { roomFacts, type Teller } from "./teller.ts";
import { type Concern, type Decision, undecided } from "./who-is-told.ts";

export interface ExplainDeps {
  guard: RoomGuard;
  documentGuard: DocumentGuard;
  store: NotificationStore;
  teller: Teller;
}

type Reply = CommandReply<"explain_notification">;

/** Says why the caller was or was not told of a message or a comment, by the very rules that decide it. */
export async function explain(
  deps: ExplainDeps,
  session: Session,
  { messageId, commentId }: CommandPayload<"explain_notification">,
): Promise<Reply> {
  if (commentId !== undefined) return await explainComment(deps, session, commentId);
  if (messageId !== undefined) return await explainMessage(deps, session, messageId);
  throw new Error("neither a message nor a comment is to be explained");
}

async function explainMessage(deps: ExplainDeps, session: Session, messageId: string): Promise<Reply> {
  const { guard, store } = deps;
  const found = await store.findMessage(messageId);
  const access = found && (await guard.find(session, found.message.roomId));
  if (!access || can("read", access.standing) !== "yes") throw new Refusal("not_found", "Message not found");
  const [record, decision] = await Promise.all([
    store.findByCause(session.userId, messageCause(messageId)),
    decideNow(deps, { access, ...found }),
  ]);
  return { messageId, ...answerOf(record, decision) };
}

async function explainComment(deps: ExplainDeps, session: Session, commentId: string): Promise<Reply> {
  const { documentGuard, store, teller } = deps;
  const { userId } = session;
  const comment = await store.findComment(commentId);
  if (!comment) throw noComment();
  await documentGuard.require(session, comment.documentId, "view").catch((error: unknown) => {
    throw error instanceof Refusal && error.code === "not_found" ? noComment() : error;
  });
  const record = await store.findByCause(userId, commentCause(commentId));
  if (comment.isDeleted) return { commentId, ...answerOf(record, undecided(["deleted"])) };
  if (comment.author.userId === userId) return { commentId, ...answerOf(record, undecided(["own_message"])) };
  const triggers = commentTriggers(comment).get(userId) ?? [];
  const [row] = await store.listRecipients([userId], "document", comment.roomId);
  if (!row) throw new Error("a recipient was not read back");
  const decision = teller.decideFor({ ...row, triggers }, { room: documentFacts, isUrgent: false, isTrial: true });
  return { commentId, ...answerOf(record, decision) };
}

const noComment = (): Refusal => new Refusal("not_found", "Comment not found");

function answerOf(
  record: { notification: { id: string } } | undefined,
  { trigger, channels }: Decision,
): Pick<Reply, "notificationId" | "trigger" | "channels"> {
  return { ...(record ? { notificationId: record.notification.id } : {}), trigger: trigger ?? null, channels };
}

async function decideNow(
  { store, teller }: ExplainDeps,
  facts: { access: RoomAccess; message: Message; repliedToId: string | undefined },
): Promise<Decision> {
  const { access, message } = facts;
  const { userId, room } = access;
  if (message.deleted) return undecided(["deleted"]);
  if (message.userId === userId) return undecided(["own_message"]);
  if (access.role === null) return undecided(["not_called"]);
  const [row] = await store.listRecipients([userId], "message", room.id);
  if (!row) throw new Error("a recipient was not read back");
  const triggers = concernsOf(facts, toPreferences(row.overrides).keywords);
  return teller.decideFor({ ...row, triggers }, { room: roomFacts(room), isUrgent: false, isTrial: true });
}

/** Everybody in a room is concerned by its messages; whether that is enough is for the level of the room to say. */
function concernsOf(
  facts: { access: RoomAccess; message: Message; repliedToId: string | undefined },
  keywords: readonly string[],
): Concern[] {
  const { access, message, repliedToId } = facts;
  const isCalled = message.mentions?.everyone === true || message.mentions?.users.includes(access.userId) === true;
  return [
    ...(isCalled ? (["mention"] as const) : []),
    ...(repliedToId === access.userId ? (["reply"] as const) : []),
    ...(hasKeyword(message.content, keywords) ? (["keyword"] as const) : []),
    "message",
  ];
}
