import { type PushEndpoint, requestOk, startPushEndpoint, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createRealtime, type Realtime } from "../index.ts";
import { nameDevice } from "./name-device.ts";
import { followPushes, openPush, type PushBrowser, type PushHandle } from "./push.ts";

let server: TestServer;
let service: PushEndpoint;
let count = 0;
const ends: (() => void)[] = [];
beforeAll(async () => {
  service = await startPushEndpoint();
  server = await startTestServer({ settings: { privateTargets: [service.target] } });
  await server.connect("root");
});
afterEach(() => {
  for (const end of ends.splice(0)) end();
});
afterAll(async () => {
  await server?.close();
  await service?.close();
});

/** A browser whose push service is on this machine. */
interface Profile extends PushBrowser {
  /** What the person answers. */
  answer: NotificationPermission;
  shown: Set<string>;
  click(path: string): void;
  /** The push service gives it another address. */
  move(): void;
}

function openProfile(): Profile {
  let permission: NotificationPermission = "default";
  let current: { endpoint: string; keys: { p256dh: string; auth: string } } | undefined;
  let opened: (path: string) => void = () => undefined;
  const subscribe = () => service.subscribe(`profile ${++count}`);
  const withEnd = (found: NonNullable<typeof current>) => ({
    ...found,
    unsubscribe: async () => {
      if (current?.endpoint === found.endpoint) current = undefined;
    },
  });
  const kept = new Map<string, string>();
  const profile: Profile = {
    support: "yes",
    userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    storage: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    },
    answer: "granted",
    shown: new Set(),
    permission: () => permission,
    async askPermission() {
      if (permission === "default") permission = profile.answer;
      return permission;
    },
    find: async () => current && withEnd(current),
    async subscribe() {
      current = subscribe();
      return withEnd(current);
    },
    async closeShown(tags) {
      for (const tag of [...profile.shown]) if (!tags || tags.has(tag)) profile.shown.delete(tag);
    },
    onOpen(open) {
      opened = open;
      return () => undefined;
    },
    click: (path) => opened(path),
    move: () => {
      current = subscribe();
    },
  };
  return profile;
}

function signIn(browser: PushBrowser, userId: string) {
  const getToken = async () => server.signToken({ userId, username: userId });
  const realtime = createRealtime({ url: server.url, getToken, storage: "memory" });
  ends.push(() => realtime.close());
  return { realtime, push: openPush({ realtime, userId, browser }) };
}

const statusOf = (push: PushHandle) => push.state.get().status;
const listDevices = async (realtime: Realtime) => (await realtime.request("list_push_devices", {})).devices;

it("[CLI-8] a browser is subscribed once its person allows it, is known by name, and is told", async () => {
  const profile = openProfile();
  const { realtime, push } = signIn(profile, "ann");
  expect(statusOf(push)).toBe("unknown");
  await push.refresh();
  expect(statusOf(push)).toBe("off");
  await push.turnOn();
  expect(statusOf(push)).toBe("on");
  expect(await listDevices(realtime)).toMatchObject([{ label: "Firefox on Linux" }]);
  expect((await realtime.request("test_push", {})).devices).toMatchObject([{ isOk: true }]);
  // A page that is opened later finds it.
  const later = signIn(profile, "ann").push;
  await later.refresh();
  expect(statusOf(later)).toBe("on");
  await push.turnOff();
  expect(statusOf(push)).toBe("off");
  expect(await listDevices(realtime)).toEqual([]);
  expect(await profile.find()).toBeUndefined();
});

it("[CLI-8] what the browser or its person forbids is said, and nothing is subscribed", async () => {
  const profile = openProfile();
  profile.answer = "denied";
  const { realtime, push } = signIn(profile, "bob");
  await push.turnOn();
  expect(statusOf(push)).toBe("denied");
  expect(await listDevices(realtime)).toEqual([]);
  for (const support of ["missing", "needs_install"] as const) {
    const other = signIn({ ...openProfile(), support }, "bob").push;
    await other.refresh();
    await other.turnOn();
    expect(statusOf(other)).toBe(support);
  }
});

it("[CLI-8] a browser tells nobody but who is signed in, nor whoever has removed it elsewhere", async () => {
  const profile = openProfile();
  const first = signIn(profile, "cleo");
  await first.push.turnOn();
  const other = signIn(profile, "dora");
  await other.push.refresh();
  expect(statusOf(other.push)).toBe("off");
  expect(await profile.find()).toBeUndefined();

  await first.push.turnOn();
  for (const { endpoint } of await listDevices(first.realtime)) {
    await first.realtime.request("remove_push_device", { endpoint });
  }
  await first.push.refresh();
  expect(statusOf(first.push)).toBe("off");
  expect(await profile.find()).toBeUndefined();
});

it("[CLI-8] an address that the browser has changed by itself is told to the server", async () => {
  const profile = openProfile();
  const { realtime, push } = signIn(profile, "edda");
  await push.turnOn();
  profile.move();
  await push.refresh();
  const { endpoint } = (await profile.find()) ?? {};
  expect((await listDevices(realtime)).map((device) => device.endpoint)).toContain(endpoint);
});

it("[CLI-8] what is read in a page is closed in its browser, and a click leads there", async () => {
  const profile = openProfile();
  const { realtime } = signIn(profile, "finn");
  const socket = await server.connect("finn");
  realtime.notifications.load();
  for (const groupKey of ["a", "b"])
    await server.running.sendNotification("finn", { title: "x", content: "", groupKey });
  await expect.poll(() => realtime.notifications.state.get().unreadCount, { timeout: 10_000 }).toBe(2);
  profile.shown = new Set(["a", "b"]);
  const opened: string[] = [];
  ends.push(followPushes({ realtime, browser: profile }, (path) => opened.push(path)));
  const { notifications } = await requestOk(socket, "get_notifications", {});
  const a = notifications.find(({ groupKey }) => groupKey === "a");
  await requestOk(socket, "mark_notification_read", { notificationId: a?.id ?? "" });
  await expect.poll(() => [...profile.shown]).toEqual(["b"]);
  await requestOk(socket, "mark_all_notifications_read", {});
  await expect.poll(() => [...profile.shown]).toEqual([]);
  profile.click("/rooms/general");
  expect(opened).toEqual(["/rooms/general"]);
});

it("[CLI-8] a device is called by its browser and its system", () => {
  for (const [userAgent, name] of [
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
      "Edge on Windows",
    ],
    [
      "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
      "Chrome on Android",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
      "Safari on iPhone",
    ],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Mac"],
    ["curl/8", "Browser"],
  ] as const) {
    expect(nameDevice(userAgent)).toBe(name);
  }
});
