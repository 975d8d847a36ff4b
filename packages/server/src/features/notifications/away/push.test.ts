import {
  eventually,
  type FakeClock,
  type PushEndpoint,
  request,
  requestOk,
  type TestServer,
  type TestSocket,
} from "@mirage/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openTestAway, type TestAway } from "./open-test-away.ts";

let away: TestAway;
let server: TestServer;
let service: PushEndpoint;
let clock: FakeClock;
let olga: TestSocket;
beforeAll(async () => {
  away = await openTestAway();
  ({ server, service, clock, olga } = away);
});
afterAll(() => away?.close());
beforeEach(() => away.reset());

const makePerson: TestAway["makePerson"] = (...devices) => away.makePerson(...devices);
const leave: TestAway["leave"] = (person) => away.leave(person);
const post: TestAway["post"] = (roomId, content) => away.post(roomId, content);
const pass: TestAway["pass"] = (ms) => away.pass(ms);
const listDue: TestAway["listDue"] = (name) => away.listDue(name);
const postponed: TestAway["postponed"] = (name) => away.postponed(name);
const settled: TestAway["settled"] = (name) => away.settled(name);

test("[NOTE-13] whoever is away and has not read it is told on each device, once, with what the device has to show", async () => {
  const ann = await makePerson("phone", "laptop");
  await leave(ann);
  const { id, seq } = await post(ann.roomId, "are you there?");
  await settled(ann.name);
  expect(service.received.map(({ device }) => device).sort()).toEqual([`${ann.name} laptop`, `${ann.name} phone`]);
  const { payload, headers } = service.received[0] ?? {};
  expect(payload).toEqual({
    title: "Olga",
    body: "are you there?",
    url: `/rooms/${encodeURIComponent(ann.roomId)}?message=${id}&seq=${seq}`,
    tag: `room:${ann.roomId}`,
    unreadCount: 1,
  });
  expect(headers).toMatchObject({ "content-encoding": "aes128gcm", urgency: "normal" });
  expect(headers?.authorization).toMatch(/^vapid t=/);
  await pass(600_000);
  expect(service.received).toHaveLength(2);
});

test("[NOTE-13] whoever is active is not told; once they are away it comes, unless they have read it", async () => {
  const ann = await makePerson("phone");
  await post(ann.roomId, "seen in the app");
  await pass(5_000);
  expect(service.received).toEqual([]);
  expect(await listDue(ann.name)).toHaveLength(1);
  await requestOk(ann.socket, "presence_update", { status: "away", automatic: true });
  await pass(60_000);
  await settled(ann.name);
  expect(service.received).toHaveLength(1);

  await requestOk(ann.socket, "presence_update", { status: "online", automatic: true });
  const { seq } = await post(ann.roomId, "read in the app");
  await pass(5_000);
  await requestOk(ann.socket, "mark_read", { roomId: ann.roomId, seq });
  await leave(ann);
  await pass(60_000);
  await settled(ann.name);
  expect(service.received.map(({ payload }) => payload)).toMatchObject([
    { body: "seen in the app" },
    { close: `room:${ann.roomId}` },
  ]);
});

test("[NOTE-13] what was deleted is not told, what was edited is told as it is, and several of one room come as one", async () => {
  const ann = await makePerson("phone");
  await post(ann.roomId, "first");
  const { id } = await post(ann.roomId, "typo");
  const { id: gone } = await post(ann.roomId, "not for you");
  await requestOk(olga, "edit_message", { messageId: id, content: "no typo" });
  await requestOk(olga, "delete_message", { messageId: gone });
  await leave(ann);
  await pass(60_000);
  await settled(ann.name);
  expect(service.received.map(({ payload }) => payload)).toMatchObject([{ body: "no typo", unreadCount: 2 }]);
});

