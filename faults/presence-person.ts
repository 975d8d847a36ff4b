import type { CommandInput, CommandName, CommandReply, Presence, PresenceStatus } from "@mirage/protocol";
import { prepareSocket, type Reachable, request, type TestSocket } from "@mirage/testing";
import type { Chosen, Life, Sight, Stay } from "./presence-history.ts";

export interface PresencePersonOptions {
  userId: string;
  roomIds: readonly string[];
  /** Everything that any device is shown goes here. */
  sights: Sight[];
  nodes: readonly Reachable[];
}

/** How somebody appears; `words` are absent where only the status was told. */
export interface Look {
  status: PresenceStatus;
  words?: { text?: string | undefined; emoji?: string | undefined };
}

/** One connection, and what it shows of others. */
export interface Device {
  socket: TestSocket;
  stay: Stay;
  connection: string;
  /** How a client that takes every event and answer in its turn would show everybody. */
  shown: Map<string, Look>;
  /** Nobody sits at it. */
  isAway: boolean;
}

/** A person with stock clients who comes, goes and chooses, and writes down what was done and what was seen. */
export class PresencePerson {
  readonly life: Life;
  readonly devices = new Set<Device>();
  readonly refusals: string[] = [];
  readonly #options: PresencePersonOptions;
  #connectionCount = 0;

  constructor(options: PresencePersonOptions) {
    const { userId, roomIds } = options;
    this.#options = options;
    this.life = { userId, roomIds, ghostSince: undefined, stays: [], choices: [] };
  }

  get userId(): string {
    return this.life.userId;
  }

  /** Opens a device at a node with all rooms open on it; undefined where the node is not there. */
  async come(node: number): Promise<Device | undefined> {
    const reachable = this.#options.nodes[node];
    if (!reachable) throw new Error(`there is no node ${node}`);
    const socket = prepareSocket(reachable, this.userId);
    const stay: Stay = { node, askedAtMs: performance.now() };
    const connection = `${this.userId} ${++this.#connectionCount} at ${node + 1}`;
    const device: Device = { socket, stay, connection, shown: new Map(), isAway: false };
    this.life.stays.push(stay);
    this.#listen(device);
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => {
        stay.openedAtMs = performance.now();
        this.devices.add(device);
        resolve(true);
      });
      socket.once("connect_error", () => resolve(false));
      socket.once("disconnect", () => resolve(false));
      socket.connect();
    });
    socket.once("disconnect", () => this.#ended(device));
    if (!isOpen) {
      stay.endedAtMs ??= performance.now();
      socket.disconnect();
      return undefined;
    }
    for (const roomId of this.life.roomIds) {
      const answer = await this.#ask(device, "join_room", { roomId });
      for (const member of answer?.members ?? []) this.#answered(device, device.shown, member);
    }
    return device;
  }

  go(device: Device): void {
    this.#ended(device);
    device.socket.disconnect();
  }

  leaveAll(): void {
    for (const device of [...this.devices]) this.go(device);
  }

  /** A node is about to be killed: whatever they have there ends with it. */
  doom(node: number): void {
    for (const { stay } of this.devices) if (stay.node === node) stay.wasKilled = true;
  }

  /** Their devices at the node that was killed are lost. */
  lose(): void {
    for (const device of [...this.devices]) if (device.stay.wasKilled) this.go(device);
  }

  async choose(device: Device, choice: Chosen["choice"]): Promise<void> {
    const chosen: Chosen = { askedAtMs: performance.now(), choice };
    this.life.choices.push(chosen);
    if (!(await this.#ask(device, "presence_update", choice))) return;
    chosen.ackedAtMs = performance.now();
    // Whoever chooses at a device sits at it.
    device.isAway = false;
  }

  /** Somebody sits down at a device, or leaves it. */
  async attend(device: Device, isAway: boolean): Promise<void> {
    const answer = await this.#ask(device, "presence_update", { status: isAway ? "away" : "online", automatic: true });
    if (answer) device.isAway = isAway;
  }

  /** Asks how others are, by the rooms and by name, and takes what is answered into account. */
  async look(device: Device, userIds: readonly string[]): Promise<void> {
    await this.compare(device, userIds, device.shown);
  }

  /** The same without effect on what the device shows: answers how everybody is. */
  async compare(
    device: Device,
    userIds: readonly string[],
    looks = new Map<string, Look>(),
  ): Promise<Map<string, Look>> {
    for (const roomId of this.life.roomIds) {
      const answer = await this.#ask(device, "list_members", { roomId });
      for (const member of answer?.members ?? []) this.#answered(device, looks, member);
    }
    const watched = await this.#ask(device, "watch_presence", { userIds: [...userIds] });
    for (const user of watched?.users ?? []) {
      this.#note(device, "answer", user);
      looks.set(user.userId, lookOf(user));
    }
    return looks;
  }

  /** How others should see this person now. */
  get truth(): Look {
    const { status, text, emoji } = this.life.choices.at(-1)?.choice ?? { status: "online" };
    if (this.devices.size === 0 || status === "offline") return { status: "offline" };
    const activity = [...this.devices].every(({ isAway }) => isAway) ? "away" : "online";
    return { status: status === "online" ? activity : status, words: { text, emoji } };
  }

  #ended(device: Device): void {
    device.stay.endedAtMs ??= performance.now();
    this.devices.delete(device);
  }

  #listen(device: Device): void {
    const { socket } = device;
    socket.on("presence_changed", ({ users }) => {
      const atMs = performance.now();
      for (const user of users) {
        this.#note(device, "presence_changed", { ...user, atMs });
        device.shown.set(user.userId, lookOf(user));
      }
    });
    for (const name of ["user_online", "user_offline", "user_joined_room", "user_left_room"] as const)
      socket.on(name, ({ userId }: { userId: string }) => this.#note(device, name, { userId }));
  }

  /** Of a room's members the answer says the status alone. */
  #answered(device: Device, looks: Map<string, Look>, { userId, status }: Pick<Presence, "userId" | "status">): void {
    this.#note(device, "answer", { userId, status });
    looks.set(userId, { ...looks.get(userId), status });
  }

  #note(
    { connection }: Device,
    what: Sight["what"],
    seen: Pick<Presence, "userId"> & Partial<Presence> & { atMs?: number },
  ) {
    const { userId: about, status, text, emoji, lastSeen, atMs = performance.now() } = seen;
    this.#options.sights.push({ atMs, by: this.userId, connection, about, what, status, text, emoji, lastSeen });
  }

  async #ask<Name extends CommandName>(
    { socket }: Device,
    name: Name,
    input: CommandInput<Name>,
  ): Promise<CommandReply<Name> | undefined> {
    try {
      const answer = await request(socket, name, input);
      if (answer.ok) return answer;
      if (!answer.error.retryable) this.refusals.push(`${this.userId}: ${name} ${answer.error.code}`);
    } catch {
      // Its connection was lost, and with it the answer.
    }
    return undefined;
  }
}

const lookOf = ({ status, text, emoji }: Presence): Look => ({ status, words: { text, emoji } });
