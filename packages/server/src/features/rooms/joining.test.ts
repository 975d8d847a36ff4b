import { type Ack, type EventName, limits, type Message } from "@mirage/protocol";
import {
  connect,
  FakeClock,
  followRoom,
  Inbox,
  request,
  requestOk,
  startTestServer,
  type TestServer,
} from "@mirage/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const clock = new FakeClock(Date.now());
let server: TestServer;
let roomCount = 0;

beforeAll(async () => {
  server = await startTestServer({ clock });
});
afterAll(() => server?.close());

const isOfOccupancy = (name: EventName): boolean => name === "user_joined_room" || name === "user_left_room";

/** A public room of Olga's own. */
async function makeRoom(name = `room ${++roomCount}`): Promise<string> {
  const olga = await server.connect("olga");
  const { room } = await requestOk(olga, "create_room", { name, type: "public" });
  return room.id;
}

describe.each(["websocket", "polling"] as const)("over %s", (transport) => {
  const open = (user: string) => server.connect(user, { transports: [transport] });

  test("[JOIN-1] the acknowledgement has the page, then comes `joined_room`, and no `recent_messages`", async () => {
    const roomId = await makeRoom("Lobby");
    const ann = await open("ann");
    const inbox = new Inbox(ann);
    const order: string[] = [];
    ann.onAny((name: EventName) => order.push(name));
    const page = await new Promise<Ack<"join_room">>((resolve) => {
      // The callback itself, not a promise: that would be a turn later than what came in the same frame.
      ann.emit("join_room", { roomId }, (answer) => {
        order.push("answer");
        resolve(answer);
      });
    });
    if (!page.ok) throw new Error(page.error.message);
    await inbox.settle();
    expect(page).toEqual({
      ok: true,
      room: { id: roomId, name: "Lobby", type: "public", memberCount: 2, role: "member", seq: 1, epoch: page.epoch },
      members: [
        { userId: "olga", username: "olga", role: "owner", status: "online" },
        { userId: "ann", username: "ann", role: "member", status: "online" },
      ],
      messages: [],
      seq: 1,
      epoch: expect.any(String),
      hasMore: false,
      online: ["ann"],
    });
    expect(inbox.of("joined_room")).toEqual([{ roomId, seq: 1, epoch: page.epoch }]);
    expect(order.filter((name) => name !== "room_added")).toEqual(["answer", "joined_room"]);
    expect(inbox.of("room_added")).toEqual([
      { room: { id: roomId, name: "Lobby", type: "public", memberCount: 2 }, userSeq: expect.any(Number) },
    ]);
  });

  test("[JOIN-1] without an acknowledgement the page comes as `recent_messages`, for a bare id too", async () => {
    const roomId = await makeRoom();
    const olga = await server.connect("olga");
    for (let i = 1; i <= limits.pageMessages + 2; i++) {
      await requestOk(olga, "chat_message", { roomId, content: `${i}` });
    }
    const ann = await open("ann");
    const inbox = new Inbox(ann);
    ann.emit("join_room", roomId as never);
    await expect.poll(() => inbox.names).toContain("recent_messages");
    const joined = inbox.of("joined_room")[0];
    const recent = inbox.of("recent_messages")[0];
    const names = inbox.names.filter((name) => name !== "room_added");
    expect(names).toEqual(["joined_room", "recent_messages"]);
    expect(recent).toMatchObject({ roomId, seq: joined?.seq, hasMore: true });
    expect(Object.keys(recent ?? {}).sort()).toEqual(["hasMore", "messages", "roomId", "seq"]);
    expect(recent?.messages.map((message: Message) => message.content)).toEqual(
      Array.from({ length: limits.pageMessages }, (_, i) => `${i + 3}`),
    );
    inbox.clear();
    ann.emit("join_room", { roomId, since: { epoch: joined?.epoch ?? "", seq: 0 } });
    await inbox.settle();
    await expect.poll(() => inbox.namesBesidePresence).toEqual(["joined_room"]);
  });

  test("[CMD-2] a refusal without acknowledgement is the event `error`", async () => {
    const ann = await open("ann");
    const inbox = new Inbox(ann);
    ann.emit("join_room", { roomId: "nowhere" });
    ann.emit("join_room", {} as never);
    ann.emit("chat_message", { roomId: "nowhere", content: " " });
    ann.emit("chat_message", { roomId: "nowhere", content: "x".repeat(2_001) });
    await expect.poll(() => inbox.of("error").length).toBe(4);
    expect(inbox.of("error")).toEqual(
      expect.arrayContaining([
        { code: "not_found", message: "Room not found", event: "join_room" },
        { code: "bad_request", message: "Room ID is required", event: "join_room" },
        { code: "bad_request", message: "Message content is required", event: "chat_message" },
        { code: "too_large", message: "Message too long", event: "chat_message" },
      ]),
    );
  });
});

