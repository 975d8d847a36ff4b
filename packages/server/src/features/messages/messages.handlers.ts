import { limits } from "@mirage/protocol";
import type { PresenceView } from "../../access/presence-view.ts";
import type { RoomGuard } from "../../access/room-access.ts";
import type { Context, Handlers, Session } from "../../access/session.ts";
import type { HotPath } from "../../hot-path/hot-path.ts";
import type { Messages } from "./messages.ts";
import type { ReadMarkers } from "./read-markers.ts";
import type { MessageSearch } from "./search.ts";
import type { TypingRelay } from "./typing-relay.ts";

type Own =
  | "chat_message"
  | "edit_message"
  | "delete_message"
  | "add_reaction"
  | "remove_reaction"
  | "pin_message"
  | "unpin_message"
  | "get_messages"
  | "search_messages"
  | "typing_start"
  | "typing_stop"
  | "mark_read";

interface Parts {
  messages: Messages;
  search: MessageSearch;
  markers: ReadMarkers;
  typing: TypingRelay;
  guard: RoomGuard;
  hotPath: HotPath;
  presence: PresenceView;
}

/** What each command about messages does. */
export function createMessageHandlers({
  messages,
  search,
  markers,
  typing,
  guard,
  hotPath,
  presence,
}: Parts): Pick<Handlers, Own> {
  const start = async ({ session }: { session: Session }, input: { roomId: string; threadId?: string | undefined }) => {
    const { userId, username, connectionId } = session;
    // Whoever types right after opening a room is a member of it only when that has been done.
    const pair = `${connectionId} ${input.roomId}`;
    const { room } = await hotPath.hold(pair, () => guard.require(session, input.roomId, "typing"));
    if (presence.isInvisible(userId)) return {};
    typing.start({ ...input, userId, username, connectionId, isCrowd: room.memberCount > limits.crowdMembers });
    return {};
  };
  const stop = async ({ session }: Pick<Context<"typing_stop">, "session">, { roomId }: { roomId: string }) => {
    await guard.require(session, roomId, "typing");
    typing.stop(roomId, session.userId);
    return {};
  };
  return {
    chat_message: ({ session }, input) => messages.post(session, input),
    edit_message: ({ session }, input) => messages.edit(session, input),
    delete_message: ({ session }, { messageId }) => messages.delete(session, messageId),
    add_reaction: ({ session }, input) => messages.react(session, { ...input, on: true }),
    remove_reaction: ({ session }, input) => messages.react(session, { ...input, on: false }),
    pin_message: ({ session }, { messageId }) => messages.pin(session, { messageId, on: true }),
    unpin_message: ({ session }, { messageId }) => messages.pin(session, { messageId, on: false }),
    get_messages: ({ session }, page) => messages.history(session, page),
    search_messages: ({ session }, input) => search.search(session, input),
    typing_start: start,
    typing_stop: stop,
    mark_read: ({ session }, { roomId, seq }) => markers.mark(session, roomId, seq),
  };
}
