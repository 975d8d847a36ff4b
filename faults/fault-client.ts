import type { Ack, CommandInput, CommandName, CommandReply, EventName, EventPayload, Position } from "@mirage/protocol";
import {
  type HistoryEntry,
  pause,
  prepareSocket,
  type Reachable,
  RoomModel,
  type RoomRecorder,
  recordRoom,
  type SendEntry,
  type TestSocket,
} from "@mirage/testing";

/** A message on its way: repeated by its nonce until the server has said yes or no. */
interface Pending {
  roomId: string;
  content: string;
  nonce: string;
  /** The connection it was last sent on. */
  sentOn: TestSocket | undefined;
}

interface Followed {
  model: RoomModel | undefined;
  recorder: RoomRecorder | undefined;
  epoch: string;
  wasReset: boolean;
}

const streamEvents = ["chat_message", "message_updated", "member_updated", "room_updated"] as const;
const answerTimeoutMs = 20_000;
const maxPosted = 50;
const retryAfterMs = 500;

/**
 * The simplest client that keeps its promises: it follows rooms, comes back after every loss and resumes, and repeats
 * what was not acknowledged. Everything it does and sees is written down for the judge.
 */
export class FaultClient {
  readonly name: string;
  readonly userId: string;
  readonly history: HistoryEntry[] = [];
  /** Refusals that a client may not meet, by code. */
  readonly refusals = new Map<string, number>();
  /** The last messages it posted. */
  readonly posted: { messageId: string; roomId: string }[] = [];
  /** Where it is on its way back, for the message of a failure. */
  stage = "new";
  duplicateCount = 0;
  ackedCount = 0;
  unavailableCount = 0;
  readonly #reachable: () => Reachable;
  readonly #rooms = new Map<string, Followed>();
  readonly #pending = new Map<string, Pending>();
  #socket: TestSocket | undefined;
  #isStopped = false;
  #isResumed = false;
  #nonceCount = 0;

  constructor(options: { name: string; userId: string; roomIds: readonly string[]; reachable: () => Reachable }) {
    this.name = options.name;
    this.userId = options.userId;
    this.#reachable = options.reachable;
    for (const roomId of options.roomIds) {
      this.#rooms.set(roomId, { model: undefined, recorder: undefined, epoch: "", wasReset: false });
    }
  }

  /** Connected, and everything missed has been got. */
  get isReady(): boolean {
    return this.#isResumed && this.#socket?.connected === true;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** What is shown of a room. */
  room(roomId: string): { model: RoomModel; wasReset: boolean; recorder: RoomRecorder } {
    const followed = this.#rooms.get(roomId);
    if (!followed?.model || !followed.recorder) throw new Error(`${this.name} never saw ${roomId}`);
    return { model: followed.model, wasReset: followed.wasReset, recorder: followed.recorder };
  }

  get fullHistory(): HistoryEntry[] {
    return [...this.history, ...[...this.#rooms.values()].flatMap(({ recorder }) => recorder?.history ?? [])];
  }

  /** Connects and stays connected until `stop`. */
  async start(): Promise<void> {
    await this.#connect();
  }

  stop(): void {
    this.#isStopped = true;
    this.#socket?.disconnect();
  }

  /** Closes the connection as a lost network would; the client comes back by itself. */
  drop(): void {
    this.#socket?.io.engine.close();
  }

  send(roomId: string, content: string): void {
    const nonce = `${this.name}-${++this.#nonceCount}`;
    const pending: Pending = { roomId, content, nonce, sentOn: undefined };
    this.#pending.set(nonce, pending);
    this.#note({ roomId, kind: "sent", nonce });
    if (this.isReady) this.#post(pending);
  }

  /** Anything else: done at most once, whatever becomes of it. */
  act<Name extends CommandName>(name: Name, payload: CommandInput<Name>): void {
    if (!this.isReady) return;
    this.#request(name, payload, (answer) => {
      if (answer && !answer.ok && answer.error.code !== "not_found") this.#countRefusal(answer.error.code);
    });
  }

  #post(pending: Pending): void {
    const { roomId, content, nonce } = pending;
    const socket = this.#socket;
    if (!socket || pending.sentOn === socket) return;
    pending.sentOn = socket;
    this.#request("chat_message", { roomId, content, nonce }, (answer) => {
      if (!this.#pending.has(nonce)) return;
      if (answer?.ok) {
        this.#pending.delete(nonce);
        this.ackedCount++;
        if (answer.duplicate) this.duplicateCount++;
        const { id: messageId, seq } = answer.message;
        this.posted.push({ messageId, roomId });
        if (this.posted.length > maxPosted) this.posted.shift();
        this.#note({ roomId, kind: "acked", nonce, seq, messageId, ...(answer.duplicate ? { duplicate: true } : {}) });
        return;
      }
      if (answer && !answer.error.retryable) {
        this.#pending.delete(nonce);
        this.#countRefusal(answer.error.code);
        this.#note({ roomId, kind: "refused", nonce });
        return;
      }
      if (answer) this.unavailableCount++;
      this.#note({ roomId, kind: "lost", nonce });
      // What was lost with its connection is sent again by the next one.
      if (this.#socket === socket) setTimeout(() => this.#postAgain(pending, socket), retryAfterMs).unref();
    });
  }

