import { limits, type Message } from "@mirage/protocol";
import type { PresenceView } from "../../access/presence-view.ts";
import type { RoomAccess } from "../../access/room-access.ts";
import type { Session } from "../../access/session.ts";
import { matchMentions, parseMentions } from "../../lib/mentions.ts";
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

/** People whom one `@here` calls at most: a message carries the ids of all of them. */
const maxCalledHere = 500;

const nobody: Callees = { mentions: undefined, calledIds: [], callsCrowd: false };

/**
 * Resolves `@name`, `@everyone` and `@here` to members of the room; the author is never told. `earlier`: whom the message
 * called before an edit. Its `@here` stays with those who were here when it was said.
 */
export async function findCallees(
  deps: CalleesDeps,
  call: { session: Session; access: RoomAccess; content: string; earlier?: Message["mentions"] },
): Promise<Callees> {
  const { session, access, content, earlier } = call;
  const parsed = parseMentions(content);
  const calls = grantedCalls(access.standing, parsed);
  if (parsed.names.length === 0 && !calls.everyone && !calls.here) return nobody;
  const roomId = access.room.id;
  const named = parsed.names.length > 0 ? await deps.store.listNamed(roomId, parsed.names) : [];
  const mentioned = matchMentions(content, named).slice(0, limits.mentionsPerMessage);
  const called = new Set(mentioned);
  // Counted here and not taken from the ticket, which may be older than people who have just come.
  const members = calls.everyone ? await deps.store.listMemberIds(roomId, limits.crowdMembers + 1) : [];
  const callsCrowd = members.length > limits.crowdMembers;
  for (const userId of callsCrowd ? [] : members) called.add(userId);
  if (calls.here && !calls.everyone) {
    const here = earlier?.here ? earlier.users : deps.presence.listHere(roomId).slice(0, maxCalledHere);
    for (const userId of await deps.store.filterMembers(roomId, here)) called.add(userId);
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
