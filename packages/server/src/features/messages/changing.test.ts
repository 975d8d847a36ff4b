import type { Message } from "@mirage/protocol";
import { followRoom, request, requestOk, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestServer;
let olga: TestSocket;
let ann: TestSocket;
let bob: TestSocket;

beforeAll(async () => {
  server = await startTestServer();
  await server.connect("root");
  [olga, ann, bob] = [await server.connect("olga"), await server.connect("ann"), await server.connect("bob")];
});
afterAll(() => server?.close());

async function makeRoom() {
  const { room } = await requestOk(olga, "create_room", { name: "room", type: "private" });
  for (const userId of ["ann", "bob"]) await requestOk(olga, "add_member", { roomId: room.id, userId });
  const follower = await followRoom(server, "olga", room.id);
  const post = async (content: string): Promise<Message> =>
    (await requestOk(ann, "chat_message", { roomId: room.id, content, metadata: { kept: true } })).message;
  return { roomId: room.id, follower, post };
}

test("[MSG-3] an edit is told as the whole new state, and only its author makes it", async () => {
  const { follower, post } = await makeRoom();
  const message = await post("frist");
  const { message: edited } = await requestOk(ann, "edit_message", { messageId: message.id, content: " first " });
  expect(edited).toEqual({
    ...message,
    content: " first ",
    edited: true,
    editedAt: expect.stringMatching(/\.\d{3}Z$/),
    updatedSeq: message.seq + 1,
  });
  expect(await follower.inbox.take("message_updated")).toEqual([edited]);
  for (const socket of [olga, bob]) {
    const answer = await request(socket, "edit_message", { messageId: message.id, content: "mine" });
    expect(answer).toMatchObject({ ok: false, error: { code: "forbidden", message: "Edit permission denied" } });
  }
  const refusals = [
    [{ messageId: message.id, content: " " }, "bad_request", "Message content is required"],
    [{ messageId: message.id, content: "x".repeat(2_001) }, "too_large", "Message too long"],
    [{ messageId: "nothing", content: "x" }, "not_found", "Message not found"],
  ] as const;
  for (const [input, code, text] of refusals) {
    expect(await request(ann, "edit_message", input)).toMatchObject({ ok: false, error: { code, message: text } });
  }
  const kept = await server.running.database.query<{ content: string }>(
    "SELECT content FROM message_edits WHERE message_id = $1 ORDER BY seq",
    [message.id],
  );
  expect(kept).toEqual([{ content: "frist" }]);
  // The same text again is no change.
  const same = await requestOk(ann, "edit_message", { messageId: message.id, content: " first " });
  expect(same.message).toEqual(edited);
  expect(await follower.inbox.take("message_updated")).toEqual([]);
  await follower.check();
});

test("[MSG-3] of edits that are committed together each keeps the text before it", async () => {
  const { post } = await makeRoom();
  const message = await post("first");
  const tabs = await Promise.all(Array.from({ length: 8 }, () => server.connect("ann")));
  await Promise.all(
    tabs.map((tab, index) => requestOk(tab, "edit_message", { messageId: message.id, content: `text ${index}` })),
  );
  const kept = await server.running.database.query<{ content: string }>(
    "SELECT content FROM message_edits WHERE message_id = $1 ORDER BY seq, id",
    [message.id],
  );
  expect(kept.map(({ content }) => content)).toEqual([
    "first",
    ...tabs.slice(1).map(() => expect.stringMatching(/^text/)),
  ]);
  expect(new Set(kept.map(({ content }) => content)).size).toBe(8);
});

test("[MOD-1] a deleted message leaves a tombstone without its content, and pages leave it out", async () => {
  const { roomId, follower, post } = await makeRoom();
  const [kept, message] = [await post("kept"), await post("secret words")];
  await requestOk(bob, "add_reaction", { messageId: message.id, emoji: "👍" });
  await requestOk(olga, "pin_message", { messageId: message.id });
  expect(await request(bob, "delete_message", { messageId: message.id })).toMatchObject({
    ok: false,
    error: { code: "forbidden", message: "Permission denied" },
  });
  const { message: tombstone } = await requestOk(ann, "delete_message", { messageId: message.id });
  expect(tombstone).toEqual({ ...message, content: "", metadata: {}, deleted: true, updatedSeq: message.seq + 3 });
  await follower.inbox.settle();
  expect(follower.inbox.of("message_updated").at(-1)).toEqual(tombstone);
  expect(await requestOk(ann, "delete_message", { messageId: message.id })).toEqual({ ok: true, message: tombstone });
  for (const [command, input] of [
    ["edit_message", { content: "back" }],
    ["add_reaction", { emoji: "👍" }],
    ["remove_reaction", { emoji: "👍" }],
    ["pin_message", {}],
  ] as const) {
    const answer = await request(ann, command, { messageId: message.id, ...input } as never);
    expect([command, answer]).toMatchObject([command, { ok: false }]);
  }
  const pages = [
    await requestOk(bob, "join_room", { roomId }),
    await requestOk(bob, "get_messages", { roomId }),
    await requestOk(bob, "get_messages", { roomId, around: message.seq }),
  ];
  for (const page of pages) expect(page.messages.map(({ id }) => id)).toEqual([kept.id]);
  const since = { epoch: follower.page.epoch, seq: follower.page.seq };
  const resumed = await requestOk(bob, "join_room", { roomId, since });
  expect(resumed.messages).toContainEqual(tombstone);
  expect(JSON.stringify([pages, resumed, await requestOk(bob, "list_rooms", {})])).not.toContain("secret");
  await requestOk(olga, "delete_message", { messageId: kept.id });
  await follower.check();
});

test("[MSG-4] a deletion beats an edit that races it", async () => {
  const { follower, post } = await makeRoom();
  for (let round = 0; round < 5; round++) {
    const { id: messageId } = await post("racing");
    const edits = Array.from({ length: 5 }, (_, i) =>
      request(ann, "edit_message", { messageId, content: `edit ${i}` }),
    );
    const deletion = requestOk(olga, "delete_message", { messageId });
    await Promise.all([...edits, deletion]);
    const { message } = await requestOk(olga, "delete_message", { messageId });
    expect(message).toMatchObject({ deleted: true, content: "" });
  }
  await follower.check();
});

test("[MSG-2] a reaction counts once for each person, and the same one again takes no position", async () => {
  const { follower, post } = await makeRoom();
  const { id: messageId, seq } = await post("react");
  await requestOk(bob, "add_reaction", { messageId, emoji: "👍" });
  const { message } = await requestOk(ann, "add_reaction", { messageId, emoji: ":thumbsup:" });
  expect(message.reactions).toEqual([{ emoji: "👍", count: 2, users: ["bob", "ann"] }]);
  const again = await requestOk(ann, "add_reaction", { messageId, emoji: "👍" });
  expect(again.message.updatedSeq).toBe(seq + 2);
  await requestOk(olga, "remove_reaction", { messageId, emoji: "👍" });
  const less = await requestOk(bob, "remove_reaction", { messageId, emoji: "👍" });
  expect(less.message).toMatchObject({ updatedSeq: seq + 3, reactions: [{ emoji: "👍", count: 1, users: ["ann"] }] });
  const none = await requestOk(ann, "remove_reaction", { messageId, emoji: "👍" });
  expect(none.message.reactions).toEqual([]);
  for (const emoji of ["", "hello", ":no_such_name:", "👍👍"]) {
    expect(await request(ann, "add_reaction", { messageId, emoji })).toMatchObject({
      ok: false,
      error: { code: "bad_request" },
    });
  }
  await follower.check();
});

test("[MSG-2] a message has at most 20 different reactions, and names the first 20 people of each", async () => {
  const { roomId, follower, post } = await makeRoom();
  const { id: messageId, seq } = await post("popular");
  const people = Array.from({ length: 25 }, (_, i) => `fan${i}`);
  const sockets = await Promise.all(people.map((user) => server.connect(user)));
  for (const userId of people) await requestOk(olga, "add_member", { roomId, userId });
  await follower.inbox.settle();
  follower.inbox.clear();
  const before = follower.recorder.position ?? 0;
  await Promise.all(sockets.map((socket) => requestOk(socket, "add_reaction", { messageId, emoji: "🔥" })));
  await follower.inbox.settle();
  const last = follower.inbox.of("message_updated").at(-1);
  expect(last).toMatchObject({ seq, reactions: [{ emoji: "🔥", count: 25 }] });
  expect(last?.reactions[0]?.users).toHaveLength(20);
  // What commits together is one change.
  expect((follower.recorder.position ?? 0) - before).toBeLessThanOrEqual(25);
  const emoji = [..."😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒"];
  for (const one of emoji) await requestOk(ann, "add_reaction", { messageId, emoji: one });
  expect(await request(ann, "add_reaction", { messageId, emoji: "😓" })).toMatchObject({
    ok: false,
    error: { code: "conflict" },
  });
  await requestOk(ann, "add_reaction", { messageId, emoji: "🔥" });
  await requestOk(ann, "remove_reaction", { messageId, emoji: "😀" });
  await requestOk(ann, "add_reaction", { messageId, emoji: "😓" });
  await follower.check();
});

test("[MSG-5] pins come from moderator up, and a pin that is there takes no position", async () => {
  const { follower, post } = await makeRoom();
  const { id: messageId, seq } = await post("pin me");
  expect(await request(ann, "pin_message", { messageId })).toMatchObject({ ok: false, error: { code: "forbidden" } });
  const { message } = await requestOk(olga, "pin_message", { messageId });
  expect(message).toMatchObject({ pinned: true, updatedSeq: seq + 1 });
  expect((await requestOk(olga, "pin_message", { messageId })).message).toEqual(message);
  const unpinned = await requestOk(olga, "unpin_message", { messageId });
  expect(unpinned.message).not.toHaveProperty("pinned");
  expect(unpinned.message.updatedSeq).toBe(seq + 2);
  await requestOk(olga, "unpin_message", { messageId });
  expect(await follower.inbox.take("message_updated")).toEqual([message, unpinned.message]);
  await follower.check();
});

test("[MSG-6] history is read before, after and around a position, oldest first", async () => {
  const { roomId, post } = await makeRoom();
  const made: Message[] = [];
  for (let i = 0; i < 12; i++) made.push(await post(`${i}`));
  const seqOf = (index: number) => made[index]?.seq ?? 0;
  await requestOk(ann, "delete_message", { messageId: made[5]?.id ?? "" });
  const read = async (page: object) => {
    const {
      messages,
      ok: _,
      ...rest
    } = (await requestOk(bob, "get_messages", { roomId, ...page })) as never as {
      messages: Message[];
      ok: boolean;
    };
    return [messages.map(({ content }) => content).join(" "), rest];
  };
  expect(await read({})).toEqual(["0 1 2 3 4 6 7 8 9 10 11", { hasMore: false }]);
  expect(await read({ limit: 3 })).toEqual(["9 10 11", { hasMore: true }]);
  expect(await read({ before: seqOf(9), limit: 3 })).toEqual(["6 7 8", { hasMore: true }]);
  expect(await read({ before: seqOf(3), limit: 3 })).toEqual(["0 1 2", { hasMore: false }]);
  expect(await read({ after: seqOf(3), limit: 3 })).toEqual(["4 6 7", { hasMore: true }]);
  expect(await read({ after: seqOf(8), limit: 3 })).toEqual(["9 10 11", { hasMore: false }]);
  expect(await read({ after: 0, limit: 2 })).toEqual(["0 1", { hasMore: true }]);
  expect(await read({ around: seqOf(6), limit: 4 })).toEqual([
    "4 6 7 8",
    { hasMore: true, hasMoreBefore: true, hasMoreAfter: true },
  ]);
  expect(await read({ around: seqOf(0), limit: 4 })).toEqual([
    "0 1 2",
    { hasMore: true, hasMoreBefore: false, hasMoreAfter: true },
  ]);
  expect(await read({ around: seqOf(11), limit: 4 })).toEqual([
    "10 11",
    { hasMore: true, hasMoreBefore: true, hasMoreAfter: false },
  ]);
  for (const wrong of [
    { limit: 0 },
    { limit: 101 },
    { limit: 1.5 },
    { before: -1 },
    { before: 3, after: 1 },
    { before: "3" },
  ]) {
    expect(await request(bob, "get_messages", { roomId, ...wrong } as never)).toMatchObject({
      ok: false,
      error: { code: "bad_request" },
    });
  }
  expect(await read({ limit: 100 })).toEqual(["0 1 2 3 4 6 7 8 9 10 11", { hasMore: false }]);
});
