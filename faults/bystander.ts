import {
  type ConnectOptions,
  connect,
  eventually,
  pause,
  type Reachable,
  type RoomRecorder,
  recordRoom,
  requestOk,
  type TestSocket,
} from "@mirage/testing";
import type { Random } from "./random.ts";

const patienceMs = 30_000;

/** A stock client in a crowd, who keeps what it was sent and in which order. */
export class Bystander {
  readonly #name: string;
  readonly #socket: TestSocket;
  readonly #roomId: string;
  readonly #recorder: RoomRecorder;
  /** Position of each message, by id: those posted since the room was opened. */
  readonly seen = new Map<string, number>();
  /** What was missed at once and was too much for an answer: history, to be paged through. */
  readonly #skipped: { after: number; to: number }[] = [];
  #repeatedCount = 0;
  #openedAt = 0;
  #epoch = "";

  private constructor(name: string, socket: TestSocket, roomId: string) {
    this.#name = name;
    this.#socket = socket;
    this.#roomId = roomId;
    this.#recorder = recordRoom(socket, roomId, name);
    socket.on("chat_message", ({ id, seq }) => {
      if (this.seen.has(id)) this.#repeatedCount++;
      this.seen.set(id, seq);
    });
  }

  /** Connects and opens the room. */
  static async enter(
    server: Reachable,
    name: string,
    { roomId, ...options }: ConnectOptions & { roomId: string },
  ): Promise<Bystander> {
    const bystander = new Bystander(name, await connect(server, name, options), roomId);
    const page = await requestOk(bystander.#socket, "join_room", { roomId });
    bystander.#openedAt = page.seq;
    bystander.#epoch = page.epoch;
    return bystander;
  }

  /** How it is connected now. */
  get transport(): string {
    return this.#socket.io.engine.transport.name;
  }

  /** Leaves the room and comes back to where it was, again and again. Returns how often. */
  async comeAndGo(random: Random, isOver: () => boolean): Promise<number> {
    const roomId = this.#roomId;
    let times = 0;
    for (; !isOver(); times++) {
      await pause(random.between(20, 150));
      await requestOk(this.#socket, "leave_room", { roomId });
      const since = { epoch: this.#epoch, seq: this.#recorder.position ?? 0 };
      this.#recorder.closed();
      await pause(random.between(0, 100));
      const page = await requestOk(this.#socket, "join_room", { roomId, since });
      for (const { id, seq } of page.messages) this.seen.set(id, seq);
      if (page.reset) this.#skipped.push({ after: since.seq, to: page.seq });
    }
    return times;
  }

  /** What is wrong with what it was sent, once it has come to the room's head or given up; then it leaves. */
  async findProblems(room: { head: number; messages: ReadonlyMap<string, number> }): Promise<string[]> {
    const problems: string[] = [];
    const isThere = () => (this.#recorder.position ?? 0) >= room.head;
    await eventually(isThere, { timeoutMs: patienceMs }).catch(() => {
      problems.push(`stopped at ${this.#recorder.position} of ${room.head}`);
    });
    problems.push(...this.#recorder.violations);
    if (this.#repeatedCount > 0) problems.push(`${this.#repeatedCount} messages twice`);
    const isSkipped = (at: number) => this.#skipped.some(({ after, to }) => at > after && at <= to);
    const due = [...room.messages].filter(([, seq]) => seq > this.#openedAt && !isSkipped(seq));
    const lostCount = due.filter(([id]) => !this.seen.has(id)).length;
    if (lostCount > 0) problems.push(`${lostCount} of ${due.length} messages never`);
    this.#socket.disconnect();
    return problems.map((problem) => `${this.#name}: ${problem}`);
  }
}
