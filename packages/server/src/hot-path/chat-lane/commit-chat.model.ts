import type { Role } from "@mirage/protocol";
import type { ChatItem } from "./items.ts";
import { messageCause, type Notice } from "./notices.ts";
import { planSteps } from "./plan-steps.ts";
import { RecordModel } from "./records.model.ts";

export const users = ["ann", "bob", "cat", "dan"] as const;

/** One random wish; it becomes an item by what exists when it is made. */
export interface Step {
  op: "send" | "edit" | "delete" | "react" | "pin" | "mark" | "member" | "room" | "inbox" | "read_all";
  user: string;
  pick: number;
  pair: string | undefined;
  on: boolean;
  text: string;
  nonce: string | undefined;
  role: Role | null;
  isStale: boolean;
  /** Who is told of a message, or loses what they were told. */
  told: readonly string[];
}

interface StoredMessage {
  id: string;
  userId: string;
  content: string;
  seq: number;
  updatedSeq: number;
  isDeleted: boolean;
  isPinned: boolean;
  nonce: string | undefined;
  bodyHash: string | undefined;
  reactions: { emoji: string; userId: string }[];
}

interface Answer {
  status: string;
  seq?: number | undefined;
}

type Of<Op extends ChatItem["op"]> = Extract<ChatItem, { op: Op }>;

const ok: Answer = { status: "ok" };
const notFound: Answer = { status: "not_found" };
const maxEmoji = 2;

