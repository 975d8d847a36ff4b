import type { RoomGuard } from "./access/room-access.ts";
import type { TypingRelay } from "./features/messages/typing-relay.ts";
import type { Presence } from "./features/presence/presence.ts";
import type { Occupancy } from "./features/rooms/occupancy.ts";
import type { Change } from "./hot-path/change.ts";
import { mentionOf } from "./hot-path/chat-lane/notification-rows.ts";
import type { EncodedPayload } from "./hot-path/payload.ts";
import type { Topics } from "./hot-path/topics.ts";

export interface AfterCommitDeps {
  topics: Topics;
  guard: RoomGuard;
  typing: () => TypingRelay;
  occupancy: () => Occupancy;
  presence: () => Presence;
  documents: () => DocumentsAfterCommit | undefined;
}

/** What documents make of changes, their own and those of rooms. */
export interface DocumentsAfterCommit {
  followRights(change: Change): void;
  deliver(change: Change): void;
}

/** What happens because something happened: here features meet that know nothing of each other. */
export function createAfterCommit(deps: AfterCommitDeps) {
  return {
    /** This node has committed; nobody has been told. */
    onCommitted(changes: readonly Change[]): void {
      for (const change of changes) {
        forgetRights(deps.guard, change);
        deps.documents()?.followRights(change);
      }
    },
    /** Hands a change to this node's listeners, whoever committed it. Who lost their right goes before it is sent. */
    deliver(change: Change, payload: EncodedPayload): void {
      const { topics, typing, occupancy } = deps;
      forgetRights(deps.guard, change);
      deps.documents()?.followRights(change);
      if (change.stream.startsWith("doc:")) {
        deliverDocument(deps, change, payload);
        return;
      }
      if (change.event === "member_updated") occupancy().resize(change.payload.roomId, change.payload.memberCount);
      followMembers(deps.presence(), change);
      if (change.event === "chat_message") typing().stop(change.payload.roomId, change.payload.userId);
      for (const userId of change.evicts ?? []) evict(deps, change, userId);
      const mention = change.event === "notification" ? mentionOf(change.payload) : undefined;
      if (mention) topics.publish(change.stream, "mention", JSON.stringify(mention));
      topics.publish(change.stream, change.event, payload);
    },
  };
}

/** Whoever sent an update has it. */
function deliverDocument({ topics, documents }: AfterCommitDeps, change: Change, payload: EncodedPayload): void {
  documents()?.deliver(change);
  const { stream, event, sentBy } = change;
  if (sentBy === undefined) topics.publish(stream, event, payload);
  else topics.relay(stream, event, { payload, exceptConnectionId: sentBy });
}

/** A person's own stream says which rooms they are in: whoever is here listens to it. */
function followMembers(presence: Presence, change: Change): void {
  if (change.event === "room_added") presence.roomAdded(change.stream.slice("user:".length), change.payload.room);
  if (change.event === "room_removed") presence.roomRemoved(change.stream.slice("user:".length), change.payload.roomId);
  if (change.event !== "member_updated") return;
  presence.roomResized(change.payload.roomId, change.payload.memberCount);
  for (const { userId, username } of change.payload.users) presence.renamed(userId, username);
}

function forgetRights(guard: RoomGuard, change: Change): void {
  if (change.event === "room_updated") guard.forget(change.payload.room.id);
  if (change.event !== "member_updated") return;
  const { roomId, users } = change.payload;
  // Losing a right raises the fence of the whole room, so what is remembered of anyone's is old.
  if (change.evicts?.length) guard.forget(roomId);
  else
    guard.forget(
      roomId,
      users.map((user) => user.userId),
    );
}

function evict({ topics, typing, occupancy }: AfterCommitDeps, { stream }: Change, userId: string): void {
  const roomId = stream.slice("room:".length);
  typing().stop(roomId, userId);
  for (const connectionId of topics.evict(stream, userId)) occupancy().leave(roomId, userId, connectionId);
}