test("[NOTE-13] a muted room and do-not-disturb keep quiet, urgent ones pass, also what was switched on since", async () => {
  const ann = await makePerson("phone");
  const tell = (urgent: boolean) =>
    server.running.sendNotification(ann.name, { title: "Host", content: String(urgent), urgent });
  await requestOk(ann.socket, "set_room_preferences", { roomId: ann.roomId, mutedUntil: "2100-01-01T00:00:00Z" });
  await post(ann.roomId, "muted");
  expect(await listDue(ann.name)).toEqual([]);
  await requestOk(ann.socket, "set_room_preferences", { roomId: ann.roomId, mutedUntil: null });
  await post(ann.roomId, "before quiet");
  await requestOk(ann.socket, "set_preferences", { doNotDisturb: { isOn: true } });
  await leave(ann);
  await tell(false);
  await tell(true);
  await pass(60_000);
  await settled(ann.name);
  expect(service.received.map(({ payload }) => payload)).toMatchObject([{ title: "Host", body: "true" }]);
  expect(service.received[0]?.headers.urgency).toBe("high");
});

test("[DOC-40] a document's room that was muted since keeps its documents quiet on the phone, too", async () => {
  const ann = await makePerson("phone");
  const { document } = await requestOk(olga, "create_document", { title: "Plan", roomId: ann.roomId });
  const call = () => requestOk(olga, "add_comment", { documentId: document.id, content: `@${ann.name}, look` });
  await call();
  expect(await listDue(ann.name)).toHaveLength(1);
  await requestOk(ann.socket, "set_room_preferences", { roomId: ann.roomId, mutedUntil: "2100-01-01T00:00:00Z" });
  await leave(ann);
  await pass(60_000);
  await settled(ann.name);
  expect(service.received).toEqual([]);
  const again = await server.connect(ann.name);
  await requestOk(again, "set_room_preferences", { roomId: ann.roomId, mutedUntil: null });
  await leave({ ...ann, socket: again });
  await call();
  await pass(60_000);
  await settled(ann.name);
  expect(service.received.map(({ payload }) => payload)).toMatchObject([{ body: `@${ann.name}, look` }]);
});

test("[NOTE-14] what a push service cannot take now is tried again, later each time, and only where it is missing", async () => {
  const ann = await makePerson("phone", "laptop");
  let failures = 0;
  service.answer = ({ url }, response) => {
    const fails = url?.includes("phone") === true && failures < 2;
    if (fails) failures++;
    response.writeHead(fails ? 503 : 201).end();
  };
  await leave(ann);
  await post(ann.roomId, "again");
  await eventually(async () => expect(failures).toBe(1));
  await pass(5_000);
  expect(failures).toBe(1);
  await pass(15_000);
  await eventually(() => expect(failures).toBe(2));
  await pass(30_000);
  expect(service.received.map(({ device }) => device)).toEqual([`${ann.name} laptop`]);
  await pass(40_000);
  await settled(ann.name);
  expect(service.received.map(({ device }) => device)).toEqual([`${ann.name} laptop`, `${ann.name} phone`]);
});

test("[NOTE-14] Retry-After is kept to, and a service that does not answer is given up after ten seconds", async () => {
  const ann = await makePerson("phone");
  let count = 0;
  service.answer = (_request, response) => {
    count++;
    if (count === 1) response.writeHead(429, { "retry-after": "120" }).end();
    if (count > 2) response.writeHead(201).end();
  };
  await leave(ann);
  await post(ann.roomId, "patience");
  await eventually(() => expect(count).toBe(1));
  await pass(110_000);
  expect(count).toBe(1);
  await pass(15_000);
  await eventually(() => expect(count).toBe(2));
  await pass(10_000);
  await eventually(async () => {
    await clock.advanceAsync(10_000);
    return service.received.length === 1;
  });
  expect(count).toBe(3);
});

test("[NOTE-14] a device that is gone is forgotten, and one that refuses is told of", async () => {
  const ann = await makePerson("gone", "strict");
  service.answer = ({ url }, response) => void response.writeHead(url?.includes("gone") ? 410 : 413).end();
  await leave(ann);
  await post(ann.roomId, "hello");
  await settled(ann.name);
  const again = await server.connect(ann.name);
  const { devices } = await requestOk(again, "list_push_devices", {});
  expect(devices).toMatchObject([{ label: "strict", lastError: "the push service answered 413" }]);
  again.disconnect();
});

