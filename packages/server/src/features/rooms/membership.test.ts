import { type CommandName, commands, type Role } from "@mirage/protocol";
import {
  FakeClock,
  followRoom,
  Inbox,
  request,
  requestOk,
  startTestServer,
  type TestServer,
  type TestSocket,
} from "@mirage/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

type Kind = "public" | "private" | "announcement";

const clock = new FakeClock(Date.now());
let server: TestServer;
const people = new Map<string, TestSocket>();
const names = ["owner", "admin", "moderator", "member", "guest", "ann", "bob"];
const as = (name: string): TestSocket => {
  const socket = people.get(name);
  if (!socket) throw new Error(`nobody is called ${name}`);
  return socket;
};

beforeAll(async () => {
  server = await startTestServer({ clock });
  // The first one of all is administrator of the instance: nobody here is.
  await server.connect("root");
  for (const name of names) people.set(name, await server.connect(name));
});
afterAll(() => server?.close());

/** A room in which everybody but Ann and Bob has the role of their name. */
async function makeRoom(type: Kind, present: readonly Role[] = ["admin", "moderator", "member", "guest"]) {
  const { room } = await requestOk(as("owner"), "create_room", { name: "room", type });
  for (const role of present) {
    await requestOk(as("owner"), "add_member", { roomId: room.id, userId: role });
    if (role !== "member") await requestOk(as("owner"), "set_role", { roomId: room.id, userId: role, role });
  }
  return room;
}

const codeOf = async (name: string, command: CommandName, payload: object): Promise<string> => {
  const answer = await request(as(name), command, payload as never);
  return answer.ok ? "ok" : answer.error.code;
};

