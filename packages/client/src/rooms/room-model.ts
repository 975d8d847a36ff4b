import type {
  CommandReply,
  EventPayload,
  Member,
  Message,
  OwnRoom,
  Position,
  Room,
  RoomListing,
} from "@mirage/protocol";
import type { Clock } from "../lib/clock.ts";
import type { Failure } from "../lib/error.ts";
import { judge, type Span, type Verdict } from "./position.ts";
import { Timeline } from "./timeline.ts";
import { TypingBoard } from "./typing-board.ts";
import { isOthers, UnreadTally } from "./unread-tally.ts";

export type RoomPage = CommandReply<"join_room">;

/** What a page was asked for: what changed `since`, the newest messages (`isOpening`), or only the head. */
export interface PageRequest {
  since: Position | null;
  isOpening: boolean;
}

export interface RoomModelOptions {
  clock: Clock;
  userId: () => string | undefined;
  /** Something that a list or a view shows has changed. */
  changed: () => void;
  sawMembers: (members: readonly Member[]) => void;
}

/**
 * What this client knows of one room, and how events change it; it asks for nothing itself.
 * `position` says up to where everything has been taken in: an event is taken in only if it follows.
 */
export class RoomModel {
  readonly id: string;
  readonly timeline = new Timeline();
  readonly tally: UnreadTally;
  readonly typing: TypingBoard;
  /** Where this client is in the room's stream; absent until the room was opened or resumed. */
  position: Position | undefined;
  room: OwnRoom | undefined;
  /** One's own row of the list; absent where one is not a member. */
  listing: RoomListing | undefined;
  lastMessage: Message | null = null;
  /** When the room came onto the list without a message; ISO 8601. */
  addedAt = "";
  readonly members = new Map<string, Member>();
  online: Set<string> | undefined;
  /** Of a room of more than 200 people: how many of them are here. */
  onlineCount: number | undefined;
  refusal: Failure | undefined;
  readonly #options: RoomModelOptions;

  constructor(id: string, options: RoomModelOptions) {
    this.id = id;
    this.#options = options;
    this.tally = new UnreadTally({
      userId: options.userId,
      countLoaded: (afterSeq, upToSeq) => {
        const loaded = this.timeline.listBetween(afterSeq, upToSeq);
        return loaded?.filter((message) => !message.deleted && isOthers(message, options.userId())).length;
      },
    });
    this.typing = new TypingBoard(options.clock, options.changed);
  }

  /** Where to go on from: what was taken in, or else where the list was read. */
  get since(): Position | null {
    if (this.position) return this.position;
    return this.listing?.epoch ? { epoch: this.listing.epoch, seq: this.listing.seq } : null;
  }

  /** Says that something a list or a view shows has changed. */
  changed(): void {
    this.#options.changed();
  }