test("[JOIN-2] no live event comes before the answer, and the first one is the next after it", async () => {
  const roomId = await makeRoom();
  const olga = await server.connect("olga");
  let isWriting = true;
  const writing = (async () => {
    const sent: Promise<unknown>[] = [];
    for (let i = 0; isWriting; i++) {
      sent.push(requestOk(olga, "chat_message", { roomId, content: `${i}` }));
      if (sent.length >= 20) await Promise.all(sent.splice(0));
    }
    await Promise.all(sent);
  })();
  const followers = [];
  for (let i = 0; i < 15; i++) followers.push(await followRoom(server, `reader${i % 5}`, roomId));
  isWriting = false;
  await writing;
  for (const follower of followers) {
    await follower.inbox.settle();
    follower.recorder.assertOrdered();
  }
  const last = await requestOk(olga, "chat_message", { roomId, content: "last" });
  for (const follower of followers) {
    await follower.inbox.settle();
    expect(follower.recorder.position).toBe(last.message.seq);
  }
});

test("[JOIN-2] nothing of a room comes to a member who has not opened it, or has closed it", async () => {
  const roomId = await makeRoom();
  const [olga, ann] = await Promise.all([server.connect("olga"), server.connect("ann")]);
  await requestOk(ann, "join_room", { roomId });
  await requestOk(ann, "leave_room", roomId as never);
  const inbox = new Inbox(ann);
  await requestOk(olga, "chat_message", { roomId, content: "Hello" });
  expect(await inbox.take("chat_message")).toEqual([]);
  // Who has not opened it may still post.
  await requestOk(ann, "chat_message", { roomId, content: "Hello from outside" });
});

