import { eventually, request, requestOk } from "@mirage/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { maySendSilently } from "./deliveries.policy.ts";
import { type AwayPerson, openTestAway, type TestAway } from "./open-test-away.ts";

let away: TestAway;
beforeAll(async () => {
  away = await openTestAway();
});
afterAll(() => away?.close());
beforeEach(() => away.reset());

const payloads = () => away.service.received.map(({ payload }) => payload);
const closesOf = (person: AwayPerson) =>
  payloads().filter((payload) => "close" in payload && payload.close === `room:${person.roomId}`);
const listShown = (person: AwayPerson) =>
  away.server.running.database.query("SELECT device_id FROM shown_pushes WHERE user_id = $1", [person.name]);

/** Somebody who was pushed one message to each device, and has come back at another one. */
async function makePushed(...devices: string[]) {
  const ann = await away.makePerson(...devices);
  await away.leave(ann);
  const message = await away.post(ann.roomId, "come and see");
  await away.settled(ann.name);
  expect(away.service.received).toHaveLength(devices.length);
  expect(await listShown(ann)).toHaveLength(devices.length);
  away.service.received.length = 0;
  return { ann, message, socket: await away.server.connect(ann.name) };
}

test("[NOTE-17] what is read on one device is closed on those that were pushed it, once, however it was read", async () => {
  const ways = {
    room: async ({ ann, message, socket }: Awaited<ReturnType<typeof makePushed>>) =>
      requestOk(socket, "mark_read", { roomId: ann.roomId, seq: message.seq }),
    all: async ({ socket }) => requestOk(socket, "mark_all_notifications_read", {}),
    one: async ({ socket }) => {
      const { notifications } = await requestOk(socket, "get_notifications", { unreadOnly: true });
      for (const { id } of notifications) await requestOk(socket, "mark_notification_read", { notificationId: id });
    },
    deleted: async ({ message }) => requestOk(away.olga, "delete_message", { messageId: message.id }),
  } satisfies Record<string, (at: Awaited<ReturnType<typeof makePushed>>) => Promise<unknown>>;
  for (const [way, read] of Object.entries(ways)) {
    away.reset();
    const at = await makePushed("phone", "laptop");
    await read(at);
    await away.settled(at.ann.name);
    expect([way, payloads()]).toEqual([way, [1, 2].map(() => ({ close: `room:${at.ann.roomId}`, unreadCount: 0 }))]);
    expect(await listShown(at.ann)).toEqual([]);
    const { seq } = await away.post(at.ann.roomId, "seen at once");
    await requestOk(at.socket, "mark_read", { roomId: at.ann.roomId, seq });
    await away.settled(at.ann.name);
    await away.pass(600_000);
    expect(payloads()).toHaveLength(2);
    at.socket.disconnect();
  }
});

test("[NOTE-17] nothing is closed while something of it is unread, and a new one after the closing is shown again", async () => {
  const { ann, message, socket } = await makePushed("phone");
  const { seq } = await away.post(ann.roomId, "and this");
  await requestOk(socket, "mark_read", { roomId: ann.roomId, seq: message.seq });
  await away.pass(10_000);
  expect(payloads()).toEqual([]);
  await requestOk(socket, "mark_read", { roomId: ann.roomId, seq });
  await away.settled(ann.name);
  expect(closesOf(ann)).toHaveLength(1);
  await away.leave({ ...ann, socket });
  await away.post(ann.roomId, "later");
  await away.settled(ann.name);
  expect(payloads().at(-1)).toMatchObject({ body: "later", tag: `room:${ann.roomId}` });
});

test("[NOTE-17] what was read while its push was on the way is closed behind it", async () => {
  const ann = await away.makePerson("phone");
  const reader = await away.server.connect(ann.name);
  await requestOk(reader, "presence_update", { status: "away", automatic: true });
  await requestOk(ann.socket, "presence_update", { status: "away", automatic: true });
  let answer = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    away.service.answer = (_request, response) => {
      answer = () => void response.writeHead(201).end();
      resolve();
    };
  });
  const { seq } = await away.post(ann.roomId, "quick");
  await Promise.all([asked, away.pass(3_000)]);
  await requestOk(reader, "mark_read", { roomId: ann.roomId, seq });
  away.service.answer = (_request, response) => void response.writeHead(201).end();
  answer();
  await away.settled(ann.name);
  expect(closesOf(ann)).toHaveLength(1);
});

test("[NOTE-17] a closing that a push service cannot take now is tried again, and a device that is gone is forgotten", async () => {
  const { ann, message, socket } = await makePushed("phone", "gone");
  let failures = 0;
  away.service.answer = ({ url }, response) => {
    const status = url?.includes("gone") ? 410 : failures++ < 1 ? 503 : 201;
    response.writeHead(status).end();
  };
  await requestOk(socket, "mark_read", { roomId: ann.roomId, seq: message.seq });
  // The services answer in real time: the next try is due, 19 s later at most, from when both have.
  await eventually(async () => {
    await away.pass(100);
    expect(await away.listDue(ann.name)).toMatchObject([{ attempts: 1 }]);
  });
  expect(closesOf(ann)).toEqual([]);
  await away.pass(30_000);
  await away.settled(ann.name);
  expect(closesOf(ann)).toHaveLength(1);
  expect(await listShown(ann)).toEqual([]);
  const { devices } = await requestOk(socket, "list_push_devices", {});
  expect(devices.map(({ label }) => label)).toEqual(["phone"]);
});

test("[NOTE-17] a device that was removed is told nothing, and where nothing silent may be sent nothing is", async () => {
  const { ann, message, socket } = await makePushed("phone");
  const { devices } = await requestOk(socket, "list_push_devices", {});
  await requestOk(socket, "remove_push_device", { endpoint: devices[0]?.endpoint ?? "" });
  await requestOk(socket, "mark_read", { roomId: ann.roomId, seq: message.seq });
  await away.pass(10_000);
  expect(await request(socket, "list_push_devices", {})).toMatchObject({ ok: true, devices: [] });
  expect(payloads()).toEqual([]);
  expect(maySendSilently("https://web.push.apple.com/QGu")).toBe(false);
  expect(maySendSilently("https://updates.push.services.mozilla.com/wpush/v2/x")).toBe(true);
  expect(maySendSilently("https://notpush.apple.com.example/x")).toBe(true);
});
