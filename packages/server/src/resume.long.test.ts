import type { Ack, CommandInput, CommandName, EventName, EventPayload } from "@mirage/protocol";
import {
  eventually,
  RoomModel,
  type RoomRecorder,
  recordRoom,
  request,
  requestOk,
  startTestServer,
  type TestServer,
  type TestSocket,
} from "@mirage/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

const actors = ["owner", "bob", "cat"] as const;
const guests = ["dan", "eve"] as const;
const streamEvents = ["chat_message", "message_updated", "member_updated", "room_updated"] as const;
const userEvents = [
  ...(["room_added", "room_removed", "read_marker", "mention"] as const),
  ...(["notification", "notification_read", "notification_deleted"] as const),
];

let server: TestServer;
const sockets = new Map<string, TestSocket>();
beforeAll(async () => {
  server = await startTestServer();
  for (const name of [...actors, ...guests]) sockets.set(name, await server.connect(name));
});
afterAll(() => server?.close());

/** One who follows a room through losses, and is compared with the others in the end. */
class Follower {
  readonly #userId: string;
  readonly #roomId: string;
  #socket: TestSocket | undefined;
  model: RoomModel | undefined;
  recorder: RoomRecorder | undefined;
  #epoch = "";

  constructor(userId: string, roomId: string) {
    this.#userId = userId;
    this.#roomId = roomId;
  }

  async open(how: "join" | "resume" | "join since"): Promise<void> {
    const socket = server.prepareSocket(this.#userId);
    this.#listen(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("connect_error", reject);
      socket.connect();
    });
    this.#socket = socket;
    const roomId = this.#roomId;
    const since = { epoch: this.#epoch, seq: this.model?.seq ?? 0 };
    if (how === "resume" && this.model) {
      return await answered(
        socket,
        { name: "resume", payload: { rooms: [{ roomId, since }] } },
        ({ rooms: [room] }) => {
          if (room && "messages" in room) this.#take(room, true);
        },
      );
    }
    const isReturn = how === "join since" && this.model !== undefined;
    const payload = { roomId, ...(isReturn ? { since } : {}) };
    await answered(socket, { name: "join_room", payload }, (page) => this.#take(page, isReturn));
  }

  close(): void {
    this.#socket?.disconnect();
    this.recorder?.closed();
  }

  #take(page: ConstructorParameters<typeof RoomModel>[0] & { epoch: string }, isReturn: boolean): void {
    if (this.model && isReturn) this.model.resume(page);
    else this.model = new RoomModel(page);
    this.#epoch = page.epoch;
    this.recorder?.opened({ ...page, reset: !isReturn });
  }

