import type { EventPayload } from "@mirage/protocol";
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
let ann: Inbox;
let annsPhone: Inbox;
let bob: Inbox;

beforeAll(async () => {
  server = await startTestServer({ settings: { notificationsPerMinute: 0 } });
  await server.connect("root");
  olga = await server.connect({ userId: "olga", username: "Olga" });
  ann = new Inbox(await server.connect("ann"));
  annsPhone = new Inbox(await server.connect("ann"));
  bob = new Inbox(await server.connect("bob"));
  await meet();
});
afterAll(() => server?.close());

/** Who comes to a room is told 250 ms later to those who did not see them before, once: here Bob to Ann, last of all. */
async function meet(): Promise<void> {
  await fillRoom("private");
  await eventually(() => {
    for (const inbox of [ann, annsPhone]) expect(inbox.of("user_online").at(-1)).toMatchObject({ userId: "bob" });
  });
}

async function fillRoom(type: "private" | "public"): Promise<string> {
  const { room } = await requestOk(olga, "create_room", { name: "Team", type });
  for (const userId of ["ann", "bob"]) await requestOk(olga, "add_member", { roomId: room.id, userId });
  return room.id;
}

async function makeRoom(type: "private" | "public" = "private"): Promise<string> {
  const roomId = await fillRoom(type);
  await forget();
  return roomId;
}

async function forget(): Promise<void> {
  for (const inbox of [ann, annsPhone, bob]) (await inbox.settle()).clear();
}

const post = async (roomId: string, content: string, more: { replyTo?: string; socket?: TestSocket } = {}) => {
  const { socket = olga, ...links } = more;
  return (await requestOk(socket, "chat_message", { roomId, content, ...links })).message;
};

const list = (inbox: Inbox) => requestOk(inbox.socket, "get_notifications", {});
const kinds = (events: EventPayload<"notification">[]) => events.map(({ type }) => type);

test("[NOTE-3] whoever was called by name keeps their record when an edit calls everybody", async () => {
  const roomId = await makeRoom();
  const message = await post(roomId, "hello @ann");
  const before = (await list(ann)).notifications[0];
  expect(before).toMatchObject({ type: "mention", read: false, metadata: { messageId: message.id } });
  await forget();
  await requestOk(olga, "edit_message", { messageId: message.id, content: "hello @everyone" });
  expect((await ann.settle()).names).toEqual([]);
  expect((await list(ann)).notifications[0]).toEqual(before);
  expect(await bob.take("mention")).toHaveLength(1);
});

test("[NOTE-1] [NOTE-2] a mention is one record and one change, told by two events on every device", async () => {
  const roomId = await makeRoom();
  const message = await post(roomId, "hello @ann");
  const [mention] = (await ann.settle()).of("mention");
  const [notification] = ann.of("notification");
  expect(ann.names).toEqual(["mention", "notification"]);
  const metadata = { roomId, messageId: message.id, mentionedBy: "Olga", mentionedById: "olga" };
  expect(mention).toEqual({ ...metadata, content: "hello @ann", userSeq: notification?.userSeq });
  expect(notification).toMatchObject({
    type: "mention",
    title: "Olga mentioned you in Team",
    content: "hello @ann",
    metadata,
    read: false,
    groupKey: `room:${roomId}`,
    channels: { sound: true, desktop: true },
    seq: mention?.userSeq,
  });
  expect((await annsPhone.settle()).names).toEqual(["mention", "notification"]);
  const { notifications } = await list(ann);
  const { channels: _c, unreadCount: _u, userSeq: _s, ...record } = notification as EventPayload<"notification">;
  expect(notifications[0]).toEqual(record);
  expect((await bob.settle()).names).toEqual([]);
});

test("[NOTE-1] a reply tells the author of what it answers, a mention in it wins, and oneself is never told", async () => {
  const roomId = await makeRoom();
  const { id: replyTo } = await post(roomId, "a question", { socket: ann.socket });
  await post(roomId, "an answer", { replyTo });
  const [reply] = await ann.take("notification");
  expect(reply).toMatchObject({ type: "reply", title: "Olga replied to you in Team", metadata: { replyTo } });
  await post(roomId, "an answer for @ann", { replyTo });
  expect(kinds(await ann.take("notification"))).toEqual(["mention"]);
  await post(roomId, "my own answer, @ann", { replyTo, socket: ann.socket });
  expect(await ann.take("notification")).toEqual([]);
});

test("[NOTE-1] direct conversations tell of every message, rooms only whoever wants it, up to 200 people", async () => {
  const roomId = await makeRoom();
  await post(roomId, "nobody is told");
  expect(await ann.take("notification")).toEqual([]);
  await requestOk(ann.socket, "set_room_preferences", { roomId, level: "all" });
  await forget();
  const { id } = await post(roomId, "ann is told");
  const [told] = (await ann.settle()).of("notification");
  expect(told).toMatchObject({ type: "message", title: "Olga in Team", metadata: { messageId: id, userId: "olga" } });
  expect(await bob.take("notification")).toEqual([]);
  await requestOk(ann.socket, "set_room_preferences", { roomId, level: null });
  await forget();
  await post(roomId, "nobody again");
  expect(await ann.take("notification")).toEqual([]);
  const { room } = await requestOk(olga, "open_direct", { userIds: ["ann"] });
  expect(kinds(await ann.take("notification"))).toEqual(["invite"]);
  await requestOk(olga, "open_direct", { userIds: ["ann"] });
  await post(room.id, "hi");
  expect(await ann.take("notification")).toMatchObject([{ type: "message", title: "Olga", content: "hi" }]);
});

