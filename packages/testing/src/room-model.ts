import type { EventName, EventPayload, Member, Message, Room } from "@mirage/protocol";

/** What a page of a room says, whether it came from `join_room` or `resume`. */
export interface RoomPage {
  room: Room;
  members: readonly Member[];
  messages: readonly Message[];
  seq: number;
  reset?: boolean | undefined;
}

/**
 * The simplest client there can be: the state of one room after an answer and the events that followed. Applying every
 * change to an old snapshot must give the same as a fresh snapshot, so that staying and coming back never differ.
 */
export class RoomModel {
  #room: Room;
  readonly #members = new Map<string, { username: string; role: string }>();
  readonly #messages = new Map<string, Message>();
  #seq: number;

  constructor(page: RoomPage) {
    this.#room = page.room;
    this.#seq = page.seq;
    this.#merge(page);
  }

  get seq(): number {
    return this.#seq;
  }

  /** An answer to `join_room` with `since`, or to `resume`. */
  resume(page: RoomPage): void {
    if (page.reset) {
      this.#members.clear();
      this.#messages.clear();
    }
    this.#room = page.room;
    this.#seq = page.seq;
    this.#merge(page);
  }

  /** An event of the room's stream; others change nothing. */
  apply<Name extends EventName>(name: Name, payload: EventPayload<Name>): void {
    const event = { name, payload } as StreamEvent;
    if (event.name === "chat_message" || event.name === "message_updated") {
      this.#put(event.payload);
      this.#seq = event.payload.updatedSeq;
    } else if (event.name === "room_updated") {
      this.#room = event.payload.room;
      this.#seq = event.payload.seq;
    } else if (event.name === "member_updated") {
      for (const user of event.payload.users) this.#setMember(user);
      this.#room = { ...this.#room, memberCount: event.payload.memberCount };
      this.#seq = event.payload.seq;
    }
  }

  /** The newest messages that are not deleted, oldest first. */
  newest(count: number): Message[] {
    const kept = [...this.#messages.values()].filter((message) => !message.deleted).sort((a, b) => a.seq - b.seq);
    return Number.isFinite(count) ? kept.slice(-count) : kept;
  }

  /** Everything a client would show, to compare with another model's. Tombstones are as good as nothing. */
  snapshot() {
    const { id, name, type, description, archived, memberCount } = this.#room;
    return {
      seq: this.#seq,
      room: { id, name, type, description, archived: archived ?? false, memberCount },
      members: Object.fromEntries([...this.#members].sort(([a], [b]) => (a < b ? -1 : 1))),
      messages: [...this.#messages.values()].filter((message) => !message.deleted).sort((a, b) => a.seq - b.seq),
    };
  }

  #merge(page: RoomPage): void {
    for (const member of page.members) this.#setMember(member);
    for (const message of page.messages) this.#put(message);
  }

  #put(message: Message & { from?: number | undefined }): void {
    const { from: _, ...state } = message;
    const known = this.#messages.get(state.id);
    if (!known || state.updatedSeq >= known.updatedSeq) this.#messages.set(state.id, state);
  }

  #setMember(user: { userId: string; username: string; role: string | null }): void {
    if (user.role === null) this.#members.delete(user.userId);
    else this.#members.set(user.userId, { username: user.username, role: user.role });
  }
}

type StreamEvent = { [Name in EventName]: { name: Name; payload: EventPayload<Name> } }[EventName];