/** What `commit_chat_v1` promises for one room, written as plainly as can be. For tests. */
export class ChatModel {
  head = 0;
  fence = 0;
  readonly #roomId: string;
  readonly #messages = new Map<string, StoredMessage>();
  readonly #members = new Map<string, { role: Role | null; seq: number }>(
    users.slice(0, 3).map((userId, index) => [userId, { role: index === 0 ? "owner" : "member", seq: 0 }]),
  );
  readonly #records = new RecordModel();
  readonly #markers = new Map<string, number>();
  #name = "Room";
  #description = "";
  #roomSeq = 0;
  #sentCount = 0;
  /** Of the batch: where it started, and the position its member changes share. */
  #start = 0;
  #memberSeq: number | undefined;

  constructor(roomId: string) {
    this.#roomId = roomId;
  }

  toItem(step: Step): ChatItem {
    const { user: userId, on, text, nonce, role } = step;
    const roomId = this.#roomId;
    const fence = this.fence + (step.isStale ? 7 : 0);
    const known = [...this.#messages.keys()];
    const messageId = known[step.pick % Math.max(1, known.length)] ?? "nothing";
    const base = { roomId, messageId, userId, fence };
    const mentioning = { mentions: undefined, notices: [] };
    if (step.op === "send") {
      const id = `${roomId}-m${++this.#sentCount}`;
      const body = { username: userId, type: "text" as const, content: text, metadata: {}, nonce, bodyHash: text };
      const links = { replyTo: on ? undefined : messageId, threadId: undefined };
      const notices = [noticeOf({ roomId, messageId: id, userIds: step.told.filter((name) => name !== userId) })];
      return { op: "send", ...base, messageId: id, ...mentioning, ...body, ...links, notices, at: 0 };
    }
    const cause = messageCause(messageId);
    if (step.op === "edit") {
      const withdrawal = { cause, type: "mention", userIds: step.told };
      return { op: "edit", ...base, ...mentioning, content: text, unmentioned: [], withdrawal, at: 0 };
    }
    // Either it knows of everybody, or it guesses that nobody was told.
    const withdrawal = { cause, userIds: on ? users : [], keptIds: [] };
    if (step.op === "delete") return { op: "delete", ...base, withdrawal, at: 0 };
    const notificationId = `${messageId} for ${step.told[0] ?? userId}`;
    if (step.op === "inbox") return { op: "inbox", userId, notificationId, change: on ? "read" : "delete", at: 0 };
    if (step.op === "read_all") return { op: "read_all", userId, at: 0 };
    if (step.op === "react") return { op: "react", ...base, emoji: text, on, maxEmoji, notices: [], at: 0 };
    if (step.op === "pin") return { op: "pin", ...base, on, at: 0 };
    if (step.op === "mark") return { op: "mark", roomId, userId, seq: step.pick, at: 0 };
    if (step.op === "room") return { op: "room", roomId, fence, ...(on ? { name: text } : { description: text }) };
    const expected = this.#members.get(userId)?.role ?? null;
    if (on) return { op: "member", kind: "join", roomId, userId, role: role ?? "member", notices: [], fence, at: 0 };
    return { op: "member", kind: "change", roomId, userId, role, expected, notices: [], fence, at: 0 };
  }

  commit(batch: readonly { item: ChatItem; pair: string | undefined }[]): Answer[] {
    this.#start = this.head;
    this.#memberSeq = undefined;
    const stalePairs = new Set<string>();
    const answers: Answer[] = [];
    const order = planSteps(batch.map(({ item }) => item)).flatMap(({ indexes }) => indexes);
    for (const [index, { item, pair }] of order.flatMap((at) => [...batch.entries()].slice(at, at + 1))) {
      const isStale = ("fence" in item && item.fence !== this.fence) || (pair !== undefined && stalePairs.has(pair));
      const answer = isStale ? { status: "stale" } : this.#apply(item);
      if (answer.status === "stale" && pair !== undefined) stalePairs.add(pair);
      answers[index] = answer;
    }
    return answers;
  }

  listMessages() {
    return [...this.#messages.values()].map(({ id, content, seq, updatedSeq, isDeleted, isPinned, reactions }) => ({
      id,
      content,
      seq,
      updatedSeq,
      isDeleted,
      isPinned,
      reactions: [...Map.groupBy(reactions, ({ emoji }) => emoji)].map(([emoji, given]) => ({
        emoji,
        count: given.length,
        users: given.map(({ userId }) => userId),
      })),
    }));
  }

  listMembers() {
    const members = [...this.#members].map(([userId, { role, seq }]) => ({ userId, role, seq }));
    return members.sort((a, b) => (a.userId < b.userId ? -1 : 1));
  }

  listRecords() {
    return this.#records.list();
  }

  #apply(item: ChatItem): Answer {
    if (item.op === "send") return this.#send(item);
    if (item.op === "member") return this.#changeMember(item);
    if (item.op === "room") return this.#changeRoom(item);
    if (item.op === "mark") return this.#mark(item);
    if (item.op === "inbox") return this.#records.change(item) ? ok : notFound;
    if (item.op === "read_all") {
      this.#records.readUpTo(item.userId, Number.POSITIVE_INFINITY);
      return ok;
    }
    if (!("messageId" in item)) throw new Error(`the model does not know ${item.op}`);
    const message = this.#messages.get(item.messageId);
    if (!message) return notFound;
    if (item.op === "delete") return this.#delete(message, item);
    if (message.isDeleted) return notFound;
    if (item.op === "edit") return this.#edit(message, item);
    return item.op === "pin" ? this.#pin(message, item) : this.#react(message, item);
  }

  #send(item: Of<"send">): Answer {
    const earlier = [...this.#messages.values()].find(
      ({ userId, nonce }) => nonce !== undefined && nonce === item.nonce && userId === item.userId,
    );
    if (earlier) return { status: earlier.bodyHash === item.bodyHash ? "duplicate" : "nonce_conflict" };
    if (item.replyTo !== undefined && !this.#messages.has(item.replyTo)) return { status: "reference_not_found" };
    const { messageId: id, userId, content, nonce, bodyHash } = item;
    const seq = ++this.head;
    const state = { isDeleted: false, isPinned: false, reactions: [] };
    this.#messages.set(id, { id, userId, content, seq, updatedSeq: seq, nonce, bodyHash, ...state });
    for (const { people } of item.notices) {
      for (const person of people) if (this.#members.get(person.userId)?.role) this.#records.add(person, id, seq);
    }
    return { status: "ok", seq };
  }

  #touch(message: StoredMessage): Answer {
    if (message.updatedSeq <= this.#start) message.updatedSeq = ++this.head;
    return ok;
  }

  #edit(message: StoredMessage, item: Of<"edit">): Answer {
    if (message.userId !== item.userId) return notFound;
    this.#records.withdraw(message.id, item.withdrawal.userIds, { isUnreadOnly: true });
    if (message.content === item.content) return ok;
    message.content = item.content;
    return this.#touch(message);
  }

  #delete(message: StoredMessage, { withdrawal }: Of<"delete">): Answer {
    if (withdrawal.userIds.length === 0 && this.#records.isTold(message.id)) return { status: "stale" };
    this.#records.withdraw(message.id, withdrawal.userIds, { isUnreadOnly: false });
    if (message.isDeleted) return ok;
    Object.assign(message, { isDeleted: true, isPinned: false, content: "", reactions: [] });
    return this.#touch(message);
  }

  #pin(message: StoredMessage, item: Of<"pin">): Answer {
    if (message.isPinned === item.on) return ok;
    message.isPinned = item.on;
    return this.#touch(message);
  }

  #react(message: StoredMessage, { emoji, userId, on }: Of<"react">): Answer {
    const given = message.reactions.some((reaction) => reaction.emoji === emoji && reaction.userId === userId);
    const emojis = new Set(message.reactions.map((reaction) => reaction.emoji));
    if (on && !emojis.has(emoji) && emojis.size >= maxEmoji) return { status: "too_many" };
    if (given === on) return ok;
    if (on) message.reactions.push({ emoji, userId });
    else message.reactions = message.reactions.filter((other) => other.emoji !== emoji || other.userId !== userId);
    return this.#touch(message);
  }

  /** Up to where the room stood before the batch; everything up to the marker is read, moved or not. */
  #mark({ userId, seq }: Of<"mark">): Answer {
    if (!this.#members.get(userId)?.role) return notFound;
    const marker = Math.max(this.#markers.get(userId) ?? 0, Math.min(seq, this.#start));
    this.#markers.set(userId, marker);
    this.#records.readUpTo(userId, marker);
    return ok;
  }

  #changeMember(item: Of<"member">): Answer {
    const present = this.#members.get(item.userId)?.role ?? null;
    if (present === item.role || (item.kind === "join" && present !== null)) return ok;
    if (item.kind === "change" && present !== item.expected) return { status: "stale" };
    const owners = [...this.#members].filter(([, { role }]) => role === "owner");
    if (present === "owner" && owners.length === 1) return { status: "last_owner" };
    this.#memberSeq ??= ++this.head;
    this.#members.set(item.userId, { role: item.role, seq: this.#memberSeq });
    if (present === null) this.#markers.set(item.userId, Math.max(this.#markers.get(item.userId) ?? 0, this.head));
    if (present !== null) this.fence++;
    return ok;
  }

  #changeRoom(item: Of<"room">): Answer {
    const name = item.name ?? this.#name;
    const description = item.description ?? this.#description;
    if (name === this.#name && description === this.#description) return ok;
    this.#name = name;
    this.#description = description;
    if (this.#roomSeq <= this.#start) this.#roomSeq = ++this.head;
    return ok;
  }
}

function noticeOf(of: { roomId: string; messageId: string; userIds: readonly string[] }): Notice {
  const { roomId, messageId, userIds } = of;
  const people = userIds.map((userId) => {
    return { userId, notificationId: `${messageId} for ${userId}`, isListed: true, alerts: [] };
  });
  const texts = { title: "", content: "", metadata: {} };
  return { type: "mention", cause: messageCause(messageId), ...texts, roomId, people };
}
