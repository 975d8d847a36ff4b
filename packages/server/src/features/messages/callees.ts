import { limits, type Message } from "@mirage/protocol";
import type { PresenceView } from "../../access/presence-view.ts";
import type { RoomAccess } from "../../access/room-access.ts";
import type { Session } from "../../access/session.ts";
import { matchMentions, parseMentions } from "./mentions.ts";
import { grantedCalls } from "./messages.policy.ts";
import type { MessageStore } from "./messages.store.ts";

export interface CalleesDeps {
  store: MessageStore;
  presence: PresenceView;
}

/** Whom a message calls. */
export interface Callees {
  mentions: Message["mentions"];
  /** Everybody whom it calls, by name or with all others; never the author. */
  calledIds: readonly string[];
  /** It calls everybody, and there are so many that they are told after the commit and not in it. */
  callsCrowd: boolean;
}

/** People who are looked through for those whom `@here` calls; a crowd that `@everyone` calls is not told here. */
const maxLookedAt = 500;

const nobody: Callees = { mentions: undefined, calledIds: [], callsCrowd: false };

/** Resolves `@name`, `@everyone` and `@here` to members of the room; the author is never told. */
export async function findCallees(
  deps: CalleesDeps,
  call: { session: Session; access: RoomAccess; content: string },
): Promise<Callees> {
  const { session, access, content } = call;
  const parsed = parseMentions(content);
  const calls = grantedCalls(access.standing, parsed);
  if (parsed.names.length === 0 && !calls.everyone && !calls.here) return nobody;
  const roomId = access.room.id;
  const named = parsed.names.length > 0 ? await deps.store.listNamed(roomId, parsed.names) : [];
  const mentioned = matchMentions(content, named).slice(0, limits.mentionsPerMessage);
  const called = new Set(mentioned);
  // Counted here and not taken from the ticket, which may be older than people who have just come.
  const members = calls.everyone || calls.here ? await deps.store.listMemberIds(roomId, maxLookedAt) : [];
  const callsCrowd = calls.everyone && members.length > limits.crowdMembers;
  for (const userId of callsCrowd ? [] : members) {
    if (calls.everyone || deps.presence.statusOf(userId) !== "offline") called.add(userId);
  }
  called.delete(session.userId);
  // Who is called by `@here` is counted like someone named: nobody knows later who was there.
  const users = calls.here && !calls.everyone ? [...called] : mentioned.filter((userId) => userId !== session.userId);
  if (users.length === 0 && !calls.everyone && !calls.here) return nobody;
  return {
    mentions: { users, ...(calls.everyone ? { everyone: true } : {}), ...(calls.here ? { here: true } : {}) },
    calledIds: [...called],
    callsCrowd,
  };
}
