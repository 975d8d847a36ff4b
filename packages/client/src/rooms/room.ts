import type { CommandInput } from "@mirage/protocol";
import type { ConnectionUser } from "../connection/connection-state.ts";
import type { Requests } from "../connection/requests.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import { RealtimeError } from "../lib/error.ts";
import { DerivedStore, type ReadonlyStore } from "../lib/store.ts";
import { loadPage, type PagePlace } from "./history.ts";
import {
  asDeleted,
  type MessageChange,
  PendingChanges,
  withContent,
  withoutReaction,
  withPin,
  withReaction,
} from "./message-changes.ts";
import type { Outbox } from "./outbox.ts";
import { ReadMark } from "./read-mark.ts";
import type { MessageDraft, RoomHandle, RoomState } from "./room-handle.ts";
import type { RoomModel } from "./room-model.ts";
import { viewRoom } from "./room-view.ts";
import { TypingSignal } from "./typing-signal.ts";

/** How long a room stays loaded after its last view has gone: going back and forth costs nothing. */
const lingerMs = 5_000;
/** A burst of events is shown at most this often. */
const frameMs = 16;

/** What a room needs of the client it belongs to. */
export interface RoomHost {
  readonly requests: Requests;
  readonly outbox: Outbox;
  readonly clock: Clock;
  isOnline(): boolean;
  user(): ConnectionUser | undefined;
  /** Whether the list of rooms is known, and with it where this person has read to. */
  isListed(): boolean;
  /** The room shall be loaded. */
  openRoom(room: Room): void;
  /** Nobody looks at the room any more. */
  closeRoom(room: Room): void;
}

type ChangeCommand =
  | "edit_message"
  | "delete_message"
  | "add_reaction"
  | "remove_reaction"
  | "pin_message"
  | "unpin_message";

/** One room as a view uses it. */
export class Room implements RoomHandle {
  readonly id: string;
  readonly model: RoomModel;
  readonly readMark: ReadMark;
  readonly #host: RoomHost;
  readonly #state: DerivedStore<RoomState>;
  readonly #changes = new PendingChanges();
  readonly #typing: TypingSignal;
  readonly #pages = new Map<PagePlace, Promise<void>>();
  #openCount = 0;
  #lingering: Timer | undefined;
  #dividerSeq: number | undefined;
  #isDividerSet = false;
  #markWhenListed = 0;

