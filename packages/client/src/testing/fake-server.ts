/**
 * A server in memory for the client's own tests: rooms with one log each, resume, nonces, read markers.
 * Nothing moves until `settle`, and a `mangle` may lose, repeat and reorder the events of a link.
 */
import type { CommandName, Member, Message, OwnRoom, Position, Presence, Room, RoomListing } from "@mirage/protocol";
import type { ErrorBody } from "@mirage/protocol/errors";
import type { Link, LinkObserver, LinkRefusal, Transport } from "../connection/transport.ts";
import type { RoomPage } from "../rooms/room-model.ts";

interface FakeRoom {
  id: string;
  head: number;
  epoch: string;
  messages: Message[];
  memberIds: Set<string>;
  readSeqs: Map<string, number>;
}

export interface FakeLink {
  userId: string;
  observer: LinkObserver;
  roomIds: Set<string>;
  queue: (() => void)[];
  isOpen: boolean;
}

export interface Call {
  userId: string;
  name: string;
  input: Record<string, unknown>;
}

export class FakeRefusal extends Error {
  readonly body: ErrorBody;

  constructor(body: ErrorBody) {
    super(body.message);
    this.body = body;
  }
}

/** What an interceptor does with a command: refuse it, never answer it (done or not), or let it pass. */
export type Interception = ErrorBody | "lose" | "lose_answer" | undefined;

/** Makes a token that names its user, as a JWT does. */
export function tokenOf(userId: string): string {
  return `e30.${btoa(JSON.stringify({ userId, username: userId.toUpperCase() }))}.x`;
}

export class FakeServer {
  readonly rooms = new Map<string, FakeRoom>();
  readonly links = new Set<FakeLink>();
  readonly calls: Call[] = [];
  /** How people are, for those who watch them. */
  readonly people = new Map<string, Presence>();
  /** Of a room: the members its pages have. */
  readonly members = new Map<string, Member[]>();
  /** Refuses every attempt while set. */
  refusal: LinkRefusal | undefined;
  catchUpLimit = 50;
  /** How many rooms one `resume` answers; the rest is deferred. */
  roomsInAnswer = 500;
  intercept: (call: Call) => Interception = () => undefined;
  /** How often, and behind how many others, an event is delivered. */
  mangle: () => { copies: number; ahead: number } = () => ({ copies: 1, ahead: 0 });
  /** Commands that another fake serves. */
  readonly served = new Map<string, (link: FakeLink, input: Record<string, unknown>) => object>();
  /** Called for every link that is gone. */
  onGone: (link: FakeLink) => void = () => undefined;
  /** What people want others to see of them. */
  readonly #choices = new Map<string, Record<string, unknown>>();
  readonly #userHeads = new Map<string, number>();
  #messageCount = 0;

