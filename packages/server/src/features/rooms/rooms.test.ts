import { limits } from "@mirage/protocol";
import { followRoom, Inbox, request, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  // The first one of all is administrator of the instance: the others are not.
  const first = await server.connect("first");
  expect((await requestOk(first, "list_rooms", {})).rooms).toMatchObject([{ id: "general", role: "owner" }]);
});
afterAll(() => server?.close());

test("[ROOM-1] whoever makes a room owns it, and all of their connections learn of it", async () => {
  const [olga, tab] = [await server.connect("olga"), await server.connect("olga")];
  const inbox = new Inbox(tab);
  const { room } = await requestOk(olga, "create_room", { name: " Café ", type: "private", description: " quiet " });
  expect(room).toEqual({
    id: expect.any(String),
    name: "Café",
    type: "private",
    description: "quiet",
    memberCount: 1,
    role: "owner",
    seq: 0,
    epoch: expect.any(String),
  });
  expect(await inbox.take("room_added")).toEqual([
    { room: { id: room.id, name: "Café", type: "private", description: "quiet", memberCount: 1 }, userSeq: 1 },
  ]);
  for (const input of [{ name: " " }, { name: "x".repeat(81) }, { name: "d", type: "direct" }]) {
    expect(await request(olga, "create_room", input as never)).toMatchObject({
      ok: false,
      error: { code: "bad_request" },
    });
  }
});

test("[ROOM-5] a change of a room reaches those who have it open, and holds nothing personal", async () => {
  const olga = await server.connect("olga");
  const { room } = await requestOk(olga, "create_room", { name: "before", type: "public", description: "old" });
  const roomId = room.id;
  const ann = await followRoom(server, "ann", roomId);
  const updated = await requestOk(olga, "update_room", { roomId, name: "after", description: "" });
  expect(updated.room).toMatchObject({ id: roomId, name: "after", role: "owner", seq: ann.page.seq + 1 });
  expect(updated.room).not.toHaveProperty("description");
  const archived = await requestOk(olga, "archive_room", { roomId });
  expect(archived.room).toMatchObject({ archived: true, seq: ann.page.seq + 2 });
  expect((await requestOk(olga, "archive_room", { roomId })).room.seq).toBe(ann.page.seq + 2);
  expect(await ann.inbox.take("room_updated")).toEqual([
    { room: { id: roomId, name: "after", type: "public", memberCount: 2 }, seq: ann.page.seq + 1 },
    { room: { id: roomId, name: "after", type: "public", memberCount: 2, archived: true }, seq: ann.page.seq + 2 },
  ]);
  await ann.check();
  expect(await request(olga, "update_room", { roomId, name: "again" })).toMatchObject({
    ok: false,
    error: { code: "archived", message: "Room is archived" },
  });
  expect(await request(ann.socket, "chat_message", { roomId, content: "too late" })).toMatchObject({
    ok: false,
    error: { code: "archived", retryable: false },
  });
  expect((await requestOk(ann.socket, "get_messages", { roomId })).messages).toEqual([]);
});

test("[MOD-4] a room is neither made nor changed with a name or a description that a moderator refuses", async () => {
  const olga = await server.connect("olga-moderated");
  const refused = { ok: false, error: { code: "moderated", message: "Message violates community guidelines" } };
  expect(await request(olga, "create_room", { name: "what the fuck" })).toMatchObject(refused);
  expect(await request(olga, "create_room", { name: "fine", description: "what the fuck" })).toMatchObject(refused);
  expect((await requestOk(olga, "list_rooms", {})).rooms.filter(({ role }) => role === "owner")).toEqual([]);
  const { room } = await requestOk(olga, "create_room", { name: "fine", description: "what" });
  const ann = await followRoom(server, "ann-moderated", room.id);
  for (const change of [{ name: "what the fuck" }, { description: "what the fuck" }]) {
    expect(await request(olga, "update_room", { roomId: room.id, ...change })).toMatchObject(refused);
    // Who may not change the room is told that first, and no moderator is asked.
    const denied = await request(ann.socket, "update_room", { roomId: room.id, ...change });
    expect(denied).toMatchObject({ ok: false, error: { code: "forbidden" } });
  }
  await requestOk(olga, "update_room", { roomId: room.id, name: "better" });
  expect(await ann.inbox.take("room_updated")).toMatchObject([{ room: { name: "better", description: "what" } }]);
  await ann.check();
});

