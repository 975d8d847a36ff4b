import type { PresenceStatus } from "@mirage/protocol";
import {
  eventually,
  FakeClock,
  Inbox,
  requestOk,
  startTestServer,
  type TestServer,
  type TokenClaims,
} from "@mirage/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestPeople } from "./open-test-people.ts";

const clock = new FakeClock(Date.now());
let server: TestServer;
let people: ReturnType<typeof openTestPeople>;
let runCount = 0;

beforeAll(async () => {
  server = await startTestServer({ clock });
  people = openTestPeople(server, clock);
});
afterAll(() => server?.close());

const step = fc.record({
  kind: fc.constantFrom(
    "connect",
    "connect",
    "drop",
    "choose",
    "observe",
    "join",
    "join",
    "leave",
    "wait",
    "wait",
    "settle",
  ),
  user: fc.nat({ max: 3 }),
  pick: fc.nat({ max: 11 }),
});
type Step = { kind: string; user: number; pick: number };

/** A token for an hour by the clock that is turned: in many runs it goes further than an hour of its own. */
function withToken(userId: string): TokenClaims {
  return { userId, username: userId, exp: Math.floor(clock.now() / 1000) + 3_600 };
}

/** What one connection makes of what it is told. */
class Device {
  readonly inbox: Inbox;
  readonly seen = new Map<string, PresenceStatus>();
  isAway = false;

  readonly owner: Person;

  constructor(owner: Person) {
    this.owner = owner;
    this.inbox = new Inbox(server.prepareSocket(withToken(owner.id)));
    this.inbox.socket.on("presence_changed", ({ users }) => {
      for (const { userId, status } of users) this.seen.set(userId, status);
    });
  }

  async connect(): Promise<void> {
    const { socket } = this.inbox;
    const connected = new Promise<void>((resolve) => socket.once("connect", () => resolve()));
    socket.connect();
    await connected;
    for (const roomId of this.owner.rooms) await this.open(roomId);
  }

  /** In the callback itself: what is told after the answer counts for more than the answer. */
  open(roomId: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.inbox.socket.emit("join_room", { roomId }, (answer) => {
        if (!answer.ok) return reject(new Error(answer.error.message));
        for (const { userId, status } of answer.members) this.seen.set(userId, status);
        resolve();
      });
    });
  }
}

class Person {
  readonly rooms = new Set<string>();
  devices: Device[] = [];
  choice: PresenceStatus = "online";
  /** They chose to be invisible before all that was told last. */
  wasHidden = false;

  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  get status(): PresenceStatus {
    if (this.devices.length === 0) return "offline";
    if (this.choice !== "online") return this.choice;
    return this.devices.some(({ isAway }) => !isAway) ? "online" : "away";
  }

  shares(other: Person): boolean {
    return [...this.rooms].some((roomId) => other.rooms.has(roomId));
  }
}

class World {
  readonly everyone: Person[];
  readonly rooms: string[] = [];
  /** Who shared a room with whom at any time since all was told last. */
  readonly #acquainted = new Set<string>();
  readonly #number = ++runCount;

  constructor() {
    this.everyone = [0, 1, 2, 3].map((n) => new Person(`run${this.#number}user${n}`));
  }

  async open(): Promise<void> {
    const owner = await server.connect(withToken(`run${this.#number}owner`));
    for (let n = 0; n < 3; n++) this.rooms.push((await requestOk(owner, "create_room", { name: `${n}` })).room.id);
    owner.disconnect();
  }

