import {
  eventually,
  Inbox,
  request,
  requestOk,
  startTestServer,
  type TestServer,
  type TestSocket,
} from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestServer;
let olga: TestSocket;
let bob: TestSocket;
let ann: Inbox;
beforeAll(async () => {
  server = await startTestServer({ settings: { notificationsPerMinute: 0 } });
  await server.connect("root");
  olga = await server.connect({ userId: "olga", username: "Olga" });
  bob = await server.connect({ userId: "bob", username: "Bob" });
  ann = new Inbox(await server.connect("ann"));
});
afterAll(() => server?.close());

/** A message of Ann's in a room with Olga and Bob. */
async function makeMessage() {
  const { room } = await requestOk(olga, "create_room", { name: "Team", type: "private" });
  for (const userId of ["ann", "bob"]) await requestOk(olga, "add_member", { roomId: room.id, userId });
  const { message } = await requestOk(ann.socket, "chat_message", { roomId: room.id, content: "look" });
  await requestOk(ann.socket, "mark_all_notifications_read", {});
  (await ann.settle()).clear();
  return { roomId: room.id, messageId: message.id, seq: message.seq };
}

const react = (socket: TestSocket, messageId: string, emoji = "👍") =>
  requestOk(socket, "add_reaction", { messageId, emoji });
const unreact = (socket: TestSocket, messageId: string, emoji = "👍") =>
  requestOk(socket, "remove_reaction", { messageId, emoji });
const listLikes = async (messageId: string) => {
  const { notifications } = await requestOk(ann.socket, "get_notifications", {});
  return notifications.filter(({ type, metadata }) => type === "like" && metadata.messageId === messageId);
};

test("[NOTE-18] a reaction tells the author once for each person, quietly, grouped by message", async () => {
  const { roomId, messageId, seq } = await makeMessage();
  await react(olga, messageId);
  await react(olga, messageId, "🎉");
  await react(bob, messageId);
  await react(ann.socket, messageId);
  const told = await ann.take("notification");
  expect(told.map(({ title, channels }) => [title, channels])).toEqual([
    ["Olga reacted 👍 to your message in Team", { sound: false, desktop: false }],
    ["Bob reacted 👍 to your message in Team", { sound: false, desktop: false }],
  ]);
  expect(told[0]).toMatchObject({
    type: "like",
    content: "",
    groupKey: `likes:${messageId}`,
    metadata: { roomId, messageId, seq, userId: "olga", username: "Olga", emoji: "👍" },
  });
  // Its author has long read the room: that reads no reaction.
  const { message } = await requestOk(olga, "chat_message", { roomId, content: "and?" });
  await requestOk(ann.socket, "mark_read", { roomId, seq: message.seq });
  expect((await listLikes(messageId)).map(({ read }) => read)).toEqual([false, false]);
});

test("[NOTE-18] a reaction taken back before it was read is withdrawn with the last one, and never told again", async () => {
  const { messageId } = await makeMessage();
  await react(olga, messageId);
  await react(olga, messageId, "🎉");
  await unreact(olga, messageId);
  expect(await listLikes(messageId)).toHaveLength(1);
  await unreact(olga, messageId, "🎉");
  expect(await ann.take("notification_deleted")).toMatchObject([{ unreadCount: 0 }]);
  expect(await listLikes(messageId)).toEqual([]);
  await react(olga, messageId);
  expect(await ann.take("notification")).toEqual([]);

  await react(bob, messageId);
  const [like] = await listLikes(messageId);
  await requestOk(ann.socket, "mark_notification_read", { notificationId: like?.id ?? "" });
  await unreact(bob, messageId);
  expect(await listLikes(messageId)).toMatchObject([{ id: like?.id, read: true }]);
});

test("[NOTE-18] [NOTE-3] with a deleted message goes what its reactions told, read or not, however many, on every device", async () => {
  const { roomId, messageId } = await makeMessage();
  const { message: other } = await requestOk(ann.socket, "chat_message", { roomId, content: "stays" });
  await react(olga, messageId);
  await react(bob, messageId);
  await react(bob, other.id);
  const [read] = await listLikes(messageId);
  await requestOk(ann.socket, "mark_notification_read", { notificationId: read?.id ?? "" });
  (await ann.settle()).clear();
  await requestOk(olga, "delete_message", { messageId });
  await eventually(() => expect(ann.of("notification_deleted").map(({ unreadCount }) => unreadCount)).toEqual([1, 1]));
  expect(await listLikes(messageId)).toEqual([]);
  expect(await listLikes(other.id)).toHaveLength(1);
});

test("[NOTE-18] a reaction that comes while its message is deleted leaves nothing", async () => {
  for (let round = 0; round < 5; round++) {
    const { messageId } = await makeMessage();
    await Promise.all([
      request(olga, "add_reaction", { messageId, emoji: "👍" }),
      requestOk(ann.socket, "delete_message", { messageId }),
      request(bob, "add_reaction", { messageId, emoji: "👍" }),
    ]);
    await eventually(async () => expect(await listLikes(messageId)).toEqual([]));
    expect((await requestOk(ann.socket, "get_notifications", {})).unreadCount).toBe(0);
  }
});

test("[NOTE-18] preferences, and the level of the room, decide over reactions, too", async () => {
  const { roomId, messageId } = await makeMessage();
  await requestOk(ann.socket, "set_room_preferences", { roomId, level: "none" });
  await react(olga, messageId);
  await requestOk(ann.socket, "set_room_preferences", { roomId, level: null });
  await requestOk(ann.socket, "set_preferences", { channels: { like: { inApp: false } } });
  await react(bob, messageId);
  expect(await ann.take("notification")).toEqual([]);
  await requestOk(ann.socket, "set_preferences", { channels: { like: { inApp: true, desktop: true } } });
  await unreact(bob, messageId);
  await react(bob, messageId, "🚀");
  expect((await ann.take("notification")).map(({ channels }) => channels)).toEqual([{ sound: false, desktop: true }]);
});
