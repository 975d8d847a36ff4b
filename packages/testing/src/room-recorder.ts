import type { EventName, EventPayload } from "@mirage/protocol";
import type { ApplyEntry, HistoryEntry, OpenEntry } from "./history.ts";
import type { TestSocket } from "./sockets.ts";

/** An event of a room's stream, with the positions it covers. */
export interface RecordedEvent {
  name: EventName;
  from: number;
  seq: number;
  change: string;
  payload: unknown;
}

/** Keeps what one connection is sent of one room, in order, and what is wrong with that order. */
export interface RoomRecorder {
  readonly events: readonly RecordedEvent[];
  /** Position after the last answer or event; undefined while the room is not open. */
  readonly position: number | undefined;
  /** What went against the promise: events rise strictly and leave nothing out. */
  readonly violations: readonly string[];
  /** Entries for `checkHistory`. */
  readonly history: readonly HistoryEntry[];
  /** Call it with the answer to `join_room` or `resume`, in its own callback. */
  opened(answer: { seq: number; reset?: boolean | undefined }): void;
  /** The connection has gone: positions go on from the next answer. */
  closed(): void;
  /** Follows the room on another connection of the same client. */
  attach(socket: TestSocket): void;
  /** @throws when anything came out of order. */
  assertOrdered(): void;
}

/** Begins to record. `joined_room` opens by itself; after a `resume` call `opened`. */
export function recordRoom(socket: TestSocket, roomId: string, client = "client"): RoomRecorder {
  const recorder = new Recorder(roomId, client);
  recorder.attach(socket);
  return recorder;
}

class Recorder implements RoomRecorder {
  readonly events: RecordedEvent[] = [];
  readonly violations: string[] = [];
  readonly history: (OpenEntry | ApplyEntry)[] = [];
  position: number | undefined;
  readonly #roomId: string;
  readonly #client: string;
  #wasOpen = false;

  constructor(roomId: string, client: string) {
    this.#roomId = roomId;
    this.#client = client;
  }

  attach(socket: TestSocket): void {
    socket.on("chat_message", (message) => this.#onMessage("chat_message", message));
    socket.on("message_updated", (message) => this.#onMessage("message_updated", message));
    socket.on("member_updated", (event) => {
      if (event.roomId !== this.#roomId) return;
      this.#add({
        name: "member_updated",
        ...span(event.seq, event.from),
        change: `members:${event.seq}`,
        payload: event,
      });
    });
    socket.on("room_updated", (event) => {
      if (event.room.id !== this.#roomId) return;
      this.#add({ name: "room_updated", ...span(event.seq, event.from), change: "room", payload: event });
    });
    socket.on("joined_room", (event) => {
      if (event.roomId === this.#roomId) this.opened(event);
    });
  }

  opened(answer: { seq: number; reset?: boolean | undefined }): void {
    const isFresh = !this.#wasOpen || answer.reset === true;
    if (this.position !== undefined && !isFresh && answer.seq < this.position) {
      this.violations.push(`answered ${answer.seq} to a client at ${this.position}`);
    }
    this.history.push({ ...this.#entry(), kind: "opened", seq: answer.seq, isFresh });
    this.#wasOpen = true;
    this.position = answer.seq;
  }

  closed(): void {
    this.position = undefined;
  }

  assertOrdered(): void {
    if (this.violations.length > 0) {
      throw new Error(`${this.#client} in ${this.#roomId}:\n${this.violations.slice(0, 20).join("\n")}`);
    }
  }

  #onMessage(name: "chat_message" | "message_updated", message: EventPayload<"chat_message">): void {
    if (message.roomId !== this.#roomId) return;
    const seq = name === "chat_message" ? message.seq : message.updatedSeq;
    this.#add({ name, ...span(seq, message.from), change: `message:${message.id}`, payload: message });
  }

  #add(event: RecordedEvent): void {
    const last = this.position;
    if (last === undefined) this.violations.push(`${event.seq} came before the room was open`);
    else if (event.seq <= last) this.violations.push(`${event.seq} came after ${last}`);
    else if (event.from > last + 1) this.violations.push(`${last + 1} was left out before ${event.seq}`);
    this.position = Math.max(event.seq, last ?? 0);
    this.events.push(event);
    const { seq, from, change } = event;
    this.history.push({ ...this.#entry(), kind: "applied", seq, from, change });
  }

  #entry() {
    return { atMs: performance.now(), client: this.#client, roomId: this.#roomId };
  }
}

function span(seq: number, from: number | undefined) {
  return { seq, from: from ?? seq };
}
