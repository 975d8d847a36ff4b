import {
  createTestStorage,
  eventually,
  type MailEndpoint,
  type PushEndpoint,
  requestOk,
  startMailEndpoint,
  startPushEndpoint,
  startTestServer,
  type TestServer,
} from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Two nodes on one Postgres, which both look for what is due. */
let first: TestServer;
let second: TestServer;
let push: PushEndpoint;
let post: MailEndpoint;

beforeAll(async () => {
  [push, post] = await Promise.all([startPushEndpoint(), startMailEndpoint()]);
  const storage = await createTestStorage();
  const settings = {
    jwtSecret: "one secret for both of them, long enough",
    privateTargets: [push.target, post.target],
    mail: { url: post.url, from: "chat@example.com", publicUrl: "https://chat.example", delayMs: 0 },
    notificationsPerMinute: 0,
  };
  first = await startTestServer({ storage, settings });
  second = await startTestServer({ storage, settings });
});
afterAll(async () => {
  await second?.close({ keepsStorage: true });
  await first?.close();
  await Promise.all([push?.close(), post?.close()]);
});

test("[NOTE-24] of two nodes one sends each push and each mail, and a link of one node works at the other", async () => {
  const names = Array.from({ length: 40 }, (_, n) => `ann${n}`);
  for (const name of names) {
    const claims = { userId: name, username: name, email: `${name}@example.com`, email_verified: true };
    const socket = await first.connect(claims);
    await requestOk(socket, "add_push_device", push.subscribe(name));
    await eventually(async () => (await requestOk(socket, "get_email", {})).state === "confirmed");
    await requestOk(socket, "set_preferences", { channels: { system: { email: true } } });
    socket.disconnect();
  }
  // A node hears of another's people four times a second; whom it still takes for here it would look at again in a minute.
  const watcher = await second.connect("watcher");
  const areGone = async () => {
    const { users } = await requestOk(watcher, "watch_presence", { userIds: names });
    return users.every(({ status }) => status === "offline");
  };
  await eventually(areGone, { timeoutMs: 20_000 });
  // Slow enough for the other node to come across what this one is at.
  post.onMail = () => new Promise((resolve) => setImmediate(() => resolve(undefined)));
  await Promise.all(
    names.map((name, n) => (n % 2 ? first : second).running.sendNotification(name, { title: "Host", content: name })),
  );
  const isDone = async () => (await first.running.database.query("SELECT 1 FROM deliveries")).length === 0;
  await eventually(isDone, { timeoutMs: 30_000 });
  expect(push.received.map(({ device }) => device).sort()).toEqual([...names].sort());
  expect(post.received.map(({ to }) => to).sort()).toEqual(names.map((name) => `${name}@example.com`).sort());

  const socket = await first.connect({ userId: "dora", username: "Dora" });
  await requestOk(socket, "set_email", { email: "dora@example.com" });
  const mail = await eventually(() => post.received.find(({ to }) => to === "dora@example.com") ?? false);
  const link = /https:\S+/.exec(mail.text)?.[0]?.replace("https://chat.example", second.url) ?? "";
  const pressed = await Promise.all(
    [link, link.replace(second.url, first.url)].map((url) => fetch(url, { method: "POST" })),
  );
  expect(pressed.map(({ status }) => status).sort()).toEqual([200, 410]);
});