  readonly transport: Transport = { open: (token, observer) => this.#open(token, observer) };

  addRoom(id: string, ...memberIds: string[]): FakeRoom {
    const room = { id, head: 0, epoch: "e1", messages: [], memberIds: new Set(memberIds), readSeqs: new Map() };
    this.rooms.set(id, room);
    return room;
  }

  room(id: string): FakeRoom {
    const room = this.rooms.get(id);
    if (!room) throw new FakeRefusal({ code: "not_found", message: "Room not found", retryable: false });
    return room;
  }

  post(roomId: string, userId: string, { content, nonce }: { content: string; nonce?: string }): Message {
    const room = this.room(roomId);
    room.head += 1;
    this.#messageCount += 1;
    const message: Message = {
      id: `m${String(this.#messageCount).padStart(6, "0")}`,
      roomId,
      userId,
      username: userId.toUpperCase(),
      content,
      type: "text",
      metadata: {},
      timestamp: new Date(Date.UTC(2026, 0, 1) + this.#messageCount).toISOString(),
      edited: false,
      reactions: [],
      seq: room.head,
      updatedSeq: room.head,
      ...(nonce === undefined ? {} : { nonce }),
    };
    room.messages.push(message);
    this.emit(roomId, "chat_message", message);
    return message;
  }

  change(roomId: string, messageId: string, change: Partial<Message>): Message {
    const room = this.room(roomId);
    const index = room.messages.findIndex(({ id }) => id === messageId);
    const known = room.messages[index];
    if (!known) throw new FakeRefusal({ code: "not_found", message: "Message not found", retryable: false });
    room.head += 1;
    const message = { ...known, ...change, updatedSeq: room.head };
    room.messages[index] = message;
    this.emit(roomId, "message_updated", message);
    return message;
  }

  bury(roomId: string, messageId: string): Message {
    return this.change(roomId, messageId, { content: "", reactions: [], deleted: true });
  }

  emit(roomId: string, name: string, payload: unknown): void {
    for (const link of this.links) if (link.roomIds.has(roomId)) this.deliver(link, name, payload);
  }

  /** Puts an event on its way, as `mangle` will have it. */
  deliver(link: FakeLink, name: string, payload: unknown): void {
    const { copies, ahead } = this.mangle();
    for (let copy = 0; copy < copies; copy++) {
      const at = Math.max(0, link.queue.length - ahead);
      link.queue.splice(at, 0, () => link.observer.event(name, payload));
    }
  }

  emitToUser(userId: string, name: string, payload: Record<string, unknown>): void {
    const userSeq = (this.#userHeads.get(userId) ?? 0) + 1;
    this.#userHeads.set(userId, userSeq);
    for (const link of this.links) {
      if (link.userId === userId) link.queue.push(() => link.observer.event(name, { ...payload, userSeq }));
    }
  }

  /** Sends an event that is in no stream to every connection. */
  signal(name: string, payload: unknown): void {
    for (const link of this.links) link.queue.push(() => link.observer.event(name, payload));
  }

  /** Cuts every connection; what was under way is lost. */
  cut(): void {
    for (const link of [...this.links]) {
      this.links.delete(link);
      link.isOpen = false;
      link.queue = [];
      this.onGone(link);
      link.observer.lost();
    }
  }

  /** Delivers everything that is under way, and what that brings about. */
  async settle(): Promise<void> {
    for (let quietTurns = 0; quietTurns < 4; quietTurns++) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      for (const link of this.links) {
        for (let next = link.queue.shift(); next; next = link.queue.shift()) {
          next();
          quietTurns = 0;
        }
      }
    }
  }

  countCalls(name: CommandName): number {
    return this.calls.filter((call) => call.name === name).length;
  }

  #open(token: string, observer: LinkObserver): Link {
    const { userId } = JSON.parse(atob(token.split(".")[1] ?? "")) as { userId: string };
    const link: FakeLink = { userId, observer, roomIds: new Set(), queue: [], isOpen: true };
    const { refusal } = this;
    if (refusal) queueMicrotask(() => link.isOpen && observer.refused(refusal));
    else {
      this.links.add(link);
      link.queue.push(() => observer.opened());
    }
    return {
      send: (name, payload, answer) => this.#receive(link, { userId, name, input: { ...(payload as object) } }, answer),
      close: () => {
        link.isOpen = false;
        this.links.delete(link);
        this.onGone(link);
      },
    };
  }

  #receive(link: FakeLink, call: Call, answer: (reply: unknown) => void): void {
    this.calls.push(call);
    const interception = this.intercept(call);
    if (interception === "lose") return;
    let reply: unknown;
    try {
      if (typeof interception === "object") throw new FakeRefusal(interception);
      reply = { ok: true, ...this.#serve(link, call) };
    } catch (error) {
      if (!(error instanceof FakeRefusal)) throw error;
      reply = { ok: false, error: error.body };
    }
    if (interception !== "lose_answer") link.queue.push(() => answer(reply));
  }

  #serve(link: FakeLink, { userId, name, input }: Call): object {
    const text = (field: string) => String(input[field]);
    switch (name) {
      case "list_rooms":
        return this.#list(userId);
      case "join_room":
        return this.#join(link, text("roomId"));
      case "resume":
        return this.#resume(link, input as unknown as { rooms: { roomId: string; since: Position | null }[] });
      case "chat_message":
        return this.#send(userId, text("roomId"), { content: text("content"), nonce: text("nonce") });
      case "get_messages":
        return this.#history(text("roomId"), input);
      case "edit_message":
        return {
          message: this.change(this.#roomOf(text("messageId")), text("messageId"), { content: text("content") }),
        };
      case "delete_message":
        return { message: this.bury(this.#roomOf(text("messageId")), text("messageId")) };
      case "mark_read":
        this.room(text("roomId")).readSeqs.set(userId, Number(input.seq));
        return { seq: input.seq, unread: this.#unread(text("roomId"), userId), mentions: 0 };
      case "leave_room":
        link.roomIds.delete(text("roomId"));
        return {};
      case "get_file_urls":
        return {
          urls: (input.fileIds as string[]).map((fileId) => ({ fileId, url: `/files/${fileId}`, expiresAt: "" })),
        };
      case "watch_presence":
        return { users: (input.userIds as string[]).flatMap((id) => this.people.get(id) ?? []) };
      case "presence_update": {
        const { automatic, ...chosen } = input;
        if (!automatic) this.#choices.set(userId, chosen);
        return { presence: { userId, username: userId.toUpperCase(), status: "online", ...this.#choices.get(userId) } };
      }
      default:
        return this.served.get(name)?.(link, input) ?? {};
    }
  }

  #send(userId: string, roomId: string, { content, nonce }: { content: string; nonce: string }): object {
    const known = this.room(roomId).messages.find((message) => message.userId === userId && message.nonce === nonce);
    if (known) return { message: known, duplicate: true };
    return { message: this.post(roomId, userId, { content, nonce }) };
  }

  #roomOf(messageId: string): string {
    for (const room of this.rooms.values()) if (room.messages.some(({ id }) => id === messageId)) return room.id;
    throw new FakeRefusal({ code: "not_found", message: "Message not found", retryable: false });
  }

  #list(userId: string): object {
    const rooms: RoomListing[] = [];
    for (const room of this.rooms.values()) {
      if (!room.memberIds.has(userId)) continue;
      rooms.push({
        ...this.#ownRoom(room),
        unread: this.#unread(room.id, userId),
        mentions: 0,
        readSeq: room.readSeqs.get(userId) ?? 0,
        lastMessage: room.messages.filter(({ deleted }) => !deleted).at(-1) ?? null,
      });
    }
    return { rooms, seq: this.#userHeads.get(userId) ?? 0, epoch: "u1", nextCursor: null };
  }

  #unread(roomId: string, userId: string): number {
    const { messages, readSeqs } = this.room(roomId);
    const readSeq = readSeqs.get(userId) ?? 0;
    return messages.filter((message) => message.seq > readSeq && message.userId !== userId && !message.deleted).length;
  }

  #ownRoom(room: FakeRoom): OwnRoom {
    const shared: Room = { id: room.id, name: room.id, type: "public", memberCount: room.memberIds.size };
    return { ...shared, role: "member", seq: room.head, epoch: room.epoch };
  }

  #join(link: FakeLink, roomId: string): RoomPage {
    const room = this.room(roomId);
    if (!room.memberIds.has(link.userId)) {
      throw new FakeRefusal({ code: "not_found", message: "Failed to join room", retryable: false });
    }
    link.roomIds.add(roomId);
    return { ...this.#pageHead(room), ...this.#newestPage(room) };
  }

  #pageHead(room: FakeRoom): Pick<RoomPage, "room" | "members" | "seq" | "epoch" | "online"> {
    return {
      room: this.#ownRoom(room),
      members: this.members.get(room.id) ?? [],
      seq: room.head,
      epoch: room.epoch,
      online: [],
    };
  }

  #newestPage(room: FakeRoom): { messages: Message[]; hasMore: boolean } {
    const visible = room.messages.filter(({ deleted }) => !deleted);
    return { messages: visible.slice(-50), hasMore: visible.length > 50 };
  }

