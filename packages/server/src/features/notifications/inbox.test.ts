import { limits } from "@mirage/protocol";
import { type Inbox, request, requestOk, type TestServer, type TestSocket } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestTeam } from "./open-test-team.ts";

let team: Awaited<ReturnType<typeof openTestTeam>>;
let server: TestServer;
let olga: TestSocket;
let roomId: string;
beforeAll(async () => {
  team = await openTestTeam({ settings: { notificationsPerMinute: 0 } });
  ({ server, olga, roomId } = team);
});
afterAll(() => server?.close());

const openPerson = () => team.openPerson();
const mention = (name: string) => team.mention(name);
const listOf = (inbox: Inbox, page = {}) => requestOk(inbox.socket, "get_notifications", page);

test("[NOTE-6] the list is newest first, goes on from a cursor, and comes as an event, too", async () => {
  const { name, desk } = await openPerson();
  const messages = [];
  for (let count = 0; count < 5; count++) messages.push(await mention(name));
  const first = await listOf(desk, { limit: 2 });
  expect(await desk.take("notifications_list")).toEqual([
    { notifications: first.notifications, unreadCount: 5, nextCursor: first.nextCursor },
  ]);
  const second = await listOf(desk, { limit: 2, cursor: first.nextCursor ?? "" });
  const third = await listOf(desk, { limit: 2, cursor: second.nextCursor ?? "" });
  expect(third.nextCursor).toBeNull();
  const all = [first, second, third].flatMap(({ notifications }) => notifications);
  expect(all.map(({ metadata }) => metadata.messageId)).toEqual(messages.map(({ id }) => id).reverse());
  await requestOk(desk.socket, "mark_notification_read", { notificationId: all[1]?.id ?? "" });
  const unread = await listOf(desk, { unreadOnly: true });
  expect(unread.notifications.map(({ id }) => id)).toEqual([0, 2, 3, 4].map((at) => all[at]?.id));
  expect((await request(desk.socket, "get_notifications", { cursor: "what" })).ok).toBe(false);
  const { seq, epoch } = unread;
  expect((await requestOk(desk.socket, "resume", { user: { seq, epoch } })).user.notifications).toEqual([]);
});

test("[NOTE-4] [NOTE-5] reading and deleting one follow on all devices, once, and say how many are left", async () => {
  const { name, desk, phone } = await openPerson();
  for (let count = 0; count < 3; count++) await mention(name);
  const { notifications } = await listOf(desk);
  const [newest, middle] = notifications.map(({ id }) => id);
  for (const inbox of [desk, phone]) (await inbox.settle()).clear();
  const read = await requestOk(desk.socket, "mark_notification_read", { notificationId: newest ?? "" });
  expect(read).toMatchObject({ ok: true, unreadCount: 2, readAt: expect.stringMatching(/Z$/) });
  const again = await requestOk(phone.socket, "mark_notification_read", { notificationId: newest ?? "" });
  expect(again.readAt).toBe(read.readAt);
  for (const inbox of [desk, phone]) {
    expect(await inbox.take("notification_read")).toEqual([
      { notificationId: newest, readAt: read.readAt, unreadCount: 2, userSeq: expect.any(Number) },
    ]);
  }
  expect(await requestOk(phone.socket, "delete_notification", { notificationId: middle ?? "" })).toMatchObject({
    unreadCount: 1,
  });
  await requestOk(phone.socket, "delete_notification", { notificationId: middle ?? "" });
  for (const inbox of [desk, phone]) {
    expect(await inbox.take("notification_deleted")).toMatchObject([{ notificationId: middle, unreadCount: 1 }]);
  }
  const gone = await request(desk.socket, "mark_notification_read", { notificationId: middle ?? "" });
  expect(gone).toMatchObject({ ok: false, error: { code: "not_found" } });
  const others = await request(olga, "mark_notification_read", { notificationId: newest ?? "" });
  expect(others).toMatchObject({ ok: false, error: { code: "not_found" } });
});

test("[NOTE-4] reading all is one change, whose position all of them share", async () => {
  const { name, desk, phone } = await openPerson();
  for (let count = 0; count < 3; count++) await mention(name);
  const before = await listOf(desk);
  for (const inbox of [desk, phone]) (await inbox.settle()).clear();
  const { readAt } = await requestOk(desk.socket, "mark_all_notifications_read", {});
  await requestOk(desk.socket, "mark_all_notifications_read", {});
  for (const inbox of [desk, phone]) {
    await inbox.settle();
    expect(inbox.namesBesidePresence).toEqual(["notifications_read_all"]);
    expect(inbox.of("notifications_read_all")).toEqual([{ readAt, unreadCount: 0, userSeq: before.seq + 1 }]);
  }
  const { user } = await requestOk(phone.socket, "resume", { user: { seq: before.seq, epoch: before.epoch } });
  expect(user).toMatchObject({ seq: before.seq + 1, unreadCount: 0, deletedNotifications: [] });
  expect(user.notifications.map(({ read }) => read)).toEqual([true, true, true]);
  await mention(name);
  expect((await listOf(desk)).unreadCount).toBe(1);
});

test("[NOTE-4] reading a room up to a message reads what was told of it, everywhere and in the same change", async () => {
  const { name, desk, phone } = await openPerson();
  const messages = [];
  for (let count = 0; count < 3; count++) messages.push(await mention(name));
  for (const inbox of [desk, phone]) (await inbox.settle()).clear();
  await requestOk(desk.socket, "mark_read", { roomId, seq: messages[1]?.seq ?? 0 });
  for (const inbox of [desk, phone]) {
    await inbox.settle();
    expect(inbox.namesBesidePresence).toEqual(["read_marker", "notification_read", "notification_read"]);
    expect(inbox.of("notification_read").map(({ unreadCount }) => unreadCount)).toEqual([1, 1]);
  }
  expect((await listOf(phone)).notifications.map(({ read }) => read)).toEqual([false, true, true]);
});

test("[CAT-1] who comes back hears what is new, what changed and what is gone", async () => {
  const { name, desk, phone } = await openPerson();
  for (let count = 0; count < 3; count++) await mention(name);
  const { notifications, seq, epoch } = await listOf(desk);
  const [one, two] = notifications.map(({ id }) => id);
  phone.socket.disconnect();
  await requestOk(desk.socket, "mark_notification_read", { notificationId: one ?? "" });
  await requestOk(desk.socket, "delete_notification", { notificationId: two ?? "" });
  await mention(name);
  await requestOk(desk.socket, "set_preferences", { doNotDisturb: { isOn: true } });
  const { user } = await requestOk(await server.connect(name), "resume", { user: { seq, epoch } });
  expect(user.deletedNotifications).toEqual([two]);
  expect(user.notifications.map(({ id, read }) => [id === one, read])).toEqual([
    [true, true],
    [false, false],
  ]);
  expect(user).toMatchObject({ unreadCount: 2, preferences: { doNotDisturb: { isOn: true } } });
});

test("[NOTE-5] the count stops at 100, which means 100 or more", async () => {
  const { name, desk } = await openPerson();
  await Promise.all(Array.from({ length: limits.unreadCount + 5 }, () => mention(name)));
  expect((await listOf(desk)).unreadCount).toBe(limits.unreadCount);
  const told = await desk.take("notification");
  expect(told).toHaveLength(limits.unreadCount + 5);
  expect(Math.max(...told.map(({ unreadCount }) => unreadCount))).toBe(limits.unreadCount);
});
