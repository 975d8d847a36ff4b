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