  #postAgain(pending: Pending, socket: TestSocket): void {
    if (this.#socket !== socket || !this.#pending.has(pending.nonce)) return;
    pending.sentOn = undefined;
    this.#post(pending);
  }

  async #connect(): Promise<void> {
    while (!this.#isStopped) {
      const socket = prepareSocket(this.#reachable(), { userId: this.userId, username: this.userId });
      const isOpen = await this.#open(socket);
      if (isOpen && this.#socket === socket) {
        this.#isResumed = true;
        this.stage = "open";
        for (const pending of this.#pending.values()) this.#post(pending);
        socket.once("disconnect", () => void this.#connect());
        return;
      }
      socket.disconnect();
      await pause(200 + Math.random() * 600);
    }
  }

  async #open(socket: TestSocket): Promise<boolean> {
    this.#listen(socket);
    this.stage = "connecting";
    const isAccepted = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("connect_error", () => resolve(false));
      // The connection may be lost before it was accepted.
      socket.once("disconnect", () => resolve(false));
      socket.connect();
    });
    if (!isAccepted) return false;
    this.#socket = socket;
    socket.once("disconnect", () => {
      for (const { recorder } of this.#rooms.values()) recorder?.closed();
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#isResumed = false;
    });
    this.stage = "opening";
    const isNew = [...this.#rooms.values()].some(({ model }) => model === undefined);
    return isNew ? await this.#join() : await this.#resume([...this.#rooms.keys()]);
  }

  async #join(): Promise<boolean> {
    for (const [roomId, followed] of this.#rooms) {
      const isOpen = await new Promise<boolean>((resolve) => {
        this.#request("join_room", { roomId }, (answer) => {
          if (answer?.ok) {
            followed.model = new RoomModel(answer);
            followed.epoch = answer.epoch;
          } else if (answer) this.#countRefusal(answer.error.code);
          resolve(answer?.ok === true);
        });
      });
      if (!isOpen) return false;
    }
    return true;
  }

  async #resume(roomIds: readonly string[]): Promise<boolean> {
    const rooms = roomIds.map((roomId) => ({ roomId, since: this.#positionIn(roomId) }));
    const again = await new Promise<string[] | undefined>((resolve) => {
      this.#request("resume", { rooms }, (answer) => {
        resolve(answer?.ok ? this.#takeRooms(answer) : undefined);
      });
    });
    if (again === undefined) return false;
    if (again.length > 0) this.stage = `asks again for ${again.map((id) => `${id} since ${this.#positionIn(id).seq}`)}`;
    return again.length === 0 || (await this.#resume(again));
  }

  /** Returns the rooms that must be asked for again. */
  #takeRooms({ rooms }: CommandReply<"resume">): string[] {
    const left: string[] = [];
    for (const room of rooms) {
      if ("removed" in room) this.#countRefusal("removed");
      if ("deferred" in room) left.push(room.roomId);
      const followed = this.#rooms.get(room.roomId);
      if (!("messages" in room) || !followed?.model) continue;
      if (room.hasMore && !room.reset) left.push(room.roomId);
      if (room.reset) followed.wasReset = true;
      followed.epoch = room.epoch;
      followed.recorder?.opened(room);
      followed.model.resume(room);
    }
    return left;
  }

  #positionIn(roomId: string): Position {
    const { model, epoch } = this.#rooms.get(roomId) ?? { model: undefined, epoch: "" };
    return { epoch, seq: model?.seq ?? 0 };
  }

  #listen(socket: TestSocket): void {
    for (const [roomId, followed] of this.#rooms) {
      if (followed.recorder) followed.recorder.attach(socket);
      else followed.recorder = recordRoom(socket, roomId, this.name);
    }
    for (const name of streamEvents) {
      socket.on(name, (payload: EventPayload<EventName>) => {
        this.#rooms.get(roomOf(payload) ?? "")?.model?.apply(name, payload as EventPayload<typeof name>);
      });
    }
  }

  /** Calls back in the very tick of the answer: events that follow it must find the room open. */
  #request<Name extends CommandName>(
    name: Name,
    payload: CommandInput<Name>,
    whenAnswered: (answer: Ack<Name> | undefined) => void,
  ): void {
    const untyped = this.#socket as unknown as UntypedSocket | undefined;
    if (untyped) {
      untyped
        .timeout(answerTimeoutMs)
        .emit(name, payload, (error, answer) => whenAnswered(error ? undefined : (answer as Ack<Name>)));
    } else whenAnswered(undefined);
  }

  #countRefusal(code: string): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  #note(entry: Omit<SendEntry, "atMs" | "client" | "userId">): void {
    this.history.push({ atMs: performance.now(), client: this.name, userId: this.userId, ...entry });
  }
}

interface UntypedSocket {
  timeout(ms: number): {
    emit(name: string, payload: unknown, whenAnswered: (error: Error | null, answer: unknown) => void): void;
  };
}

function roomOf(payload: EventPayload<EventName>): string | undefined {
  if ("roomId" in payload) return payload.roomId;
  return "room" in payload ? payload.room.id : undefined;
}