describe("who has the room open", () => {
  test("[JOIN-3] others are told once for each person, not for each tab, return or repeat", async () => {
    const roomId = await makeRoom();
    const olga = await followRoom(server, "olga", roomId);
    const [first, second] = await Promise.all([server.connect("ann"), server.connect("ann")]);
    const page = await requestOk(first, "join_room", { roomId });
    const ownInbox = new Inbox(first);
    expect(await olga.inbox.take("user_joined_room")).toEqual([{ roomId, userId: "ann", username: "ann" }]);
    await requestOk(second, "join_room", { roomId });
    await requestOk(first, "join_room", { roomId });
    expect(page.online).toEqual(["olga", "ann"]);
    expect(await olga.inbox.take("user_joined_room")).toEqual([]);
    expect(await ownInbox.take("user_joined_room")).toEqual([]);

    await requestOk(first, "leave_room", { roomId });
    expect(await olga.inbox.take("user_left_room")).toEqual([]);
    await requestOk(second, "leave_room", { roomId });
    expect(await olga.inbox.take("user_left_room")).toEqual([{ roomId, userId: "ann", username: "ann" }]);

    const since = { epoch: page.epoch, seq: page.seq };
    await requestOk(first, "join_room", { roomId, since });
    await requestOk(second, "resume", { rooms: [{ roomId, since: null }] });
    expect(await olga.inbox.take("user_joined_room")).toEqual([]);
  });

  test("[JOIN-3] who came back silently is among those present, so their going is told", async () => {
    const roomId = await makeRoom();
    const ann = await server.connect("ann");
    await requestOk(ann, "join_room", { roomId });
    await requestOk(ann, "leave_room", { roomId });
    await requestOk(ann, "resume", { rooms: [{ roomId, since: null }] });
    const olga = await followRoom(server, "olga", roomId);
    expect(olga.page.online).toEqual(["ann", "olga"]);
    await requestOk(ann, "leave_room", { roomId });
    const names = (await olga.inbox.settle()).names.filter(isOfOccupancy);
    expect(names).toEqual(["user_left_room"]);
    expect((await requestOk(olga.socket, "join_room", { roomId })).online).toEqual(["olga"]);
  });

  test("[JOIN-3] a lost connection is told after 30 s, and not at all when it comes back", async () => {
    const roomId = await makeRoom();
    const olga = await followRoom(server, "olga", roomId);
    const open = async () => {
      const socket = await connect(server, "ann");
      await requestOk(socket, "join_room", { roomId });
      return socket;
    };
    const lose = async (socket: { disconnect(): unknown }) => {
      const before = clock.timerCount;
      socket.disconnect();
      await expect.poll(() => clock.timerCount).toBeGreaterThanOrEqual(before);
      await expect.poll(async () => (await requestOk(olga.socket, "join_room", { roomId })).online).toEqual(["olga"]);
    };
    await lose(await open());
    expect(await olga.inbox.take("user_joined_room")).toHaveLength(1);
    clock.advance(29_000);
    const back = await open();
    clock.advance(60_000);
    expect((await olga.inbox.settle()).names.filter(isOfOccupancy)).toEqual([]);
    await lose(back);
    clock.advance(30_000);
    expect(await olga.inbox.take("user_left_room")).toEqual([{ roomId, userId: "ann", username: "ann" }]);
  });

  test("[JOIN-4] in a room of more than 200 people nobody is told of anybody", async () => {
    const roomId = await makeRoom();
    const olga = await followRoom(server, "olga", roomId);
    // One who was there before it was a crowd.
    const bob = await server.connect("bob");
    await requestOk(bob, "join_room", { roomId });
    const people = Array.from({ length: limits.crowdMembers }, (_, i) => `crowd${i}`);
    for (let start = 0; start < people.length; start += 50) {
      const sockets = await Promise.all(people.slice(start, start + 50).map((user) => connect(server, user)));
      await Promise.all(sockets.map((socket) => request(socket, "join_room", { roomId })));
      for (const socket of sockets) socket.disconnect();
    }
    await olga.inbox.settle();
    olga.inbox.clear();
    const ann = await server.connect("ann");
    const page = await requestOk(ann, "join_room", { roomId });
    expect(page.room.memberCount).toBe(limits.crowdMembers + 3);
    expect(page.members).toHaveLength(limits.pageMembers);
    expect(page).not.toHaveProperty("online");
    await requestOk(ann, "leave_room", { roomId });
    await requestOk(bob, "leave_room", { roomId });
    const names = (await olga.inbox.settle()).names;
    expect(names.filter(isOfOccupancy)).toEqual([]);
    expect(names).toContain("member_updated");

    const { members, nextCursor } = await requestOk(ann, "list_members", { roomId });
    expect(members).toHaveLength(limits.pageMembers);
    const rest = await requestOk(ann, "list_members", { roomId, cursor: nextCursor ?? "" });
    const last = await requestOk(ann, "list_members", { roomId, cursor: rest.nextCursor ?? "" });
    expect(last.nextCursor).toBeNull();
    const everyone = [...members, ...rest.members, ...last.members].map((member) => member.userId);
    expect(new Set(everyone)).toEqual(new Set(["olga", "ann", "bob", ...people]));
    expect(everyone).toHaveLength(people.length + 3);
  });
});
