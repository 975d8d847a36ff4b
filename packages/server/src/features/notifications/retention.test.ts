import { eventually, FakeClock, requestOk, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import { afterEach, beforeEach, expect, test } from "vitest";

const dayMs = 86_400_000;
let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server?.close());

/** The same server, so many days later; a minute after its start it lets go of what was kept long enough. */
async function comeBackAfter(days: number, notificationRetentionDays = 90): Promise<TestServer> {
  const { storage, jwtSecret } = server;
  await server.close({ keepsStorage: true });
  const clock = new FakeClock(Date.now() + days * dayMs);
  server = await startTestServer({ storage, clock, settings: { jwtSecret, notificationRetentionDays } });
  clock.advance(61_000);
  return server;
}

const enter = async (at: TestServer, userId: string): Promise<TestSocket> =>
  await at.connect({ userId, username: userId, exp: Math.floor(Date.now() / 1_000) + 500 * 86_400 });

const titlesOf = async (socket: TestSocket): Promise<string[]> =>
  (await requestOk(socket, "get_notifications", {})).notifications.map(({ title }) => title);

test("[NOTE-26] what was read is let go after its time, what was not after a year, and whoever lacks it starts afresh", async () => {
  await server.connect("root");
  const bob = await server.connect("bob");
  const { room } = await requestOk(bob, "create_room", { name: "Hall" });
  for (const title of ["old", "deleted", "unread"])
    await server.running.sendNotification("bob", { title, content: "" });
  await server.running.sendRoomNotification(room.id, { title: "to the room", content: "", nonce: "once" });
  const { notifications, epoch } = await requestOk(bob, "get_notifications", {});
  const idOf = (title: string) => notifications.find((one) => one.title === title)?.id ?? "";
  await requestOk(bob, "mark_notification_read", { notificationId: idOf("old") });
  const { seq } = await requestOk(bob, "get_notifications", {});
  await requestOk(bob, "delete_notification", { notificationId: idOf("deleted") });
  const { seq: head } = await requestOk(bob, "get_notifications", {});

  const kept = await enter(await comeBackAfter(400, 0), "bob");
  expect(await titlesOf(kept)).toEqual(["to the room", "unread", "old"]);
  const early = await enter(await comeBackAfter(89), "bob");
  expect(await titlesOf(early)).toEqual(["to the room", "unread", "old"]);

  const later = await comeBackAfter(91);
  const bobLater = await enter(later, "bob");
  await eventually(async () => expect(await titlesOf(bobLater)).toEqual(["to the room", "unread"]));
  const rest = (table: string) => later.running.database.query(`SELECT 1 FROM ${table}`);
  await eventually(async () =>
    expect([await rest("notifications"), await rest("room_jobs")]).toMatchObject([{ length: 2 }, []]),
  );
  expect((await requestOk(bobLater, "resume", { user: { epoch, seq } })).user).toMatchObject({ reset: true });
  expect((await requestOk(bobLater, "resume", { user: { epoch, seq: head } })).user).not.toHaveProperty("reset");

  const muchLater = await enter(await comeBackAfter(366), "bob");
  await eventually(async () => expect(await titlesOf(muchLater)).toEqual([]));
});

test("[NOTE-26] [NOT-1] an edit of a message whose records are gone tells nobody again whom it named before", async () => {
  await server.connect("root");
  const [olga, ann] = [await server.connect("olga"), await server.connect("ann")];
  const { room } = await requestOk(olga, "create_room", { name: "Hall" });
  await requestOk(ann, "join_room", { roomId: room.id });
  const { message } = await requestOk(olga, "chat_message", { roomId: room.id, content: "@ann" });
  await requestOk(ann, "mark_all_notifications_read", {});
  const later = await comeBackAfter(100);
  const annLater = await enter(later, "ann");
  await eventually(async () => expect(await titlesOf(annLater)).toEqual([]));
  const olgaLater = await enter(later, "olga");
  await requestOk(olgaLater, "edit_message", { messageId: message.id, content: "@ann, and more" });
  expect(await titlesOf(annLater)).toEqual([]);
});
