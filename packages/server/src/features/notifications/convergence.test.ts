import type { EventName, EventPayload, Notification, RoomLevel } from "@mirage/protocol";
import { Inbox, request, requestOk, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

/**
 * People talk, edit, delete, read, mute and leave at random, each on several devices. Then: of each cause at most one
 * record, none where none was due, the count is what can be counted, and what a device made of its events is the list.
 */
const people = ["ann", "bob", "cat"] as const;
const devices = 3;

let server: TestServer;
let olga: TestSocket;
let sockets: Map<string, TestSocket[]>;

beforeAll(async () => {
  server = await startTestServer({ settings: { notificationsPerMinute: 0 } });
  await server.connect("root");
  olga = await server.connect("olga");
  sockets = new Map();
  for (const name of people) {
    const own: TestSocket[] = [];
    for (let count = 0; count < devices; count++) own.push(await server.connect(name));
    sockets.set(name, own);
  }
});
afterAll(() => server?.close());

interface Step {
  op: "post" | "edit" | "delete" | "reply" | "read" | "readAll" | "dismiss" | "mark" | "level" | "leave";
  by: (typeof people)[number];
  device: number;
  calls: readonly string[];
  pick: number;
  level: RoomLevel | null;
}

const step: fc.Arbitrary<Step> = fc.record({
  op: fc.constantFrom(
    ...(["post", "post", "post", "edit", "edit", "delete", "reply"] as const),
    ...(["read", "readAll", "dismiss", "mark", "level", "leave"] as const),
  ),
  by: fc.constantFrom(...people),
  device: fc.nat({ max: devices - 1 }),
  calls: fc.subarray([...people, "everyone"]),
  pick: fc.nat({ max: 20 }),
  level: fc.constantFrom<RoomLevel | null>("all", "mentions", "none", null),
});

/** What a device knows of its person's notifications, from a list and the events after it. */
class Device {
  readonly inbox: Inbox;
  #list = new Map<string, Notification>();
  #unreadCount = 0;

  constructor(socket: TestSocket) {
    this.inbox = new Inbox(socket);
  }

  async start(): Promise<number> {
    const { notifications, unreadCount, seq } = await this.read();
    this.#list = new Map(notifications.map((one) => [one.id, one]));
    this.#unreadCount = unreadCount;
    (await this.inbox.settle()).clear();
    return seq;
  }

  read() {
    return requestOk(this.inbox.socket, "get_notifications", { limit: 100 });
  }

  async fold(): Promise<{ list: Notification[]; unreadCount: number }> {
    await this.inbox.settle();
    const names = ["notification", "notification_read", "notifications_read_all", "notification_deleted"] as const;
    const events = names.flatMap((name) => this.inbox.of(name).map((payload) => ({ name, payload })));
    for (const { name, payload } of events.sort((a, b) => a.payload.userSeq - b.payload.userSeq))
      this.#apply(name, payload);
    const list = [...this.#list.values()].sort((a, b) => b.seq - a.seq);
    return { list, unreadCount: this.#unreadCount };
  }

  #apply(
    name: EventName,
    payload: EventPayload<"notification" | "notification_read" | "notifications_read_all" | "notification_deleted">,
  ): void {
    this.#unreadCount = payload.unreadCount;
    if (name === "notification" && "id" in payload) {
      const { channels: _c, unreadCount: _u, userSeq: _s, from: _f, ...record } = payload;
      this.#list.set(record.id, record);
    }
    if (name === "notification_deleted" && "notificationId" in payload) this.#list.delete(payload.notificationId);
    if (!("readAt" in payload) || payload.readAt === undefined || "id" in payload) return;
    const { readAt } = payload;
    for (const [id, one] of this.#list) {
      if (one.read || ("notificationId" in payload && payload.notificationId !== id)) continue;
      this.#list.set(id, { ...one, read: true, readAt });
    }
  }
}

/** One run in a room of its own. */
class Run {
  readonly roomId: string;
  readonly #messages: { id: string; by: TestSocket; seq: number }[] = [];

  constructor(roomId: string) {
    this.roomId = roomId;
  }

  async take({ op, by, device, calls, pick, level }: Step): Promise<unknown> {
    const socket = sockets.get(by)?.[device] as TestSocket;
    const { roomId } = this;
    const message = this.#messages[pick % Math.max(1, this.#messages.length)];
    const content = `say ${pick} ${calls.map((name) => `@${name}`).join(" ")}`;
    if (op === "post" || (op === "reply" && !message)) return await this.#post(pick % 2 ? socket : olga, content);
    if (op === "reply") return await this.#post(socket, content, message?.id);
    if (op === "readAll") return await request(socket, "mark_all_notifications_read", {});
    if (op === "level") return await request(socket, "set_room_preferences", { roomId, level });
    if (op === "leave") {
      if (pick % 2) return await request(socket, "remove_member", { roomId, userId: by });
      return await request(olga, "add_member", { roomId, userId: by });
    }
    if (op === "read" || op === "dismiss") {
      const { notifications } = await requestOk(socket, "get_notifications", {});
      const notificationId = notifications[pick % Math.max(1, notifications.length)]?.id ?? "none";
      return await request(socket, op === "read" ? "mark_notification_read" : "delete_notification", {
        notificationId,
      });
    }
    if (!message) return undefined;
    if (op === "mark") return await request(socket, "mark_read", { roomId, seq: message.seq });
    const messageId = message.id;
    if (op === "delete") return await request(message.by, "delete_message", { messageId });
    // Two at once, so that the second is judged before the first has been committed.
    const first = request(message.by, "edit_message", { messageId, content });
    return await Promise.all([first, pick % 3 ? first : request(message.by, "delete_message", { messageId })]);
  }

  async #post(by: TestSocket, content: string, replyTo?: string): Promise<void> {
    const links = replyTo === undefined ? {} : { replyTo };
    const answer = await request(by, "chat_message", { roomId: this.roomId, content, ...links });
    if (answer.ok) this.#messages.push({ id: answer.message.id, by, seq: answer.message.seq });
  }
}

async function openRun(): Promise<Run> {
  const { room } = await requestOk(olga, "create_room", { name: "Team", type: "private" });
  for (const userId of people) await requestOk(olga, "add_member", { roomId: room.id, userId });
  return new Run(room.id);
}

/** Unread records of messages of a room that are not due: nobody is called, replied to, or there any more. */
const undue = `
  SELECT n.user_id, n.type, m.content FROM notifications n
  LEFT JOIN messages m ON 'message:' || m.id = n.cause
  WHERE n.room_id = $1 AND n.message_seq > 0 AND n.is_listed AND n.deleted_at IS NULL AND (
    m.id IS NULL OR m.deleted_at IS NOT NULL OR m.user_id = n.user_id OR n.content = ''
    OR (n.type = 'mention' AND n.read_at IS NULL AND NOT m.mentions_all
      AND NOT coalesce(m.mentions->'users' ? n.user_id, false)))`;

test("[NOTE-1] [NOTE-3] [NOTE-5] [NOTE-6] whatever happens on whichever device, all come to the same true list", async () => {
  const { database } = server.running;
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
    const run = await openRun();
    const own = people.flatMap((name) =>
      (sockets.get(name) ?? []).map((socket) => ({ name, device: new Device(socket) })),
    );
    for (const { device } of own) await device.start();
    for (let start = 0; start < steps.length; start += 5) {
      await Promise.all(steps.slice(start, start + 5).map((one) => run.take(one)));
    }
    for (const { name, device } of own) {
      const truth = await device.read();
      const folded = await device.fold();
      expect({ name, ...folded, list: folded.list.slice(0, 100) }).toEqual({
        name,
        list: truth.notifications,
        unreadCount: truth.unreadCount,
      });
      device.inbox.socket.offAny();
      const [counted] = await database.query<{ unread: number }>(
        `SELECT least(100, count(*))::int AS unread FROM notifications
         WHERE user_id = $1 AND is_listed AND deleted_at IS NULL AND read_at IS NULL`,
        [name],
      );
      expect(truth.unreadCount).toBe(counted?.unread);
    }
    expect(await database.query(undue, [run.roomId])).toEqual([]);
    // The next run begins with empty lists.
    for (const name of people) await clear(sockets.get(name)?.[0] as TestSocket);
  });
  await fc.assert(property, { numRuns: 12 });
});

async function clear(socket: TestSocket): Promise<void> {
  const { notifications } = await requestOk(socket, "get_notifications", { limit: 100 });
  for (const { id: notificationId } of notifications)
    await requestOk(socket, "delete_notification", { notificationId });
}