test("[ROOM-6] one's rooms come with role, counts, marker and last message, and the position of one's own stream", async () => {
  const [olga, lena] = [await server.connect("olga-list"), await server.connect("lena")];
  const { room } = await requestOk(olga, "create_room", { name: "listed", type: "public" });
  await requestOk(lena, "join_room", { roomId: room.id });
  const { message } = await requestOk(olga, "chat_message", { roomId: room.id, content: "Hello @lena" });
  const { room: direct } = await requestOk(olga, "open_direct", { userIds: ["lena"] });
  const mine = await requestOk(lena, "list_rooms", {});
  // Two rooms joined the list, and two notifications were made: of the mention, and of the conversation.
  expect(mine).toMatchObject({ ok: true, seq: 4, epoch: room.epoch, nextCursor: null });
  expect(mine.rooms.find(({ id }) => id === room.id)).toEqual({
    id: room.id,
    name: "listed",
    type: "public",
    memberCount: 2,
    role: "member",
    seq: message.seq,
    epoch: room.epoch,
    unread: 1,
    mentions: 1,
    readSeq: 1,
    lastMessage: message,
  });
  expect(mine.rooms.find(({ id }) => id === direct.id)).toMatchObject({
    type: "direct",
    lastMessage: null,
    others: [{ userId: "olga-list", username: "olga-list" }],
  });
  const open = await requestOk(await server.connect("nobody"), "list_rooms", { scope: "public" });
  const ids = open.rooms.map(({ id }) => id);
  expect(ids).toContain("general");
  expect(ids).toContain(room.id);
  expect(ids).not.toContain(direct.id);
  expect(open.rooms.find(({ id }) => id === room.id)).toMatchObject({ role: null, unread: 0, mentions: 0 });
  await requestOk(olga, "delete_message", { messageId: message.id });
  const after = await requestOk(lena, "list_rooms", { scope: "mine" });
  expect(after.rooms.find(({ id }) => id === room.id)).toMatchObject({ unread: 0, mentions: 0, lastMessage: null });
});

test("[ROOM-6] long lists go on from a cursor, each room once", async () => {
  const many = await server.connect("many");
  const made: string[] = [];
  for (let i = 0; i < limits.pageRooms + 5; i++)
    made.push((await requestOk(many, "create_room", { name: `${i}`, type: "private" })).room.id);
  const first = await requestOk(many, "list_rooms", {});
  expect(first.rooms).toHaveLength(limits.pageRooms);
  const second = await requestOk(many, "list_rooms", { cursor: first.nextCursor ?? "" });
  expect(second.nextCursor).toBeNull();
  expect([...first.rooms, ...second.rooms].map(({ id }) => id).sort()).toEqual(made.sort());
  for (const cursor of [
    "nonsense",
    Buffer.from('{"rank":1.5,"nameKey":"","userId":""}').toString("base64url"),
    Buffer.from('{"rank":1,"nameKey":"\\ud800","userId":""}').toString("base64url"),
  ]) {
    expect(await request(many, "list_members", { roomId: "general", cursor })).toMatchObject({
      ok: false,
      error: { code: "bad_request" },
    });
  }
});