test("[NOTE-27] whoever is banned is pushed nothing, not even what was due before", async () => {
  const [ann, ben] = [await makePerson("phone"), await makePerson("phone")];
  for (const { name, roomId } of [ann, ben]) {
    await post(roomId, "are you there?");
    await postponed(name);
  }
  for (const person of [ann, ben]) await leave(person);
  await server.running.database.query("UPDATE users SET banned_at = now() WHERE id = $1", [ann.name]);
  await post(ann.roomId, "and now?");
  await pass(60_000);
  for (const { name } of [ann, ben]) await settled(name);
  expect(service.received.map(({ device }) => device)).toEqual([`${ben.name} phone`]);
});

test("[NOTE-15] a person tries their devices, keeps 16 of them, and takes none from anybody else", async () => {
  const ann = await makePerson("phone", "laptop");
  service.answer = ({ url }, response) => void response.writeHead(url?.includes("laptop") ? 500 : 201).end();
  const { devices } = await requestOk(ann.socket, "test_push", {});
  expect(devices).toMatchObject([{ isOk: true }, { isOk: false, error: "the push service answered 500" }]);
  expect(service.received).toHaveLength(1);
  const listed = (await requestOk(ann.socket, "list_push_devices", {})).devices;
  expect(listed).toMatchObject([
    { label: "phone", lastSuccessAt: expect.any(String) },
    { lastError: expect.any(String) },
  ]);

  const { endpoint } = listed[0] ?? { endpoint: "" };
  const { keys } = service.subscribe("somebody else's");
  expect(await request(olga, "add_push_device", { endpoint, keys })).toMatchObject({ error: { code: "conflict" } });
  await requestOk(olga, "remove_push_device", { endpoint });
  for (let n = 0; n < 16; n++) {
    clock.advance(1);
    await requestOk(ann.socket, "add_push_device", service.subscribe(`${ann.name} ${n}`));
  }
  const kept = (await requestOk(ann.socket, "list_push_devices", {})).devices;
  expect(kept).toHaveLength(16);
  expect(kept[0]?.endpoint).toContain("0");
  expect(kept.some((device) => device.label !== undefined)).toBe(false);
  await requestOk(ann.socket, "remove_push_device", { endpoint: kept[0]?.endpoint ?? "" });
  expect((await requestOk(ann.socket, "list_push_devices", {})).devices).toHaveLength(15);
});

test("[NOTE-16] no push goes to an address that is not public, by number, by another spelling or by name", async () => {
  const ann = await makePerson();
  const { keys } = service.subscribe("inside");
  const port = new URL(server.url).port;
  for (const endpoint of [
    `http://127.0.0.1:${port}/x`,
    "https://127.0.0.1/x",
    "https://2130706433/x",
    "https://0x7f.1/x",
    "https://[::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[64:ff9b::7f00:1]/x",
    "https://169.254.169.254/latest",
    "https://10.0.0.1:6379/x",
    "https://0.0.0.0/x",
    "https://user@push.example/x",
    "http://push.example/x",
    "file:///etc/passwd",
  ]) {
    const answer = await request(ann.socket, "add_push_device", { endpoint, keys });
    expect([endpoint, answer]).toMatchObject([endpoint, { ok: false, error: { code: "bad_request" } }]);
  }
  await requestOk(ann.socket, "add_push_device", { endpoint: "https://localhost:1/x", keys });
  const { devices } = await requestOk(ann.socket, "test_push", {});
  expect(devices).toMatchObject([{ isOk: false, error: "the address is not a public one" }]);
});

test("[NOTE-16] a redirect is not followed", async () => {
  const ann = await makePerson("phone");
  service.answer = (_request, response) => void response.writeHead(307, { location: "/elsewhere" }).end();
  const before = service.requestCount;
  const { devices } = await requestOk(ann.socket, "test_push", {});
  expect(devices).toMatchObject([{ isOk: false, error: "the push service answered 307" }]);
  expect(service.requestCount).toBe(before + 1);
});