test("[NOTE-1] whoever is taken into a room is told once; coming in by oneself tells nobody", async () => {
  const { room } = await requestOk(olga, "create_room", { name: "Club", type: "public" });
  await forget();
  await requestOk(ann.socket, "join_room", { roomId: room.id });
  expect(await ann.take("notification")).toEqual([]);
  await requestOk(olga, "add_member", { roomId: room.id, userId: "bob" });
  await requestOk(olga, "add_member", { roomId: room.id, userId: "bob" });
  const [invite, ...more] = (await bob.settle()).of("notification");
  expect(more).toEqual([]);
  expect(invite).toMatchObject({ type: "invite", title: "Olga added you to Club", metadata: { roomId: room.id } });
  const { message } = await requestOk(olga, "chat_message", { roomId: room.id, content: "welcome" });
  await requestOk(bob.socket, "mark_read", { roomId: room.id, seq: message.seq });
  expect(await bob.take("notification_read")).toMatchObject([{ notificationId: invite?.id }]);
});

test("[NOTE-3] a deletion takes back what was told, an edit the mentions that it removes, both on every device", async () => {
  const roomId = await makeRoom();
  const { id: messageId } = await post(roomId, "@ann and @bob");
  const [forAnn] = await ann.take("notification");
  const [forBob] = await bob.take("notification");
  await forget();
  await requestOk(olga, "edit_message", { messageId, content: "@bob" });
  for (const device of [ann, annsPhone]) {
    expect(await device.take("notification_deleted")).toMatchObject([{ notificationId: forAnn?.id }]);
  }
  await requestOk(bob.socket, "mark_notification_read", { notificationId: forBob?.id ?? "" });
  await requestOk(olga, "edit_message", { messageId, content: "nobody" });
  expect(await bob.take("notification_deleted")).toEqual([]);
  await requestOk(olga, "delete_message", { messageId });
  expect(await bob.take("notification_deleted")).toMatchObject([{ notificationId: forBob?.id }]);
  const { id: loud } = await post(roomId, "@everyone");
  await forget();
  await requestOk(olga, "edit_message", { messageId: loud, content: "nobody" });
  for (const device of [ann, bob]) expect(await device.take("notification_deleted")).toHaveLength(1);
  for (const device of [ann, bob]) {
    expect(JSON.stringify(await list(device))).not.toMatch(new RegExp(`${messageId}|${loud}`));
  }
});

test("[NOTE-3] a deletion on the heels of an edit takes back what the edit tells", async () => {
  const roomId = await makeRoom();
  const { id: messageId } = await post(roomId, "nothing");
  const edit = request(olga, "edit_message", { messageId, content: "@ann @bob" });
  const removal = request(olga, "delete_message", { messageId });
  expect([(await edit).ok, (await removal).ok]).toEqual([true, true]);
  for (const device of [ann, bob]) expect(JSON.stringify(await list(device))).not.toContain(messageId);
});

test("[NOTE-1] whoever leaves before the commit is not told, and nobody outside ever", async () => {
  const roomId = await makeRoom();
  const out = new Inbox(await server.connect("out"));
  await requestOk(ann.socket, "remove_member", { roomId, userId: "ann" });
  await forget();
  await post(roomId, "@ann @out @bob");
  expect(await ann.take("notification")).toEqual([]);
  expect(await out.take("notification")).toEqual([]);
  expect(await bob.take("notification")).toHaveLength(1);
});

test("[CFG-5] switched off, nothing is kept to be read, and a mention is still heard", async () => {
  const quiet = await startTestServer({ settings: { enableNotifications: false } });
  try {
    await quiet.connect("root");
    const owner = await quiet.connect("olga");
    const inbox = new Inbox(await quiet.connect("ann"));
    const { room } = await requestOk(owner, "create_room", { name: "Team", type: "private" });
    await requestOk(owner, "add_member", { roomId: room.id, userId: "ann" });
    const { message } = await requestOk(owner, "chat_message", { roomId: room.id, content: "@ann" });
    await eventually(() => expect(inbox.of("mention")).toHaveLength(1));
    await requestOk(owner, "edit_message", { messageId: message.id, content: "@ann again" });
    expect((await inbox.settle()).of("mention")).toHaveLength(1);
    expect(inbox.of("notification")).toEqual([]);
    const refused = await request(inbox.socket, "get_notifications", {});
    expect(refused).toMatchObject({ ok: false, error: { code: "disabled" } });
    const { user } = await requestOk(inbox.socket, "resume", { user: { epoch: await epochOf(owner), seq: 0 } });
    expect(user.notifications).toEqual([]);
    const listed = await quiet.running.database.query("SELECT id FROM notifications WHERE is_listed");
    expect(listed).toEqual([]);
  } finally {
    await quiet.close();
  }
});

const epochOf = async (socket: TestSocket) => (await requestOk(socket, "list_rooms", {})).epoch;
