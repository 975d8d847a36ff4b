import { type CommandReply, limits, type Message } from "@mirage/protocol";
import { followRoom, Inbox, requestOk, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const catchUpLimit = 60;
let server: TestServer;
let olga: TestSocket;

beforeAll(async () => {
  server = await startTestServer({ settings: { catchUpLimit } });
  olga = await server.connect("olga");
});
afterAll(() => server?.close());

async function makeRoom(type: "public" | "private" = "public") {
  const { room } = await requestOk(olga, "create_room", { name: "room", type });
  return room;
}

async function post(roomId: string, content: string): Promise<Message> {
  return (await requestOk(olga, "chat_message", { roomId, content })).message;
}

const contents = (page: { messages: readonly Message[] }) => page.messages.map((message) => message.content);

test("[CAT-1] `since` answers every message changed since, once, as it is now, by last change", async () => {
  const room = await makeRoom();
  const follower = await followRoom(server, "ann", room.id);
  const messages = [];
  for (const content of ["one", "two", "three", "four"]) messages.push(await post(room.id, content));
  const [one, two, three] = messages;
  if (!one || !two || !three) throw new Error("three were posted");
  const since = { epoch: room.epoch, seq: messages.at(-1)?.seq ?? 0 };
  await requestOk(olga, "edit_message", { messageId: one.id, content: "one again" });
  await requestOk(olga, "delete_message", { messageId: two.id });
  await requestOk(olga, "add_reaction", { messageId: three.id, emoji: "👍" });
  await requestOk(olga, "edit_message", { messageId: one.id, content: "one at last" });
  await post(room.id, "five");

  const page = await requestOk(await server.connect("ann"), "join_room", { roomId: room.id, since });
  expect(page).toMatchObject({ hasMore: false, seq: since.seq + 5, members: [] });
  expect(page).not.toHaveProperty("reset");
  expect(contents(page)).toEqual(["", "three", "one at last", "five"]);
  expect(page.messages.map((message) => message.updatedSeq)).toEqual([2, 3, 4, 5].map((n) => since.seq + n));
  expect(page.messages[0]).toMatchObject({ id: two.id, deleted: true, metadata: {}, reactions: [] });
  const nothing = await requestOk(olga, "join_room", { roomId: room.id, since: { ...since, seq: page.seq } });
  expect(nothing).toMatchObject({ messages: [], members: [], hasMore: false, seq: page.seq });
  await follower.check();
});

test("[CAT-1] `members` of a `since` are those who changed, role null for one who left", async () => {
  const { id: roomId, epoch, seq } = await makeRoom();
  await requestOk(await server.connect("ann"), "join_room", { roomId });
  const bob = await server.connect("bob");
  await requestOk(bob, "join_room", { roomId });
  await requestOk(bob, "remove_member", { roomId, userId: "bob" });
  const page = await requestOk(olga, "join_room", { roomId, since: { epoch, seq } });
  expect(page.members).toEqual(
    expect.arrayContaining([
      { userId: "ann", username: "ann", role: "member", status: "online" },
      { userId: "bob", username: "bob", role: null, status: expect.any(String) },
    ]),
  );
  expect(page.members).toHaveLength(2);
  const fresh = await requestOk(olga, "join_room", { roomId });
  expect(fresh.members.map((member) => member.userId)).toEqual(["olga", "ann"]);
});

test("[CAT-2] another epoch, a position that never was and one too far back answer `reset` with the last page", async () => {
  const { id: roomId, epoch } = await makeRoom();
  for (let i = 1; i <= catchUpLimit + 1; i++) await post(roomId, `${i}`);
  const last = Array.from(
    { length: limits.pageMessages },
    (_, i) => `${catchUpLimit + 1 - limits.pageMessages + i + 1}`,
  );
  const head = catchUpLimit + 1;
  for (const since of [
    { epoch: "another life", seq: 3 },
    { epoch, seq: head + 1 },
    { epoch, seq: 0 },
  ]) {
    const page = await requestOk(olga, "join_room", { roomId, since });
    expect(page).toMatchObject({ reset: true, hasMore: true, seq: head });
    expect(contents(page)).toEqual(last);
    const { rooms } = await requestOk(olga, "resume", { rooms: [{ roomId, since }] });
    expect(rooms[0]).toMatchObject({ roomId, reset: true, hasMore: true, seq: head });
  }
  const near = await requestOk(olga, "join_room", { roomId, since: { epoch, seq: 1 } });
  expect(near).not.toHaveProperty("reset");
  expect(near.messages).toHaveLength(catchUpLimit);
});

test("[CAT-3] one answer holds 512 KiB: the rest is asked for from its `seq`, then the live stream begins", async () => {
  const { id: roomId, epoch } = await makeRoom();
  const metadata = { note: "m".repeat(4_000) };
  const wide = "𝕏".repeat(2_000);
  for (let i = 0; i < 48; i++) await requestOk(olga, "chat_message", { roomId, content: wide, metadata });
  const ann = await server.connect("ann");
  const inbox = new Inbox(ann);
  const pages: CommandReply<"join_room">[] = [];
  let seq = 0;
  do {
    const page = await requestOk(ann, "join_room", { roomId, since: { epoch, seq } });
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(limits.resumeAnswerBytes);
    pages.push(page);
    seq = page.seq;
    if (page.hasMore) {
      await requestOk(olga, "add_reaction", { messageId: page.messages[0]?.id ?? "", emoji: "👀" });
      expect(await inbox.take("message_updated")).toEqual([]);
    }
  } while (pages.at(-1)?.hasMore);
  expect(pages.length).toBeGreaterThan(1);
  const all = pages.flatMap((page) => page.messages.map((message) => message.id));
  expect(new Set(all).size).toBe(48);
  await post(roomId, "live");
  expect((await inbox.take("chat_message")).map((message) => message.content)).toEqual(["live"]);

  // A fresh page that is too large keeps its newest messages: nothing after it is missing.
  const reset = await requestOk(ann, "join_room", { roomId, since: { epoch: "another", seq: 0 } });
  expect(Buffer.byteLength(JSON.stringify(reset))).toBeLessThanOrEqual(limits.resumeAnswerBytes);
  expect(reset).toMatchObject({ reset: true, hasMore: true });
  expect(contents(reset).at(-1)).toBe("live");
  expect(reset.messages.length).toBeLessThan(limits.pageMessages);
  await post(roomId, "live again");
  expect(await inbox.take("chat_message")).toHaveLength(1);
});

test("[CAT-3] rooms that do not fit into one answer are deferred, and are open once they were answered", async () => {
  const metadata = { note: "m".repeat(4_000) };
  const rooms = [];
  for (let n = 0; n < 3; n++) {
    const room = await makeRoom();
    for (let i = 0; i < 30; i++)
      await requestOk(olga, "chat_message", { roomId: room.id, content: "𝕏".repeat(2_000), metadata });
    rooms.push({ roomId: room.id, since: { epoch: room.epoch, seq: room.seq } });
  }
  const socket = await server.connect("olga");
  const inbox = new Inbox(socket);
  let asked = rooms;
  const answered = new Set<string>();
  for (let round = 0; asked.length > 0 && round < 5; round++) {
    const answer = await requestOk(socket, "resume", { rooms: asked });
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThanOrEqual(limits.resumeAnswerBytes);
    const deferred = new Set<string>();
    for (const room of answer.rooms) {
      if ("deferred" in room) deferred.add(room.roomId);
      else if ("messages" in room) answered.add(room.roomId);
    }
    if (round === 0) expect(deferred.size).toBeGreaterThan(0);
    for (const roomId of deferred) await post(roomId, "not yet");
    expect(await inbox.take("chat_message")).toEqual([]);
    asked = asked.filter(({ roomId }) => deferred.has(roomId));
  }
  expect(answered.size).toBe(3);
  for (const { roomId } of rooms) await post(roomId, "live");
  expect(await inbox.take("chat_message")).toHaveLength(3);
});

test("[CAT-4] `resume` answers every room it names, opens them, and says which are lost", async () => {
  const [kept, lost, fresh] = [await makeRoom("private"), await makeRoom("private"), await makeRoom()];
  const ann = await server.connect("ann");
  for (const room of [kept, lost]) await requestOk(olga, "add_member", { roomId: room.id, userId: "ann" });
  await requestOk(ann, "mark_all_notifications_read", {});
  const before = await requestOk(ann, "list_rooms", {});
  await requestOk(ann, "join_room", { roomId: fresh.id });
  const since = { epoch: kept.epoch, seq: (await requestOk(ann, "join_room", { roomId: kept.id })).seq };
  await post(kept.id, "missed");
  const head = await post(fresh.id, "not shown");
  await requestOk(olga, "remove_member", { roomId: lost.id, userId: "ann" });
  await requestOk(ann, "mark_read", { roomId: kept.id, seq: 100 });

  const socket = await server.connect("ann");
  const inbox = new Inbox(socket);
  const answer = await requestOk(socket, "resume", {
    rooms: [
      { roomId: kept.id, since },
      { roomId: lost.id, since },
      { roomId: fresh.id, since: null },
      { roomId: "nowhere", since: null },
    ],
    user: { epoch: before.epoch, seq: before.seq },
  });
  expect(answer.rooms).toMatchObject([
    { roomId: kept.id, room: { id: kept.id, role: "member" }, hasMore: false, seq: since.seq + 1, epoch: kept.epoch },
    { roomId: lost.id, removed: true },
    { roomId: fresh.id, messages: [], members: [], hasMore: false, seq: head.seq },
    { roomId: "nowhere", removed: true },
  ]);
  expect("messages" in (answer.rooms[0] ?? {}) && contents(answer.rooms[0] as CommandReply<"join_room">)).toEqual([
    "missed",
  ]);
  expect(answer.user).toMatchObject({
    epoch: before.epoch,
    notifications: [],
    rooms: { added: [{ id: fresh.id }], removed: [lost.id] },
  });
  expect(answer.user.markers).toContainEqual({ roomId: kept.id, seq: since.seq + 1, unread: 0, mentions: 0 });
  expect(answer.user.seq).toBeGreaterThan(before.seq);
  expect(answer.user.rooms.added[0]).not.toHaveProperty("role");

  await post(kept.id, "live one");
  await post(fresh.id, "live two");
  await post(lost.id, "secret");
  expect((await inbox.take("chat_message")).map((message) => message.content)).toEqual(["live one", "live two"]);
  const none = await requestOk(socket, "resume", { user: { epoch: before.epoch, seq: answer.user.seq } });
  expect(none).toMatchObject({
    rooms: [],
    user: { seq: answer.user.seq, markers: [], rooms: { added: [], removed: [] } },
  });
  for (const user of [
    { epoch: "another", seq: 1 },
    { epoch: before.epoch, seq: answer.user.seq + 9 },
  ]) {
    const afresh = await requestOk(socket, "resume", { user });
    expect(afresh.user).toMatchObject({ reset: true, seq: answer.user.seq });
    expect(afresh.user.rooms.added.map((room) => room.id)).toEqual(expect.arrayContaining([kept.id, fresh.id]));
  }
  expect((await requestOk(socket, "resume", { user: null })).user).not.toHaveProperty("reset");
});

test("[CAT-1] who was away for a while of everything equals who stayed", async () => {
  const { id: roomId } = await makeRoom();
  const follower = await followRoom(server, "ann", roomId);
  const bob = await server.connect("bob");
  await requestOk(bob, "join_room", { roomId });
  const made: Message[] = [];
  let state = 20_261_123;
  const pick = (count: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % count;
  };
  for (let step = 0; step < 120; step++) {
    const messageId = made[pick(Math.max(1, made.length))]?.id;
    const action = messageId === undefined || made.length < 5 ? 0 : pick(9);
    const ignoreRefusal = () => undefined;
    if (action === 0 && made.length < 40) made.push(await post(roomId, `text ${step}`));
    else if (!messageId) continue;
    else if (action === 1)
      await requestOk(olga, "edit_message", { messageId, content: `edit ${step}` }).catch(ignoreRefusal);
    else if (action === 2 && step % 4 === 0) await requestOk(olga, "delete_message", { messageId });
    else if (action <= 4) await requestOk(bob, "add_reaction", { messageId, emoji: "🎉" }).catch(ignoreRefusal);
    else if (action === 5) await requestOk(bob, "remove_reaction", { messageId, emoji: "🎉" }).catch(ignoreRefusal);
    else if (action === 6) await requestOk(olga, "pin_message", { messageId }).catch(ignoreRefusal);
    else if (action === 7)
      await requestOk(olga, "set_role", { roomId, userId: "bob", role: step % 2 ? "moderator" : "guest" });
    else await requestOk(olga, "update_room", { roomId, name: `name ${step}` });
  }
  await follower.check();
});
