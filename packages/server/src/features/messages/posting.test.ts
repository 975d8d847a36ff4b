import type { Message } from "@mirage/protocol";
import {
  followRoom,
  Inbox,
  request,
  requestOk,
  startTestServer,
  type TestServer,
  type TestSocket,
} from "@mirage/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let server: TestServer;
let olga: TestSocket;
let ann: TestSocket;

beforeAll(async () => {
  server = await startTestServer();
  await server.connect("root");
  [olga, ann] = [await server.connect("olga"), await server.connect("ann")];
});
afterAll(() => server?.close());

async function makeRoom(type: "public" | "private" = "public"): Promise<string> {
  const { room } = await requestOk(olga, "create_room", { name: "room", type });
  await requestOk(olga, "add_member", { roomId: room.id, userId: "ann" });
  return room.id;
}

const post = async (socket: TestSocket, roomId: string, rest: object = {}): Promise<Message> =>
  (await requestOk(socket, "chat_message", { roomId, content: "Hello", ...rest })).message;

describe.each(["websocket", "polling"] as const)("over %s", (transport) => {
  test("[ACK-1] a message reaches everyone in the room, the sender first by event and then by answer", async () => {
    const roomId = await makeRoom();
    const sender = await server.connect("ann", { transports: [transport] });
    const others = [
      new Inbox(await server.connect("olga", { transports: [transport] })),
      new Inbox(await server.connect("ann")),
    ];
    await requestOk(sender, "join_room", { roomId });
    for (const other of others) await requestOk(other.socket, "join_room", { roomId });
    const order: unknown[] = [];
    sender.on("chat_message", (message) => order.push(message));
    const before = Date.now();
    const answer = await new Promise<{ ok: boolean; message: Message }>((resolve) => {
      sender.emit(
        "chat_message",
        { roomId, content: "Hello", nonce: "n-1", metadata: { a: [1, { b: null }] } },
        (reply) => {
          order.push(reply);
          resolve(reply as never);
        },
      );
    });
    expect(answer).toEqual({
      ok: true,
      message: {
        id: expect.any(String),
        roomId,
        userId: "ann",
        username: "ann",
        content: "Hello",
        type: "text",
        metadata: { a: [1, { b: null }] },
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        edited: false,
        reactions: [],
        seq: 2,
        updatedSeq: 2,
        nonce: "n-1",
      },
    });
    expect(Date.parse(answer.message.timestamp)).toBeGreaterThanOrEqual(before);
    expect(order).toEqual([answer.message, answer]);
    for (const other of others) expect(await other.take("chat_message")).toEqual([answer.message]);
  });

  test("[SEQ-1] messages of one connection rise in the order sent, acknowledged or not", async () => {
    const roomId = await makeRoom();
    const follower = await followRoom(server, "olga", roomId);
    const sender = await server.connect("ann", { transports: [transport] });
    const answers: Promise<unknown>[] = [];
    for (let i = 0; i < 40; i++) {
      if (i % 3) sender.emit("chat_message", { roomId, content: `${i} @olga` });
      else answers.push(requestOk(sender, "chat_message", { roomId, content: `${i}` }));
    }
    await Promise.all(answers);
    await expect.poll(() => follower.inbox.of("chat_message").length).toBe(40);
    const messages = follower.inbox.of("chat_message");
    expect(messages.map((message) => Number.parseInt(message.content, 10))).toEqual(
      Array.from({ length: 40 }, (_, i) => i),
    );
    const ids = messages.map((message) => message.id);
    expect(ids.toSorted()).toEqual(ids);
    await follower.check();
  });
});

test("[MSG-1] what is stored is what was typed, in NFC and not trimmed", async () => {
  const roomId = await makeRoom();
  const follower = await followRoom(server, "olga", roomId);
  for (const [typed, stored] of [
    ["  e\u0301  \n", "  é  \n"],
    ["<b>not bold</b> & :not_an_emoji:", "<b>not bold</b> & :not_an_emoji:"],
    ["😀".repeat(2_000), "😀".repeat(2_000)],
    [":tada: `:tada:`", "🎉 `:tada:`"],
  ]) {
    expect((await post(ann, roomId, { content: typed })).content).toBe(stored);
  }
  await follower.check();
});