  #resume(link: FakeLink, input: { rooms: { roomId: string; since: Position | null }[] }): object {
    const rooms = input.rooms.map(({ roomId, since }, index) => {
      const room = this.rooms.get(roomId);
      if (!room?.memberIds.has(link.userId)) return { roomId, removed: true };
      if (index >= this.roomsInAnswer) return { roomId, deferred: true };
      link.roomIds.add(roomId);
      if (!since) return { roomId, ...this.#pageHead(room), messages: [], hasMore: false };
      const changed = room.messages.filter(({ updatedSeq }) => updatedSeq > since.seq);
      if (since.epoch !== room.epoch || changed.length > this.catchUpLimit) {
        return { roomId, ...this.#pageHead(room), ...this.#newestPage(room), reset: true };
      }
      changed.sort((a, b) => a.updatedSeq - b.updatedSeq);
      return { roomId, ...this.#pageHead(room), messages: changed, hasMore: false };
    });
    const seq = this.#userHeads.get(link.userId) ?? 0;
    const own = { notifications: [], deletedNotifications: [], roomPreferences: [], markers: [] };
    const user = { seq, epoch: "u1", ...own, rooms: { added: [], removed: [] } };
    return { rooms, user };
  }

  #history(roomId: string, page: { before?: number; after?: number; around?: number }): object {
    const visible = this.room(roomId).messages.filter(({ deleted }) => !deleted);
    const { before, after, around } = page;
    if (around !== undefined) {
      const middle = visible.findIndex(({ seq }) => seq >= around);
      const start = Math.max(0, (middle < 0 ? visible.length : middle) - 25);
      const messages = visible.slice(start, start + 50);
      const hasMoreAfter = start + 50 < visible.length;
      return { messages, hasMore: start > 0 || hasMoreAfter, hasMoreBefore: start > 0, hasMoreAfter };
    }
    if (after !== undefined) {
      const later = visible.filter(({ seq }) => seq > after);
      return { messages: later.slice(0, 50), hasMore: later.length > 50 };
    }
    const earlier = before === undefined ? visible : visible.filter(({ seq }) => seq < before);
    return { messages: earlier.slice(-50), hasMore: earlier.length > 50 };
  }
}
