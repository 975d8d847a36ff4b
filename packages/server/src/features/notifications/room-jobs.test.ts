import { eventually, Inbox, requestOk, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../database/database.ts";
import { fillRoom } from "./open-test-crowd.ts";

let server: TestServer;
let olga: TestSocket;

beforeAll(async () => {
  server = await startTestServer({ settings: { notificationsPerMinute: 0 } });
  await server.connect("root");
  olga = await server.connect("olga");
});
afterAll(() => server?.close());

const crowd = 450;

async function openCrowd(at: Database, socket: TestSocket, count = crowd): Promise<string> {
  const { room } = await requestOk(socket, "create_room", { name: "Hall", type: "public" });
  await fillRoom(at, room.id, count);
  return room.id;
}

/** How many people have a record of a cause, and how many records there are. */
async function countTold(at: Database, cause: string): Promise<{ people: number; records: number }> {
  const [row] = await at.query<{ people: number; records: number }>(
    `SELECT count(DISTINCT user_id)::int AS people, count(*)::int AS records FROM notifications
     WHERE cause = $1 AND is_listed AND deleted_at IS NULL`,
    [cause],
  );
  return row ?? { people: 0, records: 0 };
}

test("[NOTE-11] in a crowd `@everyone` tells each person once, and a deletion takes it back from each", async () => {
  const { database } = server.running;
  const roomId = await openCrowd(database, olga);
  const ann = new Inbox(await server.connect("ann"));
  await requestOk(ann.socket, "join_room", { roomId });
  await requestOk(ann.socket, "set_preferences", { doNotDisturb: { isOn: true } });
  const deaf = await server.connect("deaf");
  await requestOk(deaf, "join_room", { roomId });
  await requestOk(deaf, "set_room_preferences", { roomId, level: "none" });
  const { message } = await requestOk(olga, "chat_message", { roomId, content: "@everyone and @ann by name" });
  const cause = `message:${message.id}`;
  await eventually(async () =>
    expect(await countTold(database, cause)).toEqual({ people: crowd + 1, records: crowd + 1 }),
  );
  await eventually(() => expect(ann.of("notification")).toHaveLength(1));
  expect(ann.of("notification")).toMatchObject([{ type: "mention", channels: { sound: false, desktop: false } }]);
  expect(ann.of("mention")).toHaveLength(1);
  const again = await server.connect("ann");
  await requestOk(again, "mark_read", { roomId, seq: message.seq });
  expect((await requestOk(again, "get_notifications", {})).unreadCount).toBe(0);
  await requestOk(olga, "delete_message", { messageId: message.id });
  await eventually(async () => expect(await countTold(database, cause)).toEqual({ people: 0, records: 0 }));
  expect(await ann.take("notification_deleted")).toHaveLength(1);
});

test("[NOT-3] in a crowd `@here` calls whoever is here, however late they came to the room, and nobody else", async () => {
  const { database } = server.running;
  const roomId = await openCrowd(database, olga, 600);
  const late = new Inbox(await server.connect("late"));
  await requestOk(late.socket, "join_room", { roomId });
  const hidden = new Inbox(await server.connect("hidden"));
  await requestOk(hidden.socket, "join_room", { roomId });
  await requestOk(hidden.socket, "presence_update", { status: "offline" });
  const stranger = new Inbox(await server.connect("stranger"));
  const { message } = await requestOk(olga, "chat_message", { roomId, content: "@here" });
  expect(message.mentions).toEqual({ users: ["late"], here: true });
  expect(await late.take("mention")).toHaveLength(1);
  expect(await countTold(database, `message:${message.id}`)).toEqual({ people: 1, records: 1 });
  for (const inbox of [hidden, stranger]) expect(await inbox.take("mention")).toEqual([]);
});

test("[NOTE-11] an edit that calls the crowd tells it, one that no longer does takes that back from all but the named", async () => {
  const { database } = server.running;
  const roomId = await openCrowd(database, olga);
  const bob = await server.connect("bob");
  await requestOk(bob, "join_room", { roomId });
  const { message } = await requestOk(olga, "chat_message", { roomId, content: "later" });
  const cause = `message:${message.id}`;
  await requestOk(olga, "edit_message", { messageId: message.id, content: "now @everyone" });
  await eventually(async () => expect((await countTold(database, cause)).people).toBe(crowd + 1));
  await requestOk(olga, "edit_message", { messageId: message.id, content: "only @bob" });
  await eventually(async () => expect((await countTold(database, cause)).people).toBe(1));
  expect((await requestOk(bob, "get_notifications", {})).notifications).toHaveLength(1);
});

test("[NOTE-4] [NOTE-11] whoever has read the room before a job comes to them finds the record read, and hears nothing", async () => {
  const roomId = await openCrowd(server.running.database, olga, 2_000);
  const zoe = new Inbox(await server.connect("zoe"));
  await requestOk(zoe.socket, "join_room", { roomId });
  (await zoe.settle()).clear();
  const read = new Promise((resolve) =>
    zoe.socket.once("chat_message", ({ seq }) => resolve(requestOk(zoe.socket, "mark_read", { roomId, seq }))),
  );
  const { message } = await requestOk(olga, "chat_message", { roomId, content: "@everyone" });
  await read;
  expect(zoe.of("notification")).toEqual([]);
  await eventually(() => expect(zoe.of("notification")).toHaveLength(1), { timeoutMs: 20_000 });
  const silent = { read: true, unreadCount: 0, channels: { sound: false, desktop: false } };
  expect(zoe.of("notification")).toMatchObject([{ metadata: { messageId: message.id }, ...silent }]);
  expect((await requestOk(zoe.socket, "get_notifications", {})).unreadCount).toBe(0);

  await requestOk(olga, "edit_message", { messageId: message.id, content: "later" });
  const { message: other } = await requestOk(olga, "chat_message", { roomId, content: "later" });
  await requestOk(zoe.socket, "mark_read", { roomId, seq: other.seq });
  await requestOk(olga, "edit_message", { messageId: other.id, content: "now @everyone" });
  // What an edit says is news.
  await eventually(async () => expect((await requestOk(zoe.socket, "get_notifications", {})).unreadCount).toBe(1), {
    timeoutMs: 20_000,
  });
}, 60_000);

test("[NOTE-12] a nonce that told something else is refused, and each person and room has nonces of its own", async () => {
  const { running } = server;
  const roomId = await openCrowd(running.database, olga, 1);
  const other = await openCrowd(running.database, olga, 1);
  const dan = await server.connect("dan");
  for (const id of [roomId, other]) await requestOk(dan, "join_room", { roomId: id });
  const words = { title: "Sale", content: "today", metadata: { b: 1, a: [2] }, nonce: "sale" };
  const again = { ...words, metadata: { a: [2], b: 1 } };
  const differently = { ...words, content: "tomorrow" };
  const conflict = { code: "nonce_conflict" };
  await running.sendNotification("dan", words);
  expect(await running.sendNotification("dan", again)).toMatchObject({ content: "today" });
  await expect(running.sendNotification("dan", differently)).rejects.toMatchObject(conflict);
  for (const id of [roomId, other]) expect(await running.sendRoomNotification(id, words)).toEqual({ count: 3 });
  expect(await running.sendRoomNotification(roomId, again)).toEqual({ count: 3 });
  await expect(running.sendRoomNotification(roomId, differently)).rejects.toMatchObject(conflict);
  const { notifications } = await requestOk(dan, "get_notifications", {});
  expect(notifications.map(({ content }) => content)).toEqual(["today", "today", "today"]);
});

test("[NOTE-12] a host tells a room once for each nonce, as everybody's preferences have it, urgent ones louder", async () => {
  const { database } = server.running;
  const roomId = await openCrowd(database, olga);
  const ann = new Inbox(await server.connect("ann"));
  const deaf = await server.connect("deaf");
  for (const socket of [ann.socket, deaf]) await requestOk(socket, "join_room", { roomId });
  await requestOk(deaf, "set_room_preferences", { roomId, level: "none" });
  await requestOk(ann.socket, "set_preferences", { doNotDisturb: { isOn: true } });
  (await ann.settle()).clear();
  const words = { title: "Deployed", content: "Version 2", type: "$deploy", metadata: { version: 2 } };
  const first = await server.running.sendRoomNotification(roomId, { ...words, nonce: "d-2" });
  // Everybody but the one who wants nothing of this room; its owner is told, too.
  expect(first).toEqual({ count: crowd + 2 });
  expect(await server.running.sendRoomNotification(roomId, { ...words, nonce: "d-2" })).toEqual(first);
  const told = await ann.take("notification");
  expect(told).toMatchObject([{ ...words, channels: { sound: false, desktop: false } }]);
  await server.running.sendRoomNotification(roomId, { ...words, urgent: true });
  expect(await ann.take("notification")).toMatchObject([{ urgent: true, channels: { sound: true, desktop: true } }]);
  await expect(server.running.sendRoomNotification("nowhere", words)).rejects.toMatchObject({ code: "not_found" });
});

test("[NOTE-12] a host tells one person once for each nonce, or nobody who does not want it", async () => {
  const cat = new Inbox(await server.connect("cat"));
  const words = { title: "Your order", content: "is on its way", type: "$order-sent", groupKey: "order 7", nonce: "7" };
  const sent = await server.running.sendNotification("cat", words);
  expect(sent).toMatchObject({ title: words.title, type: words.type, groupKey: "order 7", read: false });
  expect(await server.running.sendNotification("cat", words)).toEqual(sent);
  expect(await cat.take("notification")).toMatchObject([{ id: sent?.id, channels: { sound: true, desktop: true } }]);
  await requestOk(cat.socket, "set_preferences", { channels: { app: { inApp: false } } });
  expect(await server.running.sendNotification("cat", { ...words, nonce: "8" })).toBeNull();
  expect(await cat.take("notification")).toEqual([]);
  await expect(server.running.sendNotification("nobody", words)).rejects.toMatchObject({ code: "not_found" });
  for (const wrong of [
    { type: "unknown" },
    { type: "$" },
    { title: "" },
    { title: "a\nb" },
    { metadata: { a: "x".repeat(5_000) } },
  ]) {
    await expect(server.running.sendNotification("cat", { ...words, ...wrong })).rejects.toMatchObject({
      code: "bad_request",
    });
  }
});

test("[NOTE-11] a job that a stop has cut goes on with the next start, and tells nobody twice", async () => {
  const settings = { jwtSecret: "the same over the restart, whoever asks" };
  const first = await startTestServer({ settings });
  await first.connect("root");
  const owner = await first.connect("owner");
  const roomId = await openCrowd(first.running.database, owner, 2_000);
  const { message } = await requestOk(owner, "chat_message", { roomId, content: "@everyone" });
  const cause = `message:${message.id}`;
  await eventually(async () => expect((await countTold(first.running.database, cause)).people).toBeGreaterThan(0));
  await first.close({ keepsStorage: true });
  const second = await startTestServer({ settings, storage: first.storage });
  try {
    await eventually(async () =>
      expect(await countTold(second.running.database, cause)).toEqual({ people: 2_000, records: 2_000 }),
    );
  } finally {
    await second.close();
  }
});
