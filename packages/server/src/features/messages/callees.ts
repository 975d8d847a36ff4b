import { limits, type Message } from "@mirage/protocol";
import type { PresenceView } from "../../access/presence-view.ts";
import type { RoomAccess } from "../../access/room-access.ts";
import type { Session } from "../../access/session.ts";
import type { MentionNotice, Notify } from "../../hot-path/chat-lane/items.ts";
import { matchMentions, parseMentions } from "./mentions.ts";
import { grantedCalls } from "./messages.policy.ts";
import type { MessageStore } from "./messages.store.ts";

export interface CalleesDeps {
  store: MessageStore;
  presence: PresenceView;
  createId: () => string;
}

/** Whom a message calls, and what they are told. */
export interface Callees {
  mentions: Message["mentions"];
  notify: Notify[];
  notice: MentionNotice | undefined;
}

/** People whom one `@everyone` tells in the commit of the message itself; it counts as a mention for all. */
const maxToldAtOnce = 500;

/** Resolves `@name`, `@everyone` and `@here` to members of the room; the author is never told. */
export async function findCallees(
  deps: CalleesDeps,
  call: { session: Session; access: RoomAccess; messageId: string; content: string },
): Promise<Callees> {
  const { session, access, content } = call;
  const parsed = parseMentions(content);
  const calls = grantedCalls(access.standing, parsed);
  if (parsed.names.length === 0 && !calls.everyone && !calls.here) {
    return { mentions: undefined, notify: [], notice: undefined };
  }
  const roomId = access.room.id;
  const named = parsed.names.length > 0 ? await deps.store.listNamed(roomId, parsed.names) : [];
  const mentioned = matchMentions(content, named).slice(0, limits.mentionsPerMessage);
  const told = new Set(mentioned);
  if (calls.everyone || calls.here) {
    for (const userId of await deps.store.listMemberIds(roomId, maxToldAtOnce)) {
      if (calls.everyone || deps.presence.statusOf(userId) !== "offline") told.add(userId);
    }
  }
  told.delete(session.userId);
  // Who is called by `@here` is counted like someone named: nobody knows later who was there.
  const users = calls.here && !calls.everyone ? [...told] : mentioned.filter((userId) => userId !== session.userId);
  if (users.length === 0 && !calls.everyone && !calls.here)
    return { mentions: undefined, notify: [], notice: undefined };
  return {
    mentions: { users, ...(calls.everyone ? { everyone: true } : {}), ...(calls.here ? { here: true } : {}) },
    notify: [...told].map((userId) => ({ userId, notificationId: deps.createId() })),
    notice: noticeOf(call),
  };
}

function noticeOf(call: { session: Session; access: RoomAccess; messageId: string; content: string }): MentionNotice {
  const { session, access, messageId, content } = call;
  return {
    roomId: access.room.id,
    messageId,
    mentionedBy: session.username,
    mentionedById: session.userId,
    content: [...content].slice(0, limits.mentionExcerptCodePoints).join(""),
    title: `${session.username} mentioned you in ${access.room.name}`,
  };
}
