import { type CommandReply, type Message, Refusal, type Trigger } from "@mirage/protocol";
import { can } from "../../access/rights.ts";
import type { RoomAccess, RoomGuard } from "../../access/room-access.ts";
import type { Session } from "../../access/session.ts";
import { messageCause } from "../../hot-path/chat-lane/notices.ts";
import type { NotificationStore } from "./notifications.store.ts";
import { roomFacts, type Teller } from "./teller.ts";
import { type Decision, undecided } from "./who-is-told.ts";

export interface ExplainDeps {
  guard: RoomGuard;
  store: NotificationStore;
  teller: Teller;
}

type Reply = CommandReply<"explain_notification">;

/** Says why the caller was or was not told of a message, by the very rules that decide it. */
export async function explain(deps: ExplainDeps, session: Session, messageId: string): Promise<Reply> {
  const { guard, store } = deps;
  const found = await store.findMessage(messageId);
  const access = found && (await guard.find(session, found.message.roomId));
  if (!access || can("read", access.standing) !== "yes") throw new Refusal("not_found", "Message not found");
  const [record, decision] = await Promise.all([
    store.findByCause(session.userId, messageCause(messageId)),
    decideNow(deps, { access, ...found }),
  ]);
  return {
    messageId,
    ...(record ? { notificationId: record.id } : {}),
    trigger: decision.trigger ?? null,
    channels: decision.channels,
  };
}

async function decideNow(
  { store, teller }: ExplainDeps,
  facts: { access: RoomAccess; message: Message; repliedToId: string | undefined },
): Promise<Decision> {
  const { access, message } = facts;
  const { userId, room } = access;
  if (message.deleted) return undecided(["deleted"]);
  if (message.userId === userId) return undecided(["own_message"]);
  const triggers = triggersOf(facts);
  if (triggers.length === 0) return undecided(["not_called"]);
  const [row] = await store.listRecipients([userId], "message", room.id);
  if (!row) throw new Error("a recipient was not read back");
  return teller.decideFor({ ...row, triggers }, { room: roomFacts(room), isUrgent: false, isTrial: true });
}

/** Everybody in a room is concerned by its messages; whether that is enough is for the level of the room to say. */
function triggersOf(facts: { access: RoomAccess; message: Message; repliedToId: string | undefined }): Trigger[] {
  const { access, message, repliedToId } = facts;
  if (access.role === null) return [];
  const isCalled = message.mentions?.everyone === true || message.mentions?.users.includes(access.userId) === true;
  return [
    ...(isCalled ? (["mention"] as const) : []),
    ...(repliedToId === access.userId ? (["reply"] as const) : []),
    "message",
  ];
}
