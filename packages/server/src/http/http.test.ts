import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect as connectTcp } from "node:net";
import { commands, events, messages, Refusal } from "@mirage/protocol";
import { openTestDatabase, signToken, type TestDatabase } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Handlers } from "../access/session.ts";
import { systemClock } from "../adapters/system-clock.ts";
import { parseSettings } from "../config/parse-settings.ts";
import type { Settings } from "../config/settings.ts";
import { DatabaseError } from "../database/database.ts";
import { createAuth } from "../features/auth/auth.ts";
import { createLogger } from "../lib/logger.ts";
import { createMetrics } from "../lib/metrics.ts";
import { drawInitials } from "./avatar.ts";
import { createRequestListener } from "./http.ts";
import { OpenRequests } from "./open-requests.ts";

const canary = "canary-7d1f";
const settings = parseSettings({
  JWT_SECRET: "a shared secret for tests alone!",
  AUTH_SECRET: "s3cr3t-of-sign-in-which-is-long-enough",
  API_KEY: `${canary}-api-key-0123456789`,
  WS_CORS_ORIGIN: "https://app.test",
  EVENT_RATE_LIMIT: "0",
});
const logged: string[] = [];
const log = createLogger({ level: "trace", destination: { write: (line) => void logged.push(line) } });
const servers: Server[] = [];
const isOff = { chat: false };
const state = { isDraining: false };
let storage: TestDatabase;
let url: string;

const page = { messages: [], hasMore: false };
const handlers = {
  get_messages: (context, payload) => {
    context.answer({ ...page, hasMoreBefore: payload.before === 7, hasMoreAfter: payload.limit === 3 });
    return undefined;
  },
  create_room: async ({ session }, { name }) => {
    if (name === "fault") throw new Error(`inside ${canary}`);
    if (name === "lost") throw new DatabaseError(`inside ${canary}`, { connectionLost: true });
    if (name === "conflict") throw new Refusal("conflict", "There is one");
    return { room: { id: session.userId, name, type: "public", memberCount: 1, role: "owner", seq: 1, epoch: "e" } };
  },
} as Partial<Handlers> as Handlers;

async function listen(overrides: Partial<Settings> = {}): Promise<string> {
  const auth = createAuth({
    settings: { ...settings, ...overrides },
    database: storage.database,
    clock: systemClock,
    log,
    onAdmin: async () => undefined,
    onVerifiedEmail: async () => undefined,
    onRenamed: async () => undefined,
    close: () => undefined,
  });
  const listener = createRequestListener(
    {
      settings: { ...settings, ...overrides },
      database: storage.database,
      clock: systemClock,
      log,
      metrics: createMetrics({ version: "1.2.3", collectProcess: false }),
      auth,
      handlers,
      rateLimits: {
        settle: () => undefined,
        spend: (_, name) =>
          name === "archive_room"
            ? new Refusal("rate_limited", messages.rateLimited, { retryAfterMs: 1_500 })
            : undefined,
      },
      isEnabled: (feature) => !(feature === "chat" && isOff.chat),
      documents: {
        export: async () => ({ title: "a <title>", text: "text" }),
        addUpdate: async (_, { update }) => ({ seq: update.length }),
      },
      hostNotifications: {
        send: async (userId, { title, nonce }) => {
          if (userId === "nobody") throw new Refusal("not_found", "User not found");
          return {
            id: nonce ?? "n",
            title,
            content: "",
            type: "system",
            metadata: {},
            timestamp: "",
            read: false,
            seq: 1,
          };
        },
        sendToRoom: async () => ({ count: 3 }),
      },
      emailAddresses: {
        findWaiting: async (token) => (token === "good" ? "a&b@example.com" : undefined),
        confirm: async (token) => (token === "good" ? "a&b@example.com" : undefined),
        isUnsubscribing: (token) => token === "good",
        unsubscribe: async (token) => token === "good",
      },
      files: {
        receive: async (session, { name }) => ({ id: session.userId, name, type: "text/plain", size: 1 }),
        find: async () => undefined,
      },
      listConnectedUsers: () => [{ userId: "u", username: "U", connections: 2 }],
      isInvisible: () => false,
      isDraining: () => state.isDraining,
      openRequests: new OpenRequests(systemClock),
      version: "1.2.3",
    },
    (_, response) => response.end("the page"),
  );
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  storage = await openTestDatabase();
  url = await listen();
});
afterAll(async () => {
  for (const server of servers) server.close();
  await storage.close();
});