  async take({ kind, user, pick }: Step): Promise<void> {
    const person = this.everyone[user];
    if (!person) throw new Error("nobody");
    const device = person.devices[pick % Math.max(1, person.devices.length)];
    const roomId = this.rooms[pick % 3] ?? "";
    if (kind === "connect" && person.devices.length < 2) await this.#connect(person);
    if (kind === "drop" && device) await this.#drop(person, device);
    if (kind === "choose" && device) await this.#choose(person, { device, pick });
    if (kind === "observe" && device) {
      device.isAway = pick % 2 === 0;
      const status = device.isAway ? "away" : "online";
      await requestOk(device.inbox.socket, "presence_update", { status, automatic: true });
    }
    if (kind === "join" && device) {
      person.rooms.add(roomId);
      this.#acquaint();
      for (const each of person.devices) await each.open(roomId);
    }
    if (kind === "leave" && device && person.rooms.delete(roomId)) {
      await requestOk(device.inbox.socket, "remove_member", { roomId, userId: person.id });
      this.#forgetStrangers();
    }
    if (kind === "wait") clock.advance(pick * 500);
    if (kind === "settle") await this.settle();
  }

  /** Everything is told; then everyone sees what is, and nothing of strangers and of who hid all the while. */
  async settle(): Promise<void> {
    clock.advance(7_000);
    for (const { devices } of this.everyone) for (const { inbox } of devices) await inbox.settle();
    for (const observer of this.everyone) for (const device of observer.devices) this.#check(observer, device);
    for (const person of this.everyone) person.wasHidden = person.choice === "offline" && person.status === "offline";
    this.#acquainted.clear();
    this.#acquaint();
  }

  async close(): Promise<void> {
    for (const person of this.everyone) for (const device of [...person.devices]) await this.#drop(person, device);
    clock.advance(40_000);
  }

  #check(observer: Person, { seen, inbox }: Device): void {
    for (const other of this.everyone) {
      if (other === observer) continue;
      // Whoever one has never been told of is not here, as far as one knows.
      const known = seen.get(other.id) ?? "offline";
      if (observer.shares(other)) expect(known, `${observer.id} sees ${other.id}`).toBe(other.status);
      const isStranger = !this.#acquainted.has(`${observer.id} ${other.id}`);
      if (!isStranger && (!other.wasHidden || other.choice !== "offline")) continue;
      const turns = [...inbox.of("user_online"), ...inbox.of("user_offline"), ...inbox.of("user_joined_room")];
      expect(turns.map(({ userId }) => userId)).not.toContain(other.id);
      const shown = inbox.of("presence_changed").flatMap(({ users }) => users);
      expect(shown.map(({ userId }) => userId)).not.toContain(other.id);
    }
    inbox.clear();
  }

  #acquaint(): void {
    for (const one of this.everyone) {
      for (const other of this.everyone) if (one.shares(other)) this.#acquainted.add(`${one.id} ${other.id}`);
    }
  }

  async #connect(person: Person): Promise<void> {
    const device = new Device(person);
    await device.connect();
    person.devices.push(device);
  }

  async #drop(person: Person, device: Device): Promise<void> {
    person.devices = person.devices.filter((other) => other !== device);
    device.inbox.socket.disconnect();
    const left = person.devices.length;
    await eventually(
      () => (server.running.getConnectedUsers().find(({ userId }) => userId === person.id)?.connections ?? 0) === left,
    );
  }

  async #choose(person: Person, { device, pick }: { device: Device; pick: number }): Promise<void> {
    const statuses = ["online", "away", "dnd", "offline"] as const;
    const status = statuses[pick % statuses.length] ?? "online";
    if (status !== "offline") person.wasHidden = false;
    await people.choose({ socket: device.inbox.socket, inbox: device.inbox }, { status });
    person.choice = status;
    device.isAway = false;
  }

  /** Of whoever one shares nothing with any more, nothing is known. */
  #forgetStrangers(): void {
    for (const one of this.everyone) {
      for (const other of this.everyone) {
        if (one !== other && !one.shares(other)) for (const { seen } of one.devices) seen.delete(other.id);
      }
    }
  }
}

test("[PRES-10] whatever people do, everyone sees what is, and nobody sees who is invisible", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const world = new World();
      await world.open();
      for (const next of steps) await world.take(next);
      await world.settle();
      await world.close();
    }),
    { numRuns: Number(process.env.PRESENCE_RUNS ?? 25), endOnFailure: true },
  );
}, 120_000);
