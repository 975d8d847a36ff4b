import type { Member, Message, OwnRoom } from "@mirage/protocol";
import type { Change } from "../../hot-path/change.ts";

/** What a room answers when it is opened or resumed, as of `seq`. */
export interface RoomPage {
  room: OwnRoom;
  members: Member[];
  messages: Message[];
  seq: number;
  epoch: string;
  hasMore: boolean;
  reset?: boolean;
  online?: string[];
}

/** `newest`: the last messages, oldest first, without deleted ones. `since`: all that changed, by last change, tombstones included. */
export type PageKind = "newest" | "since";

/**
 * Carries a page that was read at `page.seq` on to a later position by the changes in between.
 * `userId` is whose page it is: their role goes along, null when they have lost the room meanwhile.
 */
export function carryOn(
  page: RoomPage,
  changes: readonly Change[],
  options: { kind: PageKind; to: number; userId: string },
): RoomPage {
  let carried: RoomPage = { ...page, seq: options.to, room: { ...page.room, seq: options.to } };
  for (const change of changes) {
    if (change.event === "chat_message" || change.event === "message_updated") {
      const { from: _, ...message } = change.payload;
      carried = { ...carried, messages: withMessage(carried.messages, message, { ...options, readAt: page.seq }) };
    } else if (change.event === "member_updated") {
      const { users, memberCount } = change.payload;
      const own = users.find((user) => user.userId === options.userId);
      carried = {
        ...carried,
        room: { ...carried.room, memberCount, ...(own ? { role: own.role } : {}) },
        members: withMembers(carried.members, users, options.kind),
      };
    } else if (change.event === "room_updated") {
      carried = { ...carried, room: { ...carried.room, ...change.payload.room } };
    }
  }
  return carried;
}

function withMessage(
  messages: readonly Message[],
  message: Message,
  { kind, readAt }: { kind: PageKind; readAt: number },
): Message[] {
  const others = messages.filter((other) => other.id !== message.id);
  if (kind === "since") return [...others, message];
  if (message.deleted) return others;
  if (others.length < messages.length) return messages.map((other) => (other.id === message.id ? message : other));
  // Not on the page and made before it was read: it is older than the page.
  return message.seq > readAt ? [...messages, message].sort((a, b) => a.seq - b.seq) : [...messages];
}

type Changed = Omit<Member, "status">;

function withMembers(members: readonly Member[], changed: readonly Changed[], kind: PageKind): Member[] {
  const byId = new Map(members.map((member) => [member.userId, member]));
  for (const user of changed) {
    const status = byId.get(user.userId)?.status ?? "online";
    if (user.role === null && kind === "newest") byId.delete(user.userId);
    else byId.set(user.userId, { ...user, status: user.role === null ? "offline" : status });
  }
  return [...byId.values()];
}

/**
 * Keeps what fits into an answer. Of what changed since a position the first changes stay, and `seq` says where to go on
 * from; of a newest page the last messages stay, and the older ones are history like any other.
 */
export function boundPage(page: RoomPage, kind: PageKind, maxBytes: number): RoomPage {
  let bytes = Buffer.byteLength(JSON.stringify({ ...page, messages: [] }));
  const fitting: Message[] = [];
  const inOrder = kind === "since" ? page.messages : page.messages.toReversed();
  for (const message of inOrder) {
    bytes += Buffer.byteLength(JSON.stringify(message)) + 1;
    // The first one always goes, so that every answer leads on.
    if (bytes > maxBytes && fitting.length > 0) break;
    fitting.push(message);
  }
  if (fitting.length === page.messages.length) return page;
  if (kind === "newest") return { ...page, messages: fitting.reverse(), hasMore: true };
  const seq = fitting.at(-1)?.updatedSeq ?? page.seq;
  return { ...page, messages: fitting, seq, hasMore: true, room: { ...page.room, seq } };
}