test("[ACK-3] what cannot be posted is refused by the text of the contract and takes no position", async () => {
  const roomId = await makeRoom();
  const elsewhere = await post(ann, await makeRoom());
  const deep = { a: { b: { c: { d: { e: { f: 1 } } } } } };
  const cases: [object, string, string | undefined][] = [
    [{ content: "" }, "bad_request", "Message content is required"],
    [{ content: " \t\n " }, "bad_request", "Message content is required"],
    [{ content: undefined }, "bad_request", "Message content is required"],
    [{ content: "x".repeat(2_001) }, "too_large", "Message too long"],
    [{ content: "😀".repeat(2_001) }, "too_large", "Message too long"],
    [{ roomId: "" }, "bad_request", "Room ID is required"],
    [{ roomId: undefined }, "bad_request", "Room ID is required"],
    [{ type: "system" }, "bad_request", undefined],
    [{ content: "nul \u0000" }, "bad_request", undefined],
    [{ content: "lone \ud800" }, "bad_request", undefined],
    [{ metadata: deep }, "bad_request", undefined],
    [{ metadata: { text: "x".repeat(4_096) } }, "bad_request", undefined],
    [{ metadata: { text: "\u0000" } }, "bad_request", undefined],
    [{ nonce: "" }, "bad_request", undefined],
    [{ nonce: "x".repeat(65) }, "bad_request", undefined],
    [{ replyTo: "nothing" }, "not_found", undefined],
    [{ replyTo: elsewhere.id }, "not_found", undefined],
    [{ threadId: elsewhere.id }, "not_found", undefined],
    [{ attachments: [{ fileId: "nothing" }] }, "not_found", undefined],
    [{ attachments: [{ fileId: "nothing" }], content: "" }, "not_found", undefined],
    [{ roomId: "nowhere" }, "not_found", "Room not found"],
  ];
  const follower = await followRoom(server, "olga", roomId);
  for (const [wrong, code, message] of cases) {
    const answer = await request(ann, "chat_message", { roomId, content: "Hello", ...wrong } as never);
    expect([wrong, answer]).toMatchObject([
      wrong,
      { ok: false, error: { code, retryable: false, ...(message ? { message } : {}) } },
    ]);
  }
  await follower.inbox.settle();
  expect(follower.recorder.events).toEqual([]);
  expect((await post(ann, roomId, { content: "x".repeat(2_000) })).seq).toBe(follower.page.seq + 1);
  const first = await post(ann, roomId);
  const reply = await post(ann, roomId, { replyTo: first.id, threadId: first.id, type: "image" });
  expect(reply).toMatchObject({ replyTo: first.id, threadId: first.id, type: "image" });
  await follower.check();
});

test("[MOD-2] what the word list refuses is not posted, edited in or told why, and is known to nobody", async () => {
  const roomId = await makeRoom();
  const follower = await followRoom(server, "olga", roomId);
  const refused = {
    ok: false,
    error: { code: "moderated", message: "Message violates community guidelines", retryable: false },
  };
  expect(await request(ann, "chat_message", { roomId, content: "what the fuck", nonce: "moderated" })).toEqual(refused);
  const mild = await requestOk(ann, "chat_message", { roomId, content: "what", nonce: "moderated" });
  expect(mild).not.toHaveProperty("duplicate");
  expect(await request(ann, "edit_message", { messageId: mild.message.id, content: "what the fuck" })).toEqual(refused);
  expect((await follower.inbox.take("chat_message")).map(({ content }) => content)).toEqual(["what"]);
  await follower.check();
});