  #listen(socket: TestSocket): void {
    if (this.recorder) this.recorder.attach(socket);
    else this.recorder = recordRoom(socket, this.#roomId, this.#userId);
    for (const name of streamEvents) {
      socket.on(name, (payload: EventPayload<EventName>) => {
        const roomId = "roomId" in payload ? payload.roomId : "room" in payload ? payload.room.id : undefined;
        if (roomId === this.#roomId) this.model?.apply(name, payload as EventPayload<typeof name>);
      });
    }
  }
}

/** Asks, and takes the answer in the very tick in which it arrives: events that follow it may come in the same one. */
function answered<Name extends CommandName>(
  socket: TestSocket,
  { name, payload }: { name: Name; payload: CommandInput<Name> },
  take: (reply: Extract<Ack<Name>, { ok: true }>) => void,
): Promise<void> {
  const untyped = socket as unknown as { emit(event: string, payload: unknown, call: (ack: Ack<Name>) => void): void };
  return new Promise((resolve, reject) => {
    untyped.emit(name, payload, (ack) => {
      if (ack.ok) take(ack as Extract<Ack<Name>, { ok: true }>);
      if (ack.ok) resolve();
      else reject(new Error(`${name}: ${ack.error.code} ${ack.error.message}`));
    });
  });
}

const step = fc.record({
  op: fc.constantFrom(
    ...(["send", "send", "send", "edit", "delete", "react", "unreact", "pin", "unpin"] as const),
    ...(["add", "remove", "role", "rename", "describe", "mark", "wait", "leave", "return"] as const),
  ),
  actor: fc.constantFrom(...actors),
  guest: fc.constantFrom(...guests),
  pick: fc.nat({ max: 40 }),
});
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

function socketOf(name: string): TestSocket {
  const socket = sockets.get(name);
  if (!socket) throw new Error(`${name} is not connected`);
  return socket;
}

interface Scene {
  roomId: string;
  messageIds: string[];
  head: number;
}

/** Does one thing; what is refused changes nothing, which is as good. */
async function act({ op, actor, guest, pick }: Step, scene: Scene): Promise<void> {
  const { roomId, messageIds } = scene;
  const messageId = messageIds[pick % Math.max(1, messageIds.length)];
  const socket = socketOf(actor);
  const owner = socketOf("owner");
  if (op === "send" && messageIds.length < 40) {
    const content = pick % 4 === 0 ? `hello @bob ${pick}` : `text ${pick}`;
    const answer = await request(socket, "chat_message", { roomId, content });
    if (answer.ok) messageIds.push(answer.message.id);
    if (answer.ok) scene.head = answer.message.seq;
  } else if (op === "add") await request(owner, "add_member", { roomId, userId: guest });
  else if (op === "remove") await request(owner, "remove_member", { roomId, userId: guest });
  else if (op === "role") {
    await request(owner, "set_role", { roomId, userId: guest, role: pick % 2 === 0 ? "moderator" : "member" });
  } else if (op === "rename") await request(owner, "update_room", { roomId, name: `Room ${pick}` });
  else if (op === "describe") await request(owner, "update_room", { roomId, description: `about ${pick}` });
  else if (op === "mark") await request(socketOf("bob"), "mark_read", { roomId, seq: scene.head });
  else if (messageId === undefined) return;
  else if (op === "edit") await request(socket, "edit_message", { messageId, content: `edited ${pick}` });
  else if (op === "delete") await request(owner, "delete_message", { messageId });
  else if (op === "pin") await request(owner, "pin_message", { messageId });
  else if (op === "unpin") await request(owner, "unpin_message", { messageId });
  else if (op === "react" || op === "unreact") {
    const emoji = pick % 2 === 0 ? "👍" : "🎉";
    await request(socket, op === "react" ? "add_reaction" : "remove_reaction", { messageId, emoji });
  }
}

test("[CAT-1] [LAW-1] who stayed, who came back at any time, who came late and who is new are shown the same", async () => {
  let run = 0;
  const property = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 70 }), async (steps) => {
    const { room } = await requestOk(socketOf("owner"), "create_room", { name: `Run ${++run}`, type: "public" });
    const roomId = room.id;
    for (const name of ["bob", "cat"]) await requestOk(socketOf("owner"), "add_member", { roomId, userId: name });
    const stayed = new Follower("owner", roomId);
    const traveller = new Follower("bob", roomId);
    const late = new Follower("cat", roomId);
    await stayed.open("join");
    await traveller.open("join");
    const scene: Scene = { roomId, messageIds: [], head: 0 };
    const pending: Promise<unknown>[] = [];
    let travelling: Promise<void> = Promise.resolve();
    let isAway = false;
    for (const [index, one] of steps.entries()) {
      if (one.op === "wait") await Promise.all(pending.splice(0));
      else if (one.op === "leave" && !isAway) {
        await travelling;
        traveller.close();
        isAway = true;
      } else if (one.op === "return" && isAway) {
        // In the midst of what the others do.
        travelling = traveller.open(one.pick % 2 === 0 ? "resume" : "join since");
        isAway = false;
      } else pending.push(act(one, scene));
      if (index === Math.floor(steps.length / 2)) pending.push(late.open("join"));
    }
    await Promise.all(pending);
    await travelling;
    if (isAway) await traveller.open("resume");
    const fresh = new Follower("owner", roomId);
    await fresh.open("join");
    const target = fresh.model?.snapshot();
    for (const follower of [stayed, traveller, late]) {
      await eventually(() => follower.model?.seq === target?.seq);
      expect(follower.model?.snapshot()).toEqual(target);
      follower.recorder?.assertOrdered();
    }
    for (const follower of [stayed, traveller, late, fresh]) follower.close();
  });
  await fc.assert(property, { numRuns: 50 });
}, 180_000);

test("[FAN-1] positions of a person's own stream rise and leave nothing out", async () => {
  const bob = await server.connect("bob");
  const seen: [number, number][] = [];
  for (const name of userEvents) {
    bob.on(name, ({ userSeq, from }: { userSeq: number; from?: number | undefined }) => {
      // A mention's notification is the other half of the same change.
      const isOtherHalf = name === "notification" && seen.at(-1)?.[1] === userSeq;
      if (!isOtherHalf) seen.push([from ?? userSeq, userSeq]);
    });
  }
  const { seq } = await requestOk(bob, "list_rooms", {});
  const owner = socketOf("owner");
  const { room } = await requestOk(owner, "create_room", { name: "Own", type: "private" });
  const at = { roomId: room.id, userId: "bob" };
  for (let round = 0; round < 4; round++) {
    const added = request(owner, "add_member", at);
    const sent = request(owner, "chat_message", { roomId: room.id, content: `@bob ${round}` });
    await added;
    const marked = request(bob, "mark_read", { roomId: room.id, seq: 1_000 });
    await Promise.all([sent, marked, request(owner, "remove_member", at)]);
  }
  const { seq: head } = await requestOk(bob, "list_rooms", {});
  await eventually(() => (seen.at(-1)?.[1] ?? 0) >= head);
  let last = seen[0]?.[0] === undefined ? seq : seen[0][0] - 1;
  expect(last).toBeLessThanOrEqual(seq);
  for (const [from, position] of seen) {
    expect(from).toBe(last + 1);
    expect(position).toBeGreaterThanOrEqual(from);
    last = position;
  }
}, 60_000);
