import type { CommandReply, EventPayload, Notification } from "@mirage/protocol";
import { requestOk, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import { FakeClock } from "@mirage/testing/fake-clock";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Outcome, Requests } from "../connection/requests.ts";
import { createRealtime, type Realtime, RealtimeError } from "../index.ts";
import { NotificationList } from "./notification-list.ts";
import { Notifications } from "./notifications.ts";

const record = (seq: number, read = false): Notification => ({
  id: `n${seq}`,
  title: `title ${seq}`,
  content: "",
  type: "system",
  metadata: {},
  timestamp: "2026-01-01T00:00:00.000Z",
  read,
  seq,
});
const pageOf = (seqs: number[], more: Partial<CommandReply<"get_notifications">> = {}) => ({
  notifications: seqs.map((seq) => record(seq)),
  unreadCount: seqs.length,
  nextCursor: null,
  seq: Math.max(0, ...seqs),
  epoch: "e",
  ...more,
});
const told = (seq: number, unreadCount: number): EventPayload<"notification"> => ({
  ...record(seq),
  channels: { sound: true, desktop: true },
  unreadCount,
  userSeq: seq,
});
const ids = (list: readonly Notification[]) => list.map(({ id, read }) => (read ? `${id} read` : id));

describe("the list by the server's word", () => {
  it("[CLI-6] takes what is after its page, drops what the page knows, and counts by the last word", () => {
    const list = new NotificationList();
    list.takeFirstPage(pageOf([3, 5], { seq: 6, nextCursor: "older" }));
    list.takeNotification(told(5, 9));
    list.takeRead({ notificationId: "n3", readAt: "then", unreadCount: 9, userSeq: 6 });
    expect([ids(list.list()), list.unreadCount]).toEqual([["n5", "n3"], 2]);
    list.takeNotification(told(7, 3));
    list.takeRead({ notificationId: "n3", readAt: "then", unreadCount: 2, userSeq: 8 });
    list.takeDeleted({ notificationId: "n5", unreadCount: 1, userSeq: 9 });
    expect([ids(list.list()), list.unreadCount]).toEqual([["n7", "n3 read"], 1]);
    list.takeOlderPage(pageOf([1, 2], { unreadCount: 3, seq: 9 }));
    list.takeReadAll({ readAt: "then", unreadCount: 0, userSeq: 10 });
    expect([ids(list.list()), list.unreadCount]).toEqual([["n7 read", "n3 read", "n2 read", "n1 read"], 0]);
  });

  it("[CLI-6] takes what was missed, and leaves to its page what lies in the part that is not loaded", () => {
    const list = new NotificationList();
    list.takeFirstPage(pageOf([4, 5], { nextCursor: "older" }));
    list.takeResumed({
      seq: 9,
      epoch: "e",
      notifications: [record(2, true), record(4, true), record(8)],
      deletedNotifications: ["n5"],
      unreadCount: 7,
      roomPreferences: [],
      markers: [],
      rooms: { added: [], removed: [] },
    });
    expect([ids(list.list()), list.unreadCount]).toEqual([["n8", "n4 read"], 7]);
  });

  it("[CLI-6] a page that was read before what came while it was under way takes nothing of that back", () => {
    const list = new NotificationList();
    const first = list.startReading();
    list.takeRead({ notificationId: "n5", readAt: "then", unreadCount: 1, userSeq: 7 });
    list.takeNotification(told(8, 2));
    list.takeFirstPage(pageOf([4, 5], { seq: 6, nextCursor: "older" }), first);
    list.endReading(first);
    expect([ids(list.list()), list.unreadCount]).toEqual([["n8", "n5 read", "n4"], 2]);

    const older = list.startReading();
    list.takeRead({ notificationId: "n2", readAt: "then", unreadCount: 3, userSeq: 9 });
    list.takeDeleted({ notificationId: "n1", unreadCount: 2, userSeq: 10 });
    list.takeOlderPage(pageOf([1, 2], { seq: 8, unreadCount: 4 }), older);
    expect([ids(list.list()), list.unreadCount]).toEqual([["n8", "n5 read", "n4", "n2 read"], 2]);
  });
});