describe("what a removal takes away", () => {
  test("[ACC-1] the person removed gets `room_removed` and nothing of the room, others get `member_updated`", async () => {
    const { id: roomId } = await makeRoom("private");
    const owner = await followRoom(server, "owner", roomId);
    const inbox = new Inbox(as("member"));
    await requestOk(as("member"), "join_room", { roomId });
    await requestOk(as("member"), "typing_start", { roomId });
    await inbox.settle();
    inbox.clear();
    owner.inbox.clear();
    await requestOk(as("moderator"), "remove_member", { roomId, userId: "member" });
    await requestOk(as("owner"), "chat_message", { roomId, content: "secret" });
    expect((await inbox.settle()).namesBesidePresence).toEqual(["room_removed"]);
    expect(inbox.of("room_removed")).toEqual([{ roomId, userSeq: expect.any(Number) }]);
    await owner.inbox.settle();
    expect(owner.inbox.of("member_updated")).toEqual([
      {
        roomId,
        users: [{ userId: "member", username: "member", role: null }],
        memberCount: 4,
        seq: expect.any(Number),
      },
    ]);
    expect(owner.inbox.of("typing_stop")).toHaveLength(1);
    expect(owner.inbox.of("user_left_room")).toHaveLength(1);
    await owner.check();
  });

  test("[ACC-1] a message that races a removal is posted before it or not at all", async () => {
    const { id: roomId } = await makeRoom("private");
    const owner = await followRoom(server, "owner", roomId);
    const sends = Array.from({ length: 20 }, (_, i) =>
      request(as("member"), "chat_message", { roomId, content: `${i}` }),
    );
    const removal = requestOk(as("owner"), "remove_member", { roomId, userId: "member" });
    const more = Array.from({ length: 20 }, (_, i) =>
      request(as("member"), "chat_message", { roomId, content: `more ${i}` }),
    );
    await removal;
    await Promise.all([...sends, ...more]);
    await owner.inbox.settle();
    const removedAt = owner.inbox.of("member_updated").at(-1)?.seq ?? 0;
    for (const message of owner.inbox.of("chat_message")) expect(message.seq).toBeLessThan(removedAt);
    await owner.check();
  });

  test("[ACC-2] a private room answers a stranger like one that does not exist, in every command", async () => {
    const { id: roomId } = await makeRoom("private");
    const { message } = await requestOk(as("owner"), "chat_message", { roomId, content: "secret" });
    await requestOk(as("owner"), "add_member", { roomId, userId: "bob" });
    await requestOk(as("owner"), "remove_member", { roomId, userId: "bob" });
    const values = {
      content: "hello",
      title: "title",
      emoji: "👍",
      userId: "member",
      role: "member",
      seq: 1,
      name: "name",
      query: "secret",
    };
    const refusals: Record<string, unknown>[] = [];
    for (const name of Object.keys(commands) as CommandName[]) {
      const shape = Object.keys((commands[name].input as unknown as { shape: object }).shape);
      if (!shape.includes("roomId") && !shape.includes("messageId")) continue;
      for (const stranger of ["ann", "bob"]) {
        const ask = (ids: object) => request(as(stranger), name, { ...values, ...ids } as never);
        const hidden = await ask({ roomId, messageId: message.id });
        const missing = await ask({ roomId: "nowhere", messageId: "nothing" });
        expect([name, hidden]).toEqual([name, missing]);
        if (name !== "leave_room") refusals.push(hidden as unknown as Record<string, unknown>);
      }
    }
    expect(refusals.length).toBeGreaterThan(30);
    for (const refusal of refusals) expect(refusal).toMatchObject({ ok: false, error: { code: "not_found" } });
    expect((await requestOk(as("bob"), "list_rooms", { scope: "public" })).rooms.map((room) => room.id)).not.toContain(
      roomId,
    );
    expect((await requestOk(as("bob"), "list_rooms", {})).rooms.map((room) => room.id)).not.toContain(roomId);
    const resumed = await requestOk(as("bob"), "resume", { rooms: [{ roomId, since: null }] });
    expect(resumed.rooms).toEqual([{ roomId, removed: true }]);
    const quoted = await request(as("ann"), "chat_message", { roomId: "general", content: "x", replyTo: message.id });
    expect(quoted).toMatchObject({ ok: false });
  });

  test("[ACC-3] outside a public room one may read, and is refused the rest as `forbidden`", async () => {
    const { id: roomId } = await makeRoom("public");
    const { message } = await requestOk(as("owner"), "chat_message", { roomId, content: "open" });
    const messageId = message.id;
    for (const [command, payload] of [
      ["chat_message", { roomId, content: "hello" }],
      ["typing_start", { roomId }],
      ["mark_read", { roomId, seq: 1 }],
      ["add_reaction", { messageId, emoji: "👍" }],
      ["edit_message", { messageId, content: "mine" }],
      ["delete_message", { messageId }],
      ["pin_message", { messageId }],
      ["add_member", { roomId, userId: "bob" }],
      ["remove_member", { roomId, userId: "member" }],
      ["set_role", { roomId, userId: "member", role: "guest" }],
      ["create_invite", { roomId }],
      ["update_room", { roomId, name: "mine" }],
      ["archive_room", { roomId }],
    ] as const) {
      expect([command, await codeOf("ann", command, payload)]).toEqual([command, "forbidden"]);
    }
    expect(await codeOf("ann", "get_messages", { roomId })).toBe("ok");
    expect(await codeOf("ann", "list_members", { roomId })).toBe("ok");
    expect(await codeOf("ann", "join_room", { roomId })).toBe("ok");
    expect(await codeOf("ann", "chat_message", { roomId, content: "hello" })).toBe("ok");
  });
});