test("[ACC-3] a guest posts, reacts, edits and deletes their own, and no more", async () => {
  const roomId = await makeRoom();
  await requestOk(olga, "set_role", { roomId, userId: "ann", role: "guest" });
  const message = await post(ann, roomId);
  const messageId = message.id;
  await requestOk(ann, "add_reaction", { messageId, emoji: "👍" });
  await requestOk(ann, "edit_message", { messageId, content: "edited" });
  expect(await request(ann, "pin_message", { messageId })).toMatchObject({
    error: { code: "forbidden", message: "Permission denied" },
  });
  expect(await request(ann, "create_invite", { roomId })).toMatchObject({ error: { code: "forbidden" } });
  expect(await request(ann, "add_member", { roomId, userId: "root" })).toMatchObject({ error: { code: "forbidden" } });
  await requestOk(ann, "delete_message", { messageId });
});

describe("nonces", () => {
  test("[ACK-2] a repeat is answered the message as it is now, and delivered to nobody", async () => {
    const roomId = await makeRoom();
    const follower = await followRoom(server, "olga", roomId);
    const body = { roomId, content: "e\u0301 once", nonce: "once", metadata: { b: 1, a: 2 } };
    const { message } = await requestOk(ann, "chat_message", body);
    await requestOk(ann, "edit_message", { messageId: message.id, content: "twice" });
    const { message: now } = await requestOk(olga, "add_reaction", { messageId: message.id, emoji: "👍" });
    await follower.inbox.settle();
    follower.inbox.clear();
    const again = await requestOk(ann, "chat_message", { ...body, content: "é once", metadata: { a: 2, b: 1 } });
    expect(again).toEqual({ ok: true, duplicate: true, message: now });
    expect(now).toMatchObject({ content: "twice", edited: true, nonce: "once" });
    for (const other of [{ content: "other" }, { metadata: {} }, { type: "image" as const }, { replyTo: message.id }]) {
      const answer = await request(ann, "chat_message", { ...body, ...other });
      expect(answer).toMatchObject({ ok: false, error: { code: "nonce_conflict", retryable: false } });
    }
    expect((await follower.inbox.settle()).namesBesidePresence).toEqual([]);
    // Another author, and another room, have nonces of their own.
    expect(await requestOk(olga, "chat_message", body)).not.toHaveProperty("duplicate");
    const room = await makeRoom();
    expect(await requestOk(ann, "chat_message", { ...body, roomId: room })).not.toHaveProperty("duplicate");
    await requestOk(ann, "delete_message", { messageId: message.id });
    const deleted = await requestOk(ann, "chat_message", body);
    expect(deleted).toMatchObject({ duplicate: true, message: { id: message.id, deleted: true, content: "" } });
    await follower.check();
  });

  test("[ACK-2] of ten repeats at once, from two connections, one is posted", async () => {
    const roomId = await makeRoom();
    const follower = await followRoom(server, "olga", roomId);
    const sockets = [ann, await server.connect("ann")];
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        requestOk(sockets[i % 2] ?? ann, "chat_message", { roomId, content: "ten", nonce: "ten" }),
      ),
    );
    expect(answers.filter((answer) => !answer.duplicate)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.message.id)).size).toBe(1);
    expect(await follower.inbox.take("chat_message")).toHaveLength(1);
    await follower.check();
  });

  test("[ACK-2] a repeat is known for ever: in an archived room too, but not to one who may not see it any more", async () => {
    const roomId = await makeRoom("private");
    const body = { roomId, content: "kept", nonce: "kept" };
    await requestOk(ann, "chat_message", body);
    await requestOk(olga, "archive_room", { roomId });
    expect(await requestOk(ann, "chat_message", body)).toMatchObject({ duplicate: true });
    expect(await request(ann, "chat_message", { ...body, content: "new" })).toMatchObject({
      error: { code: "nonce_conflict" },
    });
    expect(await request(ann, "chat_message", { ...body, nonce: "new" })).toMatchObject({
      error: { code: "archived" },
    });
    await requestOk(olga, "remove_member", { roomId, userId: "ann" });
    expect(await request(ann, "chat_message", body)).toMatchObject({ error: { code: "not_found" } });
  });
});