describe("one's own changes", () => {
  /** Requests that are answered by hand. */
  function open() {
    const asked: { name: string; answer: (outcome: Outcome<never>) => void }[] = [];
    const requests = {
      call: (name: string, _input: unknown, answer: (outcome: Outcome<never>) => void) => asked.push({ name, answer }),
      ask: (name: string) =>
        new Promise((resolve, reject) =>
          asked.push({ name, answer: (outcome) => (outcome.ok ? resolve(outcome.reply) : reject(outcome.error)) }),
        ),
    } as unknown as Requests;
    const clock = new FakeClock();
    const takeUserEvent = (_event: unknown, apply: () => void) => apply();
    const notifications = new Notifications({ requests, clock, random: () => 0, takeUserEvent });
    const answer = (outcome: object) => asked.shift()?.answer(outcome as Outcome<never>);
    notifications.load();
    answer({ ok: true, reply: pageOf([1, 2, 3]) });
    const show = () => [ids(notifications.state.get().notifications), notifications.state.get().unreadCount];
    return { notifications, answer, show };
  }
  const refusal = { ok: false, error: new RealtimeError("timeout", "No answer in time") };

  it("[CLI-4] show at once, and only themselves are taken back when they are refused", async () => {
    const { notifications, answer, show } = open();
    const read = notifications.markRead("n1");
    const removed = notifications.remove("n2");
    expect(show()).toEqual([["n3", "n1 read"], 1]);
    notifications.take("notification", told(4, 4));
    answer(refusal);
    await expect(read).rejects.toMatchObject({ code: "timeout" });
    expect(show()).toEqual([["n4", "n3", "n1"], 3]);
    notifications.take("notification_deleted", { notificationId: "n2", unreadCount: 3, userSeq: 5 });
    answer({ ok: true, reply: {} });
    await removed;
    expect(show()).toEqual([["n4", "n3", "n1"], 3]);
    const all = notifications.markAllRead();
    expect(show()).toEqual([["n4 read", "n3 read", "n1 read"], 0]);
    answer(refusal);
    await expect(all).rejects.toThrow();
    expect(show()).toEqual([["n4", "n3", "n1"], 3]);
  });
});

describe("against the server", () => {
  let server: TestServer;
  let olga: TestSocket;
  const clients: Realtime[] = [];

  beforeAll(async () => {
    server = await startTestServer({ settings: { notificationsPerMinute: 0 } });
    await server.connect("root");
    olga = await server.connect("olga");
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  afterAll(() => server?.close());

  function connect(userId: string): Realtime {
    const getToken = async () => server.signToken({ userId, username: userId });
    const client = createRealtime({ url: server.url, getToken, storage: "memory" });
    clients.push(client);
    client.notifications.load();
    return client;
  }
  const shown = ({ notifications }: Realtime) => {
    const { status, notifications: list, unreadCount } = notifications.state.get();
    return [status, list.map(({ content, read }) => (read ? `${content} read` : content)), unreadCount];
  };
  const soon = (client: Realtime) => expect.poll(() => shown(client), { timeout: 10_000 });
  const tell = (content: string) => server.running.sendNotification("ann", { title: "Note", content });

  it("[CLI-6] two devices show the same, live and after being away, and count mentions once", async () => {
    const [desk, phone] = [connect("ann"), connect("ann")];
    for (const client of [desk, phone]) await soon(client).toEqual(["ready", [], 0]);
    for (const content of ["one", "two", "three"]) await tell(content);
    for (const client of [desk, phone]) await soon(client).toEqual(["ready", ["three", "two", "one"], 3]);
    const [newest, middle] = desk.notifications.state.get().notifications;
    await desk.notifications.markRead(newest?.id ?? "");
    await phone.notifications.remove(middle?.id ?? "");
    for (const client of [desk, phone]) await soon(client).toEqual(["ready", ["three read", "one"], 1]);
    const { room } = await requestOk(olga, "create_room", { name: "Team", type: "private" });
    await requestOk(olga, "add_member", { roomId: room.id, userId: "ann" });
    await requestOk(olga, "chat_message", { roomId: room.id, content: "hello @ann" });
    for (const client of [desk, phone]) {
      await soon(client).toEqual(["ready", ["hello @ann", "", "three read", "one"], 3]);
      await expect.poll(() => client.rooms.get().rooms.find(({ id }) => id === room.id)?.mentions).toBe(1);
    }
    await phone.notifications.markAllRead();
    for (const client of [desk, phone]) {
      await soon(client).toEqual(["ready", ["hello @ann read", " read", "three read", "one read"], 0]);
    }
  });

  it("[CLI-6] older ones load behind, each once", async () => {
    await server.connect("bob");
    for (let count = 0; count < 60; count++)
      await server.running.sendNotification("bob", { title: `${count}`, content: "" });
    const client = connect("bob");
    await expect.poll(() => client.notifications.state.get().notifications.length, { timeout: 10_000 }).toBe(50);
    expect(client.notifications.state.get()).toMatchObject({ hasMore: true, unreadCount: 60 });
    await Promise.all([client.notifications.loadMore(), client.notifications.loadMore()]);
    const { notifications, hasMore } = client.notifications.state.get();
    expect([notifications.map(({ title }) => title), hasMore]).toEqual([
      Array.from({ length: 60 }, (_, index) => `${59 - index}`),
      false,
    ]);
  });
});