const userToken = (userId = "anna", claims = {}) =>
  signToken({ userId, username: userId, ...claims }, settings.jwtSecret);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function ask(path: string, options: { body?: unknown; headers?: Record<string, string>; at?: string } = {}) {
  const { body, headers = {}, at = url } = options;
  const sent = typeof body === "string" ? body : JSON.stringify(body);
  const init = body === undefined ? {} : { method: "POST", body: sent };
  const response = await fetch(`${at}${path}`, { ...init, headers, redirect: "manual" });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}

const command = (name: string, body: unknown, headers: Record<string, string> = bearer(userToken())) =>
  ask(`/api/v1/commands/${name}`, { body, headers });

test("[REST-1] a command over REST gives the same reply and the same refusals as over the socket", async () => {
  const done = await command("create_room", { name: " A room " });
  expect([done.status, done.body]).toEqual([
    200,
    {
      ok: true,
      room: { id: "anna", name: "A room", type: "public", memberCount: 1, role: "owner", seq: 1, epoch: "e" },
    },
  ]);
  const refusals = await Promise.all([
    command("create_room", {}),
    command("create_room", { name: "conflict" }),
    command("create_room", { name: "fault" }),
    command("create_room", { name: "lost" }),
    command("create_room", "{"),
    command("create_room", `{"__proto__":{"name":"x"}}`),
    command("create_room", { name: "a\u0000" }),
    command("create_room", { name: "\ud800" }),
    command("create_room", { name: "x".repeat(70_000) }),
    command("archive_room", { roomId: "r" }),
    command("chat_message", { roomId: "r", content: "x".repeat(2_001) }),
    command("join_room", { roomId: "r" }),
    command("__proto__", {}),
    command("toString", {}),
  ]);
  expect(refusals.map(({ status, body }) => [status, body.error.code])).toEqual([
    [400, "bad_request"],
    [409, "conflict"],
    [500, "internal"],
    [503, "unavailable"],
    [400, "bad_request"],
    [400, "bad_request"],
    [400, "bad_request"],
    [400, "bad_request"],
    [413, "too_large"],
    [429, "rate_limited"],
    [413, "too_large"],
    [404, "not_found"],
    [404, "not_found"],
    [404, "not_found"],
  ]);
  expect(refusals[9]?.headers.get("retry-after")).toBe("2");
  expect(refusals[10]?.body.error.message).toBe(messages.tooLong);
  expect(refusals.map(({ text }) => text).join()).not.toContain(canary);
});

test("[REST-2] REST is for people with a token, and for back ends with the key that say who acts", async () => {
  const { apiKey } = settings;
  expect((await command("create_room", { name: "a" }, {})).status).toBe(401);
  expect((await command("create_room", { name: "a" }, bearer("x.y.z"))).status).toBe(401);
  expect((await command("create_room", { name: "a" }, bearer(apiKey))).status).toBe(400);
  const actor = randomUUID();
  const acting = { ...bearer(apiKey), "x-user-id": actor };
  expect((await command("create_room", { name: "a" }, acting)).status).toBe(404);
  await command("create_room", { name: "a" }, bearer(userToken(actor)));
  expect((await command("create_room", { name: "a" }, acting)).body.room.id).toBe(actor);
  const asPerson = { ...bearer(userToken()), "x-user-id": actor };
  expect((await command("create_room", { name: "a" }, asPerson)).body.room.id).toBe("anna");
  expect((await ask("/api/v1/users/connected", { headers: bearer(apiKey) })).body.users).toHaveLength(1);
  const person = bearer(userToken(randomUUID()));
  expect((await ask("/api/v1/users/connected", { headers: person })).status).toBe(403);
});

test("[REST-3] a room's messages are a resource, and a part that is off is disabled", async () => {
  const headers = bearer(userToken());
  const got = await ask("/api/v1/rooms/r1/messages?before=7&limit=3", { headers });
  expect([got.status, got.body]).toEqual([200, { ...page, hasMoreBefore: true, hasMoreAfter: true }]);
  expect((await ask("/api/v1/rooms/r1/messages?before=x", { headers })).status).toBe(400);
  expect((await ask("/api/v1/rooms/r1/messages", { headers, body: {} })).body.error.message).toBe(
    messages.contentRequired,
  );
  isOff.chat = true;
  expect((await ask("/api/v1/rooms/r1/messages", { headers })).body.error.code).toBe("disabled");
  expect((await ask("/api/v1/config.json")).body).toMatchObject({
    chat: false,
    signIn: { guest: true, discord: false },
  });
  isOff.chat = false;
});