  constructor(model: RoomModel, host: RoomHost) {
    this.id = model.id;
    this.model = model;
    this.#host = host;
    this.#state = new DerivedStore(() => this.#view(), { clock: host.clock, minIntervalMs: frameMs });
    this.readMark = new ReadMark({
      roomId: this.id,
      clock: host.clock,
      requests: host.requests,
      isOnline: () => host.isOnline(),
      moved: (marker) => {
        model.tally.setMarker(marker);
        this.changed();
      },
    });
    this.#typing = new TypingSignal(host.clock, (name) => {
      if (!host.isOnline() || !model.timeline.isLoaded) return false;
      host.requests.call(name, { roomId: this.id }, () => undefined);
      return true;
    });
  }

  get state(): ReadonlyStore<RoomState> {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#openCount > 0 || this.#lingering !== undefined;
  }

  /** Something of the model or of the outbox has changed. */
  changed(): void {
    this.#setDivider();
    this.#typing.resume();
    if (this.#markWhenListed > 0 && this.#host.isListed()) this.markRead(this.#markWhenListed);
    this.#state.changed();
  }

  open(): () => void {
    this.#lingering?.cancel();
    this.#lingering = undefined;
    this.#openCount += 1;
    if (this.#openCount === 1) this.#host.openRoom(this);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#openCount -= 1;
      if (this.#openCount === 0) this.#lingering = this.#host.clock.after(lingerMs, () => this.#leave());
    };
  }

  send(draft: MessageDraft): string {
    this.#typing.sent();
    const clientId = this.#host.outbox.add(this.id, draft);
    // A message that one has just written is shown, so the view goes to where it will be.
    if (this.model.timeline.hasMoreAfter) this.loadNewest().catch(() => undefined);
    return clientId;
  }

  retry(clientId: string): void {
    this.#host.outbox.retry(clientId);
  }

  discard(clientId: string): void {
    this.#host.outbox.discard(clientId);
  }

  edit(messageId: string, content: string): Promise<void> {
    return this.#change("edit_message", { messageId, content }, withContent(content));
  }

  delete(messageId: string): Promise<void> {
    return this.#change("delete_message", { messageId }, asDeleted);
  }

  react(messageId: string, emoji: string): Promise<void> {
    return this.#change("add_reaction", { messageId, emoji }, withReaction(emoji, this.#ownId()));
  }

  unreact(messageId: string, emoji: string): Promise<void> {
    return this.#change("remove_reaction", { messageId, emoji }, withoutReaction(emoji, this.#ownId()));
  }

  pin(messageId: string): Promise<void> {
    return this.#change("pin_message", { messageId }, withPin(true));
  }

  unpin(messageId: string): Promise<void> {
    return this.#change("unpin_message", { messageId }, withPin(false));
  }

  loadBefore(): Promise<void> {
    const first = this.model.timeline.messages[0];
    if (!this.model.timeline.hasMoreBefore || !first) return Promise.resolve();
    return this.#load("before", { before: first.seq });
  }

  loadAfter(): Promise<void> {
    const last = this.model.timeline.messages.at(-1);
    if (!this.model.timeline.hasMoreAfter || !last) return Promise.resolve();
    return this.#load("after", { after: last.seq });
  }

  loadAround(seq: number): Promise<void> {
    return this.#load("instead", { around: seq });
  }

  loadNewest(): Promise<void> {
    if (!this.model.timeline.hasMoreAfter) return Promise.resolve();
    return this.#load("instead", {});
  }

  typing(): void {
    this.#typing.start();
  }

  stopTyping(): void {
    this.#typing.stop();
  }

  markRead(seq = this.#newestSeq()): void {
    // Before the list is known, a mark would wipe out what the list has to say about unread messages.
    if (!this.#host.isListed()) {
      this.#markWhenListed = Math.max(this.#markWhenListed, seq);
      return;
    }
    this.#markWhenListed = 0;
    this.#setDivider();
    this.model.tally.markRead(seq);
    this.readMark.move(seq);
    this.model.changed();
  }

  /** Ends what runs by itself. */
  close(): void {
    this.#lingering?.cancel();
    this.readMark.close();
    this.model.typing.clear();
  }

  #leave(): void {
    this.#lingering = undefined;
    this.#isDividerSet = false;
    this.#dividerSeq = undefined;
    this.#host.closeRoom(this);
  }

  #view(): RoomState {
    return viewRoom({
      model: this.model,
      changes: this.#changes,
      entries: this.#host.outbox.list(this.id),
      user: this.#host.user(),
      dividerSeq: this.#dividerSeq,
    });
  }

  /** The divider is set once for each visit, as soon as both the messages and the marker are known. */
  #setDivider(): void {
    if (this.#isDividerSet || !this.isOpen || !this.model.timeline.isLoaded || !this.#host.isListed()) return;
    // A room that has just come onto the list is known there only when the list was read again.
    if (this.model.listing && !this.model.tally.isKnown) return;
    this.#isDividerSet = true;
    if (this.model.tally.unread > 0) this.#dividerSeq = this.model.tally.readSeq;
  }

  #newestSeq(): number {
    const { timeline, position } = this.model;
    const last = timeline.messages.at(-1)?.seq ?? 0;
    return timeline.hasMoreAfter ? last : Math.max(last, position?.seq ?? 0);
  }

  #ownId(): string {
    return this.#host.user()?.userId ?? "";
  }

  #load(place: PagePlace, page: Omit<CommandInput<"get_messages">, "roomId">): Promise<void> {
    // Scrolling asks again and again; the page under way answers all of it.
    const underWay = this.#pages.get(place);
    if (underWay && place !== "instead") return underWay;
    const loading = loadPage(
      { requests: this.#host.requests, timeline: this.model.timeline, place },
      {
        roomId: this.id,
        ...page,
      },
    ).finally(() => {
      if (this.#pages.get(place) === loading) this.#pages.delete(place);
      this.changed();
    });
    this.#pages.set(place, loading);
    return loading;
  }

  #change<Name extends ChangeCommand>(name: Name, input: CommandInput<Name>, change: MessageChange): Promise<void> {
    const end = this.#changes.add(input.messageId, change);
    this.changed();
    return new Promise((resolve, reject) => {
      this.#host.requests.call(name, input, (outcome) => {
        end();
        if (outcome.ok) this.model.takeAnswer(outcome.reply.message);
        this.changed();
        if (outcome.ok) resolve();
        else reject(outcome.error);
      });
    });
  }
}

/** What a room is refused with when it is no longer one's own. */
export const removed = new RealtimeError("not_found", "This room is not there, or not for you");