  takeChatMessage({ from, ...message }: EventPayload<"chat_message">): Verdict {
    return this.#follow({ seq: message.seq, from }, () => {
      this.#see(message);
      this.typing.stop(message.userId);
    });
  }

  takeMessageUpdated({ from, ...message }: EventPayload<"message_updated">): Verdict {
    return this.#follow({ seq: message.updatedSeq, from }, () => this.#see(message));
  }

  takeMemberUpdated(event: EventPayload<"member_updated">): Verdict {
    return this.#follow(event, () => {
      const ownId = this.#options.userId();
      for (const { role, ...person } of event.users) {
        if (person.userId === ownId && this.room) this.room = { ...this.room, role };
        if (role === null) this.members.delete(person.userId);
        else
          this.members.set(person.userId, { status: "offline", ...this.members.get(person.userId), ...person, role });
      }
      this.#mergeRoom({ memberCount: event.memberCount });
    });
  }

  takeRoomUpdated(event: EventPayload<"room_updated">): Verdict {
    return this.#follow(event, () => this.#mergeRoom(event.room));
  }

  /** Takes in the answer to a `join_room` or `resume`. */
  takePage(page: RoomPage, asked: PageRequest): void {
    const { since } = asked;
    const isCatchUp = since !== null && !page.reset && page.epoch === since.epoch;
    const known = isCatchUp && this.position?.epoch === page.epoch ? this.position.seq : 0;
    this.position = { epoch: page.epoch, seq: Math.max(known, page.seq) };
    this.refusal = undefined;
    this.room = page.room;
    this.online = page.online ? new Set(page.online) : undefined;
    if (page.online) this.onlineCount = undefined;
    this.#options.sawMembers(page.members);
    if (!isCatchUp) this.#startAfresh(page, asked);
    // What an event has brought meanwhile was counted then.
    for (const message of page.messages) if (message.updatedSeq > known) this.#see(message);
    for (const member of page.members) {
      if (member.role === null) this.members.delete(member.userId);
      else this.members.set(member.userId, member);
    }
    this.#mergeRoom({ memberCount: page.room.memberCount });
    this.#options.changed();
  }

  takeListing(listing: RoomListing): void {
    if (this.listing && this.listing.epoch !== listing.epoch) this.tally.reset();
    this.listing = listing;
    this.tally.setListing(listing);
    if (listing.lastMessage) this.#noteLast(listing.lastMessage);
    if (!this.position || this.position.seq <= listing.seq) this.room = { ...this.room, ...ownRoomOf(listing) };
    this.refusal = undefined;
    this.#options.changed();
  }

  /** A state of a message that an answer carried; it moves no position. */
  takeAnswer(message: Message): void {
    this.timeline.apply(message);
    this.#noteLast(message);
    this.#options.changed();
  }

  takePresence(userId: string, isHere: boolean): void {
    if (!this.online || this.online.has(userId) === isHere) return;
    if (isHere) this.online.add(userId);
    else this.online.delete(userId);
    this.#options.changed();
  }

  takeOnlineCount(count: number): void {
    this.onlineCount = count;
    this.#options.changed();
  }

  /** The room is no longer this person's to see: nothing of it is kept. */
  takeRemoval(refusal: Failure): void {
    this.position = undefined;
    this.listing = undefined;
    this.room = undefined;
    this.lastMessage = null;
    this.online = undefined;
    this.onlineCount = undefined;
    this.members.clear();
    this.typing.clear();
    this.timeline.unload();
    this.refusal = refusal;
    this.#options.changed();
  }

  #follow(span: Span, apply: () => void): Verdict {
    // Before the first answer nothing is owed in order, and the answer will hold it.
    if (!this.position) return "old";
    const verdict = judge(this.position.seq, span);
    if (verdict !== "next") return verdict;
    this.position = { ...this.position, seq: span.seq };
    apply();
    this.#options.changed();
    return verdict;
  }

  #see(message: Message): void {
    this.timeline.apply(message);
    this.tally.see(message);
    this.#noteLast(message);
  }

  #noteLast(message: Message): void {
    const last = this.lastMessage;
    const isLater = !last || message.seq > last.seq;
    if (isLater && message.deleted) return;
    if (isLater || (message.id === last.id && message.updatedSeq > last.updatedSeq)) this.lastMessage = message;
  }

  /** What was kept is void. A page of newest messages is shown where messages were or shall be shown. */
  #startAfresh(page: RoomPage, asked: PageRequest): void {
    this.members.clear();
    const isShown = asked.isOpening || (asked.since !== null && this.timeline.isLoaded);
    if (isShown) this.timeline.replace({ messages: page.messages, hasMoreBefore: page.hasMore, hasMoreAfter: false });
    else this.timeline.unload();
  }

  #mergeRoom(room: Partial<Room>): void {
    if (this.room) this.room = { ...this.room, ...room };
    if (this.listing) this.listing = { ...this.listing, ...room };
  }
}

function ownRoomOf(listing: RoomListing): OwnRoom {
  const { unread: _, mentions: __, readSeq: ___, lastMessage: ____, others: _____, ...room } = listing;
  return room;
}
