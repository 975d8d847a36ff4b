import {
  connect,
  eventually,
  type MailEndpoint,
  type PushEndpoint,
  requestOk,
  type SpawnedServer,
  spawnServer,
  startMailEndpoint,
  startPushEndpoint,
} from "@mirage/testing";
import { describe, expect, type TestContext, test } from "vitest";

const apiKey = "a-key-for-the-tests-of-a-killed-node";

/** A server, and the services of its own that it sends by. */
interface Scene {
  push: PushEndpoint;
  post: MailEndpoint;
  server: SpawnedServer;
}

async function openScene(atEnd: TestContext["onTestFinished"]): Promise<Scene> {
  const [push, post] = await Promise.all([startPushEndpoint(), startMailEndpoint()]);
  atEnd(async () => void (await Promise.all([push.close(), post.close()])));
  const server = await spawnServer({
    env: {
      API_KEY: apiKey,
      PUBLIC_URL: "https://chat.example",
      MAIL_URL: post.url,
      MAIL_FROM: "chat@example.com",
      ALLOW_PRIVATE_TARGETS: `${push.target},${post.target}`,
    },
  });
  // The last that is begun is ended first.
  atEnd(() => server.remove());
  return { push, post, server };
}

/** Somebody with a device and an address, who has gone. */
async function makePerson({ push, server }: Scene, name: string): Promise<void> {
  const claims = { userId: name, username: name, email: `${name}@example.com`, email_verified: true };
  const socket = await connect(server, claims);
  await eventually(async () => (await requestOk(socket, "get_email", {})).state === "confirmed");
  await requestOk(socket, "set_preferences", { channels: { system: { email: true } } });
  await requestOk(socket, "add_push_device", push.subscribe(name));
  socket.disconnect();
}

async function tell({ server }: Scene, name: string): Promise<void> {
  const answer = await fetch(`${server.url}/api/v1/users/${name}/notifications`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ title: "Backup", content: "It failed", urgent: true }),
  });
  expect(answer.status).toBe(201);
}

// Side by side: each waits most of its time until the lease of the dead has ended.
describe.concurrent("a killed node", () => {
  test("[NOTE-24] a node that is killed between taking a push and a mail and hearing that they are sent loses neither", async ({
    onTestFinished,
  }) => {
    const scene = await openScene(onTestFinished);
    const { push, post, server } = scene;
    await makePerson(scene, "ann");
    // The services have what was sent, and do not get round to saying so.
    let pushes = 0;
    push.answer = () => void pushes++;
    post.onMail = () => new Promise(() => undefined);
    await tell(scene, "ann");
    await eventually(() => pushes === 1 && post.received.length === 1, { timeoutMs: 60_000 });
    await server.kill();
    push.answer = (_request, response) => void response.writeHead(201).end();
    post.onMail = () => undefined;
    await server.start();
    // The lease of the dead has to end first.
    await eventually(() => push.received.length > 0 && post.received.length > 1, {
      timeoutMs: 90_000,
      intervalMs: 200,
    });
    expect(push.received.map(({ payload }) => payload)).toMatchObject([{ title: "Backup", body: "It failed" }]);
    const [first, second] = post.received;
    expect(second?.headers["message-id"]).toBe(first?.headers["message-id"]);
    expect(second?.text).toBe(first?.text);

    // And nothing of it is left to be sent once more.
    await makePerson(scene, "bob");
    await tell(scene, "bob");
    await eventually(() => post.received.some(({ to }) => to === "bob@example.com"), { timeoutMs: 60_000 });
    expect([push.received.length >= 1, post.received.length]).toEqual([true, 3]);
  });

  test("[NOTE-24] a node that is killed as soon as it has answered sends what it answered for when it is back", async ({
    onTestFinished,
  }) => {
    const scene = await openScene(onTestFinished);
    const { push, post, server } = scene;
    await makePerson(scene, "cat");
    await tell(scene, "cat");
    await server.kill();
    await server.start();
    await eventually(() => push.received.length > 0 && post.received.length > 0, {
      timeoutMs: 90_000,
      intervalMs: 200,
    });
    expect(new Set(post.received.map(({ headers }) => headers["message-id"])).size).toBe(1);
    expect(push.received[0]?.payload).toMatchObject({ title: "Backup" });
  });
});