test("[NOTE-12] back ends tell people and rooms as resources, and nobody else does", async () => {
  const body = { title: "Deployed", content: "" };
  const key = { ...bearer(settings.apiKey), "idempotency-key": "d-1" };
  const told = await ask("/api/v1/users/anna/notifications", { body, headers: key });
  expect([told.status, told.body.notification]).toMatchObject([201, { id: "d-1", title: "Deployed" }]);
  const room = await ask("/api/v1/rooms/r1/notifications", { body, headers: bearer(settings.apiKey) });
  expect([room.status, room.body]).toEqual([201, { count: 3 }]);
  expect((await ask("/api/v1/users/nobody/notifications", { body, headers: key })).status).toBe(404);
  expect((await ask("/api/v1/users/anna/notifications", { body: [], headers: key })).status).toBe(400);
  for (const path of ["users/anna", "rooms/r1"]) {
    const asPerson = await ask(`/api/v1/${path}/notifications`, { body, headers: bearer(userToken()) });
    expect(asPerson.status).toBe(403);
  }
});

test("[NOTE-21] a link in mail shows a page that runs nothing and changes nothing; its button does", async () => {
  const url = `${await listen()}/api/v1/email/confirm?token=`;
  const page = await fetch(`${url}good`);
  expect([page.status, page.headers.get("cache-control"), page.headers.get("referrer-policy")]).toEqual([
    200,
    "no-store",
    "no-referrer",
  ]);
  expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
  expect(await page.text()).toMatch(/a&amp;b@example.com.*<form method="post"><button>Confirm</);
  expect(await (await fetch(`${url}good`, { method: "POST" })).text()).toContain("Mail goes to a&amp;b@example.com");
  const mail = {
    url: "smtp://mail.example",
    from: "chat@example.com",
    publicUrl: "https://chat.example/app/",
    delayMs: 0,
  };
  const served = await (await fetch(`${await listen({ mail })}/api/v1/email/confirm?token=good`)).text();
  expect(served).toContain('<a href="https://chat.example/app/">Open the app</a>');
  for (const method of ["GET", "POST"]) {
    const dead = await fetch(`${url}<script>`, { method });
    expect([dead.status, (await dead.text()).includes("script")]).toEqual([410, false]);
  }
});

test("[NOTE-22] one POST ends all mail, as programs send it; opening the link does not", async () => {
  const url = `${await listen()}/api/v1/email/unsubscribe?token=`;
  expect(await (await fetch(`${url}good`)).text()).toContain("<button>Stop all mail</button>");
  const body = new URLSearchParams({ "List-Unsubscribe": "One-Click" });
  expect(await (await fetch(`${url}good`, { method: "POST", body })).text()).toContain("No more mail");
  expect((await fetch(`${url}bad`, { method: "POST", body })).status).toBe(410);
});