describe("rights", () => {
  test.each(["public", "private", "announcement"] as const)("[ACC-3] of every role in a %s room", async (type) => {
    const ranks = ["guest", "member", "moderator", "admin", "owner"];
    const table: [CommandName, (at: { roomId: string; messageId: string }) => object, string][] = [
      ["chat_message", ({ roomId }) => ({ roomId, content: "hello" }), type === "announcement" ? "moderator" : "guest"],
      ["add_reaction", ({ messageId }) => ({ messageId, emoji: "👍" }), "guest"],
      ["mark_read", ({ roomId }) => ({ roomId, seq: 1 }), "guest"],
      ["pin_message", ({ messageId }) => ({ messageId }), "moderator"],
      ["create_invite", ({ roomId }) => ({ roomId }), type === "public" ? "member" : "moderator"],
      ["add_member", ({ roomId }) => ({ roomId, userId: "bob" }), type === "public" ? "member" : "moderator"],
      ["set_role", ({ roomId }) => ({ roomId, userId: "bob", role: "guest" }), "moderator"],
      ["remove_member", ({ roomId }) => ({ roomId, userId: "bob" }), "moderator"],
      ["update_room", ({ roomId }) => ({ roomId, name: "another name" }), "admin"],
      ["delete_message", ({ messageId }) => ({ messageId }), "moderator"],
      ["archive_room", ({ roomId }) => ({ roomId }), "owner"],
    ];
    const { id: roomId } = await makeRoom(type);
    await requestOk(as("owner"), "add_member", { roomId, userId: "bob" });
    const { message } = await requestOk(as("owner"), "chat_message", { roomId, content: "first" });
    for (const role of ranks) {
      for (const [command, payload, from] of table) {
        const expected = ranks.indexOf(role) >= ranks.indexOf(from) ? "ok" : "forbidden";
        const got = await codeOf(role, command, payload({ roomId, messageId: message.id }));
        // What a stronger one already took away is not there for the next.
        const isGone =
          got === "not_found" && ["set_role", "remove_member", "pin_message", "add_reaction"].includes(command);
        expect([role, command, isGone ? "ok" : got]).toEqual([role, command, expected]);
      }
      if (ranks.indexOf(role) >= 1)
        await requestOk(as("owner"), "add_member", { roomId, userId: "bob" }).catch(() => undefined);
    }
  });

  test("[ACC-4] nobody removes or changes someone of their own rank or above, but an owner", async () => {
    const { id: roomId } = await makeRoom("public");
    const remove = (by: string, userId: string) => codeOf(by, "remove_member", { roomId, userId });
    const promote = (by: string, userId: string, role: Role) => codeOf(by, "set_role", { roomId, userId, role });
    expect(await remove("moderator", "moderator")).toBe("ok");
    await requestOk(as("owner"), "add_member", { roomId, userId: "moderator" });
    await requestOk(as("owner"), "set_role", { roomId, userId: "moderator", role: "moderator" });
    expect(await remove("moderator", "admin")).toBe("forbidden");
    expect(await remove("admin", "owner")).toBe("forbidden");
    expect(await remove("member", "guest")).toBe("forbidden");
    expect(await promote("moderator", "member", "moderator")).toBe("forbidden");
    expect(await promote("moderator", "member", "guest")).toBe("ok");
    expect(await promote("admin", "guest", "moderator")).toBe("ok");
    expect(await promote("admin", "guest", "owner")).toBe("forbidden");
    expect(await promote("owner", "guest", "owner")).toBe("ok");
    expect(await promote("guest", "owner", "member")).toBe("ok");
    expect(await promote("owner", "guest", "guest")).toBe("forbidden");
    expect(await promote("admin", "ann", "member")).toBe("not_found");
    expect(await remove("admin", "ann")).toBe("not_found");
  });

  test("[ROOM-2] the last owner can neither leave nor step down", async () => {
    const { id: roomId } = await makeRoom("public");
    expect(await codeOf("owner", "remove_member", { roomId, userId: "owner" })).toBe("conflict");
    expect(await codeOf("owner", "set_role", { roomId, userId: "owner", role: "member" })).toBe("conflict");
    await requestOk(as("owner"), "set_role", { roomId, userId: "admin", role: "owner" });
    const both = [
      codeOf("owner", "remove_member", { roomId, userId: "owner" }),
      codeOf("admin", "remove_member", { roomId, userId: "admin" }),
    ];
    expect((await Promise.all(both)).sort()).toEqual(["conflict", "ok"]);
  });

  test("[ROOM-3] the same role, and a member added again, change nothing and take no position", async () => {
    const room = await makeRoom("public", ["member"]);
    const follower = await followRoom(server, "owner", room.id);
    await requestOk(as("owner"), "set_role", { roomId: room.id, userId: "member", role: "member" });
    await requestOk(as("owner"), "add_member", { roomId: room.id, userId: "member" });
    await requestOk(as("owner"), "update_room", { roomId: room.id, name: "room" });
    await follower.inbox.settle();
    expect(follower.recorder.events).toEqual([]);
    await requestOk(as("owner"), "set_role", { roomId: room.id, userId: "member", role: "admin" });
    await follower.inbox.settle();
    expect(follower.recorder.position).toBe(follower.page.seq + 1);
    // A role that changed raises the bar for what was judged before; nobody is refused for it.
    expect(await codeOf("owner", "chat_message", { roomId: room.id, content: "hello" })).toBe("ok");
    expect(await codeOf("member", "update_room", { roomId: room.id, name: "by the new admin" })).toBe("ok");
    await follower.check();
  });
});

