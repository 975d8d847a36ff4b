import { limits } from "@mirage/protocol";
import type { Random } from "../../faults/random.ts";
import type { Change } from "../../packages/server/src/hot-path/change.ts";
import type { ChatItem } from "../../packages/server/src/hot-path/chat-lane/items.ts";
import type { Topic } from "../../packages/server/src/hot-path/topics.ts";
import type { CommitOrder } from "./orders.ts";

/** A message that people may change: one that is stored and not deleted. */
interface Known {
  messageId: string;
  roomId: string;
  authorId: string;
  isPinned: boolean;
  reactions: Set<string>;
}

interface Room {
  roomId: string;
  memberIds: readonly string[];
}

/** The newest messages of all rooms together; people seldom change what is older. */
const maxKnown = 5_000;
const emoji = ["👍", "🎉", "❤️"] as const;
const maxEmoji = limits.reactionsPerMessage;
const withdrawal = { cause: "none", userIds: [] };
const nobody = { mentions: undefined, notices: [] };
const fence = 0;

/** What people in many rooms do, as the road of a message is given it: each item changes something. */
export class MixedChanges {
  readonly #order: CommitOrder;
  readonly #random: Random;
  readonly userIds: readonly string[];
  readonly #rooms: readonly Room[];
  readonly #known: Known[] = [];
  readonly #posting = new Map<string, Known>();
  readonly #heads = new Map<Topic, number>();
  #postCount = 0;
  #changeCount = 0;

  constructor(order: CommitOrder, random: Random) {
    this.#order = order;
    this.#random = random;
    const { rooms, membersPerRoom, users } = order;
    this.userIds = Array.from({ length: users }, (_, user) => `user-${user}`);
    const memberOf = (room: number, seat: number) => this.userIds[(room * membersPerRoom + seat) % users] ?? "";
    this.#rooms = Array.from({ length: rooms }, (_, room) => ({
      roomId: `room-${room}`,
      memberIds: Array.from({ length: membersPerRoom }, (_, seat) => memberOf(room, seat)),
    }));
  }

  /** What makes the rooms, with their members. */
  createRooms(): ChatItem[] {
    return this.#rooms.map(({ roomId, memberIds: [owner = "", ...others] }) => {
      const members = others.map((userId) => ({ userId, role: "member" }) as const);
      const people = [{ userId: owner, role: "owner" } as const, ...members];
      const about = { name: roomId, type: "public", description: undefined, directKey: undefined };
      return { op: "create", roomId, userId: owner, ...about, people, notices: [], at: Date.now() };
    });
  }

  /** Of a hundred: 60 messages, 15 reactions, 10 edits, 10 marks, 3 deletions, 2 pins. Messages alone until there are any. */
  next(): ChatItem {
    const dice = this.#random.next();
    if (dice < 0.1) return this.#mark();
    if (dice < 0.7 || this.#known.length === 0) return this.#send();
    const at = Math.floor(this.#random.next() * this.#known.length);
    const known = this.#known[at];
    if (!known) throw new Error("there is no message to change");
    if (dice < 0.85) return this.#react(known);
    if (dice < 0.95) return this.#edit(known);
    if (dice < 0.97) return this.#pin(known);
    // Its place is taken by the last one.
    const last = this.#known.pop();
    if (last && last !== known) this.#known[at] = last;
    return { op: "delete", ...baseOf(known), withdrawal, userId: known.authorId, at: Date.now() };
  }

  /** What was posted may be changed from now on, and marked as read. */
  learn(changes: readonly Change[]): void {
    for (const { stream, position } of changes) this.#heads.set(stream, position);
    for (const known of this.#posting.values()) {
      if (this.#known.length < maxKnown) this.#known.push(known);
      else this.#known[Math.floor(this.#random.next() * maxKnown)] = known;
    }
    this.#posting.clear();
  }

  #send(): ChatItem {
    const { roomId, memberIds } = this.#random.pick(this.#rooms);
    const messageId = `message-${++this.#postCount}`;
    const userId = this.#random.pick(memberIds);
    const known = {
      messageId,
      roomId,
      authorId: userId,
      isPinned: false,
      reactions: new Set<string>(),
    };
    this.#posting.set(messageId, known);
    return {
      op: "send",
      ...baseOf(known),
      ...nobody,
      userId,
      username: userId,
      type: "text",
      content: `message ${this.#postCount} ${"x".repeat(this.#order.contentBytes)}`,
      metadata: {},
      nonce: messageId,
      bodyHash: "h".repeat(43),
      replyTo: undefined,
      threadId: undefined,
      at: Date.now(),
    };
  }

  #edit(known: Known): ChatItem {
    const content = `edited ${++this.#changeCount} ${"x".repeat(this.#order.contentBytes)}`;
    return {
      op: "edit",
      ...baseOf(known),
      ...nobody,
      userId: known.authorId,
      content,
      unmentioned: [],
      withdrawal,
      at: Date.now(),
    };
  }

  #react(known: Known): ChatItem {
    const userId = this.#random.pick(this.userIds);
    const reaction = { userId, emoji: this.#random.pick(emoji) };
    const key = `${userId} ${reaction.emoji}`;
    const on = !known.reactions.delete(key);
    if (on) known.reactions.add(key);
    return { op: "react", ...baseOf(known), ...reaction, on, maxEmoji, notices: [], at: Date.now() };
  }

  #pin(known: Known): ChatItem {
    known.isPinned = !known.isPinned;
    return { op: "pin", ...baseOf(known), userId: known.authorId, on: known.isPinned, at: Date.now() };
  }

  #mark(): ChatItem {
    const { roomId, memberIds } = this.#random.pick(this.#rooms);
    const seq = this.#heads.get(`room:${roomId}`) ?? 0;
    return { op: "mark", roomId, userId: this.#random.pick(memberIds), seq, at: Date.now() };
  }
}

function baseOf({ roomId, messageId }: Known) {
  return { roomId, messageId, fence };
}
