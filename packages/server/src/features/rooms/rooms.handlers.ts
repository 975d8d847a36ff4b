import { Refusal } from "@mirage/protocol";
import type { Context, Handlers, Session } from "../../access/session.ts";
import type { Topics } from "../../hot-path/topics.ts";
import type { Members } from "./members.ts";
import type { Opening } from "./opening.ts";
import type { RoomPage } from "./room-page.ts";
import type { Rooms } from "./rooms.ts";

type Own =
  | "join_room"
  | "leave_room"
  | "resume"
  | "create_room"
  | "list_rooms"
  | "list_members"
  | "add_member"
  | "remove_member"
  | "set_role"
  | "create_invite"
  | "accept_invite"
  | "open_direct"
  | "update_room"
  | "archive_room";

interface Parts {
  rooms: Rooms;
  members: Members;
  opening: Opening;
  topics: Topics;
  /** With chat switched off a resume carries the person's own stream alone. */
  hasChat: boolean;
  /** A connection has closed a room. */
  onClosed: (session: Session, roomId: string) => void;
}

/** What each command about rooms does. */
export function createRoomHandlers({ rooms, members, opening, topics, hasChat, onClosed }: Parts): Pick<Handlers, Own> {
  return {
    join_room: async (context, input) => {
      await opening.join(context.session, input, (page) =>
        answerJoin(context, topics, { page, hasSince: input.since != null }),
      );
      return undefined;
    },
    leave_room: async ({ session }, { roomId }) => {
      await opening.leave(session, roomId);
      onClosed(session, roomId);
      return {};
    },
    resume: async ({ session, answer }, input) => {
      if (!hasChat && input.rooms.length > 0) throw new Refusal("disabled", "Feature is disabled");
      await opening.resume(session, input, answer);
      return undefined;
    },
    create_room: ({ session }, input) => rooms.create(session, input),
    list_rooms: ({ session }, input) => rooms.list(session, input),
    list_members: ({ session }, input) => rooms.listMembers(session, input),
    add_member: ({ session }, input) => members.add(session, input),
    remove_member: ({ session }, input) => members.remove(session, input),
    set_role: ({ session }, input) => members.setRole(session, input),
    create_invite: ({ session }, input) => members.createInvite(session, input),
    accept_invite: ({ session }, { code }) => members.acceptInvite(session, code),
    open_direct: ({ session }, input) => members.openDirect(session, input),
    update_room: ({ session }, input) => rooms.update(session, input),
    archive_room: ({ session }, { roomId }) => rooms.archive(session, roomId),
  };
}

/** The acknowledgement and `joined_room`; for older clients that ask for no acknowledgement the page as an event. */
function answerJoin(
  { answer, wantsAck, session }: Context<"join_room">,
  topics: Topics,
  { page, hasSince }: { page: RoomPage; hasSince: boolean },
): void {
  const { seq, epoch, messages, hasMore, room } = page;
  answer(page);
  topics.send(session.connectionId, "joined_room", { roomId: room.id, seq, epoch });
  if (!wantsAck && !hasSince) {
    topics.send(session.connectionId, "recent_messages", { roomId: room.id, messages, seq, hasMore });
  }
}