test("[DIR-1] the same people have one direct conversation, whoever opens it, however often at once", async () => {
  const [ann, bob, cat] = [await server.connect("ann"), await server.connect("bob"), await server.connect("cat")];
  const inbox = new Inbox(bob);
  const opened = await Promise.all([
    requestOk(ann, "open_direct", { userIds: ["bob"] }),
    requestOk(bob, "open_direct", { userIds: ["ann"] }),
    requestOk(ann, "open_direct", { userIds: ["bob", "bob", "ann"] }),
    requestOk(bob, "open_direct", { userIds: ["ann"] }),
  ]);
  const ids = new Set(opened.map(({ room }) => room.id));
  expect(ids.size).toBe(1);
  const [roomId = ""] = ids;
  expect(opened[0]?.room).toMatchObject({ type: "direct", role: "member", memberCount: 2, seq: 0 });
  expect(await inbox.take("room_added")).toHaveLength(1);
  const three = await requestOk(cat, "open_direct", { userIds: ["ann", "bob"] });
  expect(three.room).toMatchObject({ memberCount: 3 });
  expect(three.room.id).not.toBe(roomId);

  const refusals = [
    await request(ann, "open_direct", { userIds: ["nobody-at-all"] }),
    await request(ann, "open_direct", { userIds: ["ann"] }),
    await request(ann, "create_invite", { roomId }),
    await request(ann, "remove_member", { roomId, userId: "bob" }),
    await request(ann, "remove_member", { roomId, userId: "ann" }),
    await request(ann, "set_role", { roomId, userId: "bob", role: "guest" }),
    await request(ann, "add_member", { roomId, userId: "cat" }),
    await request(ann, "update_room", { roomId, name: "ours" }),
    await request(cat, "join_room", { roomId }),
  ];
  const codes = refusals.map((answer) => (answer.ok ? "ok" : answer.error.code));
  expect(codes).toEqual(["not_found", "bad_request", ...Array(6).fill("forbidden"), "not_found"]);
});

test("[DIR-2] in a direct conversation all are equal", async () => {
  const [ann, bob] = [await server.connect("ann"), await server.connect("bob")];
  const roomId = (await requestOk(ann, "open_direct", { userIds: ["bob"] })).room.id;
  const follower = await followRoom(server, "bob", roomId);
  const { message } = await requestOk(ann, "chat_message", { roomId, content: "Hello" });
  await requestOk(bob, "pin_message", { messageId: message.id });
  expect(await request(bob, "delete_message", { messageId: message.id })).toMatchObject({
    error: { code: "forbidden" },
  });
  await requestOk(ann, "delete_message", { messageId: message.id });
  await follower.check();
});

test("[ROOM-7] a token for an administrator owns `general`, and acts as owner in open rooms they are in", async () => {
  const admin = await server.connect({ userId: "root", username: "Root", roles: ["admin"] });
  expect((await requestOk(admin, "join_room", { roomId: "general" })).room.role).toBe("owner");
  const olga = await server.connect("olga");
  const { room } = await requestOk(olga, "create_room", { name: "Olga's", type: "public" });
  await requestOk(admin, "join_room", { roomId: room.id });
  await requestOk(admin, "update_room", { roomId: room.id, name: "Moderated" });
  const hidden = await requestOk(olga, "create_room", { name: "Olga's own", type: "private" });
  expect(await request(admin, "join_room", { roomId: hidden.room.id })).toMatchObject({ error: { code: "not_found" } });
});

test("[ROOM-8] a new name is told in every room, and reads back the same", async () => {
  const olga = await server.connect("olga");
  const { room } = await requestOk(olga, "create_room", { name: "names", type: "public" });
  await requestOk(await server.connect({ userId: "dora", username: "Dora" }), "join_room", { roomId: room.id });
  const follower = await followRoom(server, "olga", room.id);
  await server.connect({ userId: "dora", username: "Dora the Second" });
  await expect
    .poll(() => follower.inbox.of("member_updated"))
    .toMatchObject([{ users: [{ userId: "dora", username: "Dora the Second", role: "member" }] }]);
  await follower.check();
});