describe("invites", () => {
  const invite = async (by: string, roomId: string, options: object = {}) =>
    (await requestOk(as(by), "create_invite", { roomId, ...options })).invite;

  test("[ROOM-4] an invite lets people into a private room, as often and as long as it says", async () => {
    const { id: roomId } = await makeRoom("private");
    const follower = await followRoom(server, "owner", roomId);
    const single = await invite("moderator", roomId, { maxUses: 1, expiresInMs: 60_000 });
    expect(single).toEqual({
      code: expect.any(String),
      roomId,
      maxUses: 1,
      expiresAt: new Date(clock.now() + 60_000).toISOString(),
    });
    const { room } = await requestOk(as("ann"), "accept_invite", { code: single.code });
    expect(room).toMatchObject({ id: roomId, role: "member", seq: expect.any(Number), epoch: expect.any(String) });
    // Again, by a member already: the room, and no use of it.
    expect((await requestOk(as("ann"), "accept_invite", { code: single.code })).room.id).toBe(roomId);
    expect(await codeOf("bob", "accept_invite", { code: single.code })).toBe("not_found");
    const timed = await invite("owner", roomId, { expiresInMs: 5_000 });
    expect(timed).not.toHaveProperty("maxUses");
    clock.advance(5_001);
    expect(await codeOf("bob", "accept_invite", { code: timed.code })).toBe("not_found");
    expect(await codeOf("bob", "accept_invite", { code: "no-such-code" })).toBe("not_found");
    const lasting = await invite("admin", roomId);
    expect(lasting).toEqual({ code: expect.any(String), roomId });
    await requestOk(as("bob"), "accept_invite", { code: lasting.code });
    await follower.check();
  });

  test("[ROOM-4] of many who come at once by an invite for two, two get in", async () => {
    const { id: roomId } = await makeRoom("private", []);
    const { code } = await invite("owner", roomId, { maxUses: 2 });
    const codes = await Promise.all(
      ["ann", "bob", "member", "guest", "admin"].map((name) => codeOf(name, "accept_invite", { code })),
    );
    expect(codes.filter((answer) => answer === "ok")).toHaveLength(2);
    expect(codes.filter((answer) => answer === "not_found")).toHaveLength(3);
  });
});

test("[ROOM-9] a new role reaches its person where the room is not open: live, by catching up, and in their list", async () => {
  const room = await makeRoom("private", ["member"]);
  const socket = await server.connect("member");
  const inbox = new Inbox(socket);
  const before = await requestOk(socket, "list_rooms", {});
  const added = { id: room.id, name: "room", type: "private", memberCount: 2 };
  await requestOk(as("owner"), "set_role", { roomId: room.id, userId: "member", role: "admin" });
  expect(await inbox.take("room_added")).toEqual([{ room: added, userSeq: before.seq + 1 }]);
  const list = await requestOk(socket, "list_rooms", {});
  expect([list.seq, list.rooms.find(({ id }) => id === room.id)?.role]).toEqual([before.seq + 1, "admin"]);
  const { user } = await requestOk(socket, "resume", { user: { epoch: before.epoch, seq: before.seq } });
  expect([user.seq, user.rooms]).toEqual([before.seq + 1, { added: [added], removed: [] }]);
  // The same role again is no change.
  await requestOk(as("owner"), "set_role", { roomId: room.id, userId: "member", role: "admin" });
  expect(await inbox.take("room_added")).toEqual([]);
});
