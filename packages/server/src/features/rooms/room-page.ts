import { limits, type Member, type Message, type OwnRoom, type Role, type Room, roles } from "@mirage/protocol";
import { countFitting, jsonBytesOf } from "../../access/answer-size.ts";
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

/** A member as stored; whether they are online is for who answers to say. */
export type StoredMember = Omit<Member, "status">;

/** A room's newest messages, oldest first, without deleted ones, and its first members: the same for everyone. */
export interface RoomContent {
  seq: number;
  messages: readonly Message[];
  /** There are older messages. */
  hasMore: boolean;
  members: readonly StoredMember[];
  /** Something has gone from it whose place is taken by what only the database has. */
  isShort: boolean;
}

/** Carries what was read at `content.seq` on to a later position by the changes in between. */
export function carryContent(content: RoomContent, changes: readonly Change[], to: number): RoomContent {
  let carried = content;
  for (const change of changes) {
    if (change.event === "chat_message" || change.event === "message_updated") {
      carried = withMessage(carried, messageOf(change.payload), content.seq);
    } else if (change.event === "member_updated") carried = withMembers(carried, change.payload.users);
  }
  return carried.seq === to ? carried : { ...carried, seq: to };
}

function withMessage(content: RoomContent, message: Message, readAt: number): RoomContent {
  const { messages } = content;
  const known = messages.findIndex(({ id }) => id === message.id);
  if (known >= 0) {
    if (!message.deleted) return { ...content, messages: messages.with(known, message) };
    return { ...content, messages: messages.toSpliced(known, 1), isShort: content.isShort || content.hasMore };
  }
  // Not among the newest and made before they were read: it is older than they are.
  if (message.deleted || message.seq <= readAt) return content;
  const grown = [...messages, message].sort((a, b) => a.seq - b.seq);
  const hasMore = content.hasMore || grown.length > limits.pageMessages;
  return { ...content, messages: grown.slice(-limits.pageMessages), hasMore };
}

function withMembers(content: RoomContent, changed: readonly StoredMember[]): RoomContent {
  const byId = new Map(content.members.map((member) => [member.userId, member]));
  const isCut = content.members.length >= limits.pageMembers;
  // Of those who are not listed somebody may come before one whose rank has changed.
  const isShort = content.isShort || (isCut && changed.some(({ userId }) => byId.has(userId)));
  for (const user of changed) {
    if (user.role === null) byId.delete(user.userId);
    else byId.set(user.userId, user);
  }
  const members = [...byId.values()].sort(byRankAndName).slice(0, limits.pageMembers);
  return { ...content, members, isShort };
}

function byRankAndName(a: StoredMember, b: StoredMember): number {
  return rankOf(b) - rankOf(a) || compare(a.username.toLowerCase(), b.username.toLowerCase());
}

const rankOf = ({ role }: StoredMember): number => (role === null ? -1 : roles.indexOf(role));
const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);

/** Carries the room, and how one person stands to it, on by what has changed: `role` null once they have lost it. */
export function carryStanding(
  standing: { room: Room; role: Role | null },
  changes: readonly Change[],
  userId: string,
): { room: Room; role: Role | null } {
  let { room, role } = standing;
  for (const change of changes) {
    if (change.event === "room_updated") room = change.payload.room;
    if (change.event !== "member_updated") continue;
    const { users, memberCount } = change.payload;
    room = { ...room, memberCount };
    const own = users.find((user) => user.userId === userId);
    if (own) role = own.role;
  }
  return { room, role };
}

/** What changed after a position: messages by last change, tombstones included, and members, `role` null for who left. */
export interface Changed {
  messages: Message[];
  members: StoredMember[];
  /** Everything up to here is in it. */
  seq: number;
}

/** Collects the first changes that fit into so many bytes, the first one always; with all of them `seq` is `to`. */
export function collectChanged(
  changes: readonly Change[],
  { to, maxBytes }: { to: number; maxBytes: number },
): Changed {
  const messages: Message[] = [];
  const members = new Map<string, StoredMember>();
  let spare = maxBytes;
  let seq: number | undefined;
  for (const change of changes) {
    spare -= answerBytesOf(change);
    if (spare < 0 && seq !== undefined) return { messages, members: [...members.values()], seq };
    if (change.event === "chat_message" || change.event === "message_updated") messages.push(messageOf(change.payload));
    else if (change.event === "member_updated") for (const user of change.payload.users) members.set(user.userId, user);
    seq = change.position;
  }
  return { messages, members: [...members.values()], seq: to };
}

/**
 * Of a newest page that does not fit the last messages stay: the older ones are history like any other. Of its members
 * the first stay, in half of the bytes: the others are on their own list.
 */
export function boundNewest(page: RoomPage, maxBytes: number): RoomPage {
  if (bytesOfPage(page) <= maxBytes) return page;
  const count = countFitting(page.members, maxBytes / 2);
  const bounded = { ...page, members: page.members.slice(0, count), messages: [] };
  const spare = maxBytes - bytesOfPage(bounded);
  // The last one always goes.
  const kept = Math.max(1, countFitting(page.messages.toReversed(), spare));
  const messages = page.messages.slice(-kept);
  return { ...bounded, messages, hasMore: page.hasMore || messages.length < page.messages.length };
}

/** Bytes of a page in an answer. */
export function bytesOfPage(page: RoomPage): number {
  const rest = Buffer.byteLength(JSON.stringify({ ...page, messages: [] }));
  return page.messages.reduce((bytes, message) => bytes + jsonBytesOf(message) + 1, rest);
}

/** A person's status, which is not stored. */
const statusBytes = 24;

/** At most so many bytes of an answer tell of a change; of a change of the room none, since every page says how it is. */
export function answerBytesOf({ event, payload }: Change): number {
  if (event === "room_updated") return 0;
  return jsonBytesOf(payload) + (event === "member_updated" ? payload.users.length * statusBytes : 1);
}

/** A message without what belongs to the event that told of it. */
function messageOf(payload: Message & { from?: number | undefined }): Message {
  // The same object where it can be, since it is measured once.
  if (payload.from === undefined) return payload;
  const { from: _, ...message } = payload;
  return message;
}
