import {
  createTestStorage,
  eventually,
  FakeClock,
  request,
  requestOk,
  startTestServer,
  type TestServer,
  type TestSocket,
} from "@mirage/testing";
import { afterEach, describe, expect, test } from "vitest";
import { refusalOf } from "./raw-link.ts";

const opened: TestServer[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

async function open(options: Parameters<typeof startTestServer>[0] = {}): Promise<TestServer> {
  const server = await startTestServer(options);
  opened.push(server);
  return server;
}

/** What a socket hears beside of how people are, and how it ends. */
function record(socket: TestSocket): string[] {
  const heard: string[] = [];
  socket.onAny((event) => event !== "presence_changed" && heard.push(event));
  socket.on("disconnect", (reason) => heard.push(reason));
  return heard;
}

describe("[S11] a token that ends", () => {
  test("is announced a minute ahead; a newer one of the same person goes on without a drop", async () => {
    const clock = new FakeClock();
    const it = await open({ clock });
    const endsIn = (seconds: number, userId = "ann") => ({
      userId,
      username: userId,
      exp: Math.floor(clock.now() / 1_000) + seconds,
    });
    const [ann, bob] = [await it.connect(endsIn(120)), await it.connect(endsIn(120, "bob"))];
    const [heardByAnn, heardByBob] = [record(ann), record(bob)];
    clock.advance(61_000);
    await eventually(() => expect([heardByAnn, heardByBob]).toEqual([["auth_expiring"], ["auth_expiring"]]));
    for (const claims of [endsIn(600, "bob"), endsIn(-60)]) {
      const refused = await request(ann, "auth_refresh", { token: it.signToken(claims) });
      expect(refused).toMatchObject({
        ok: false,
        error: { code: "unauthenticated", message: "Authentication failed" },
      });
    }
    await requestOk(ann, "auth_refresh", { token: it.signToken(endsIn(600)) });
    clock.advance(60_000);
    await eventually(() => expect(heardByBob.slice(1)).toEqual(["auth_expired", "io server disconnect"]));
    expect(ann.connected).toBe(true);
    expect(heardByAnn).toEqual(["auth_expiring"]);
  });
});

describe("[S12] someone who is banned", () => {
  test("loses every connection on every node within a second, and gets neither in again nor through", async () => {
    const storage = await createTestStorage();
    const it = await open({ storage });
    const nodes =
      storage.databaseUrl === undefined ? [it] : [it, await open({ storage, settings: { jwtSecret: it.jwtSecret } })];
    const sockets = await Promise.all(
      nodes.flatMap((node) =>
        [["websocket"], ["polling"]].map((transports) => node.connect("mallory", { transports })),
      ),
    );
    const ann = await it.connect("ann");
    const ends = sockets.map(record);
    const since = await requestOk(sockets[0] as TestSocket, "list_rooms", {});
    const { database } = it.running;
    await database.query("update users set banned_at = now() where id = $1", ["mallory"]);
    await database.query("insert into revocations (user_id, reason) values ($1, 'banned')", ["mallory"]);
    const bannedMs = performance.now();
    await eventually(() => expect(ends.map((heard) => heard.at(-1))).toEqual(ends.map(() => "io server disconnect")));
    expect(performance.now() - bannedMs).toBeLessThan(1_500);
    expect(ann.connected).toBe(true);
    for (const transports of [["websocket"], ["polling"]]) {
      expect(await refusalOf(it.connect("mallory", { transports }))).toEqual(["Account suspended", "user_banned"]);
    }
    const headers = { authorization: `Bearer ${it.signToken({ userId: "mallory" })}` };
    const post = { method: "POST", headers, body: JSON.stringify({ user: { epoch: since.epoch, seq: 0 } }) };
    expect((await fetch(`${it.url}/api/v1/commands/list_rooms`, post)).status).toBe(403);
  });
});

describe("[S12] whoever signs out", () => {
  test("loses the connections of that sign-in, and its token counts no more", async () => {
    const it = await open();
    const post = (path: string, body: object, cookie = "") =>
      fetch(`${it.url}/api/auth${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: it.url, cookie },
        body: JSON.stringify(body),
      });
    const signUp = await post("/sign-up/username", { username: "anna", password: "correct horse battery" });
    expect(signUp.status).toBe(200);
    const enter = async (response: Response) => {
      const cookie = response.headers
        .getSetCookie()
        .map((line) => line.split(";")[0])
        .join("; ");
      const answer = await fetch(`${it.url}/api/auth/token`, { headers: { cookie } });
      return { cookie, token: ((await answer.json()) as { token: string }).token };
    };
    const phone = await enter(signUp);
    const laptop = await enter(
      await post("/sign-in/username", { username: "anna", password: "correct horse battery" }),
    );
    const [onPhone, onLaptop] = [
      await it.connect("", { token: phone.token }),
      await it.connect("", { token: laptop.token }),
    ];
    const heard = record(onPhone);
    expect((await post("/sign-out", {}, phone.cookie)).status).toBe(200);
    await eventually(() => expect(heard.at(-1)).toBe("io server disconnect"), { timeoutMs: 1_500 });
    expect(onLaptop.connected).toBe(true);
    expect(await refusalOf(it.connect("", { token: phone.token }))).toEqual(["Authentication failed", "token_invalid"]);
    expect((await requestOk(onLaptop, "list_rooms", {})).rooms).toBeDefined();
  });
});

test("[DRN-1] a server that stops says so, lets nobody in, and leaves nobody without an answer", async () => {
  const it = await open({ settings: { drainWindowMs: 300 } });
  const ann = await it.connect("ann");
  await requestOk(ann, "join_room", { roomId: "general" });
  const notices: number[] = [];
  ann.on("server_draining", ({ reconnectInMs }) => notices.push(reconnectInMs));
  const sent = Array.from({ length: 50 }, (_, index) =>
    request(ann, "chat_message", { roomId: "general", content: `last ${index}` }),
  );
  const closing = it.running.close();
  await eventually(() => expect(notices).toEqual([300]));
  expect((await fetch(`${it.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${it.url}/socket.io/?EIO=4&transport=polling`)).status).toBe(503);
  expect((await Promise.all(sent)).every((answer) => answer.ok)).toBe(true);
  await closing;
});