test("[REST-4] the OpenAPI document has every command that is served, and resolves", async () => {
  const { body } = await ask("/api/v1/openapi.json");
  const served = Object.entries(commands).filter(([, declared]) => declared.socketOnly !== true);
  for (const [name] of served) expect(body.paths[`/api/v1/commands/${name}`].post.operationId).toBe(name);
  expect(Object.keys(body.paths)).toHaveLength(served.length + 11);
  expect(body.openapi).toBe("3.1.0");
  const refs = new Set(JSON.stringify(body).match(/"#\/[^"]+"/g));
  expect([...refs]).toEqual(['"#/components/schemas/Error"']);
});

test("[REST-4] the AsyncAPI document has every command and event", async () => {
  const { body } = await ask("/api/v1/asyncapi.json");
  const names = Object.keys(body.channels.socket.messages);
  expect(names).toHaveLength(Object.keys(commands).length + Object.keys(events).length);
  for (const operation of Object.values<{ messages: { $ref: string }[] }>(body.operations)) {
    expect(names).toContain(operation.messages[0]?.$ref.split("/").at(-1));
  }
});

test("[OPS-1] alive without the database, ready only while it takes writes and nothing drains", async () => {
  expect((await ask("/healthz")).body).toEqual({ status: "alive" });
  expect([(await ask("/readyz")).status, (await ask("/readyz")).body.status]).toEqual([200, "ready"]);
  state.isDraining = true;
  expect([(await ask("/readyz")).status, (await ask("/healthz")).status]).toEqual([503, 200]);
  state.isDraining = false;
});

test("[S56] metrics are for this machine and holders of the key, not for what a proxy passes on", async () => {
  expect((await ask("/metrics")).text).toContain('mirage_build_info{version="1.2.3"} 1');
  const proxied = { "x-forwarded-for": "203.0.113.9" };
  expect((await ask("/metrics", { headers: proxied })).status).toBe(403);
  expect((await ask("/metrics", { headers: { ...proxied, ...bearer(settings.apiKey) } })).status).toBe(200);
  const open = await listen({ metricsPublic: true });
  expect((await ask("/metrics", { headers: proxied, at: open })).status).toBe(200);
});

test("[HTTP-1] paths that are not ours go to the page, with our headers on what is", async () => {
  for (const path of ["/", "/rooms/general", "/api/else", "/healthzz"]) expect((await ask(path)).text).toBe("the page");
  const { headers, status } = await ask("/api/v1/none");
  expect([status, headers.get("x-content-type-options"), headers.get("x-frame-options")]).toEqual([
    404,
    "nosniff",
    "DENY",
  ]);
});

test("[S57] only pages of listed origins may read answers", async () => {
  const options = (origin: string) => fetch(`${url}/api/v1/config.json`, { method: "OPTIONS", headers: { origin } });
  expect((await options("https://app.test")).headers.get("access-control-allow-origin")).toBe("https://app.test");
  expect((await options("https://app.test.evil.tld")).status).toBe(403);
  const read = await ask("/api/v1/config.json", { headers: { origin: "https://evil.tld" } });
  expect(read.headers.get("access-control-allow-origin")).toBeNull();
});

test("[AVA-1] everyone has a picture: their own by redirect, else initials that run nothing", async () => {
  await command("create_room", { name: "a" }, bearer(userToken("pic", { avatarUrl: "https://img.test/a.png" })));
  const own = await ask("/api/avatar/pic");
  expect([own.status, own.headers.get("location")]).toEqual([302, "https://img.test/a.png"]);
  await storage.database.query("update users set avatar_url = 'javascript:alert(1)' where id = 'pic'");
  for (const path of ["/api/avatar/pic", "/api/avatar/nobody", "/api/avatar/%00", "/api/avatar/%ff"]) {
    const drawn = await ask(path);
    expect([path, drawn.status, drawn.headers.get("content-type")]).toEqual([path, 200, "image/svg+xml"]);
    expect(drawn.headers.get("content-security-policy")).toContain("default-src 'none'");
  }
  expect(drawInitials("u", `<script> "&`)).toContain(">&#60;&#34;<");
  expect(drawInitials("u", "Ada King Lovelace")).toContain(">AL<");
  expect(drawInitials("u1", "A")).not.toBe(drawInitials("u2", "A"));
});

test("[AUTH-9] sign-in works over a real connection, and its cookie is Secure behind TLS", async () => {
  const proxy = await listen({ trustProxy: ["127.0.0.1"] });
  const headers = {
    "content-type": "application/json",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "chat.test",
    origin: "https://chat.test",
  };
  const { status, headers: answer } = await ask("/api/auth/sign-in/anonymous", {
    body: { name: "Mia" },
    headers,
    at: proxy,
  });
  expect([status, answer.get("set-cookie")]).toEqual([200, expect.stringMatching(/; Secure/)]);
  const cookie = answer.get("set-cookie")?.split(";")[0] ?? "";
  const { body } = await ask("/api/auth/token", { headers: { cookie }, at: proxy });
  expect((await command("create_room", { name: "b" }, bearer(body.token))).status).toBe(200);
  const plain = await ask("/api/auth/sign-in/anonymous", { body: {}, headers: { "content-type": "application/json" } });
  expect(plain.headers.get("set-cookie")).not.toMatch(/Secure/i);
  expect((await ask("/api/auth/jwks")).body.keys).toHaveLength(1);
  expect((await ask("/api/auth/update-user", { body: {} })).status).toBe(404);
});

test("[SEC-1] neither key nor token reaches the log or an answer", async () => {
  const token = userToken(canary);
  await command("create_room", { name: "fault" }, bearer(token));
  await ask(`/api/v1/nothing?token=${token}`, { headers: bearer(settings.apiKey) });
  expect(logged.length).toBeGreaterThan(0);
  expect(logged.join("")).not.toContain(token.split(".")[2]);
  expect(logged.join("")).not.toContain(settings.apiKey);
});

test("[HTTP-2] a broken request ends that request alone", async () => {
  const { port } = new URL(url);
  const socket = connectTcp(Number(port), "127.0.0.1");
  const answer = new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
  socket.write("GET /api/v1/config.json HTTP/1.1\r\nHost: bad host name\r\nConnection: close\r\n\r\n");
  expect(await answer).toMatch(/^HTTP\/1\.1 [24]/);
  socket.destroy();
  expect((await ask("/healthz")).status).toBe(200);
});
