import { connect as connectTcp } from "node:net";
import { type CommandName, commands } from "@mirage/protocol";
import { eventually, request, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const apiKey = "a-key-for-back-ends-0123456789";
let it: TestServer;
beforeAll(async () => {
  it = await startTestServer({ settings: { apiKey } });
  const ann = await it.connect("ann");
  await requestOk(ann, "join_room", { roomId: "general" });
});
afterAll(() => it.close());

async function ask(path: string, options: { token?: string; actor?: string; body?: unknown; at?: TestServer } = {}) {
  const { at = it, body } = options;
  const token = options.token ?? at.signToken({ userId: "ann", username: "ann" });
  const headers = { authorization: `Bearer ${token}`, ...(options.actor ? { "x-user-id": options.actor } : {}) };
  const init =
    body === undefined ? {} : { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) };
  const response = await fetch(`${at.url}/api/v1${path}`, { ...init, headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const codeOf = ({ status, body }: Awaited<ReturnType<typeof ask>>) => [
  status,
  (body.error as { code?: string } | undefined)?.code,
];

describe("[REST-1] the commands", () => {
  test("that need no connection are served, the others are not there", async () => {
    for (const [name, { socketOnly }] of Object.entries(commands)) {
      const [status, code] = codeOf(await ask(`/commands/${name}`, { body: { roomId: 7 } }));
      expect([name, status === 404 && code === "not_found"]).toEqual([name, socketOnly === true]);
    }
    expect(codeOf(await ask("/commands/__proto__", { body: {} }))).toEqual([404, "not_found"]);
    expect(codeOf(await ask("/commands/constructor", { body: {} }))).toEqual([404, "not_found"]);
  });

  test("answer with the status that fits the refusal", async () => {
    const statuses = [
      [await ask("/commands/chat_message", { body: "{" }), 400, "bad_request"],
      [await ask("/commands/chat_message", { body: "[1]" }), 400, "bad_request"],
      [await ask("/commands/chat_message", { token: "x", body: {} }), 401, "unauthenticated"],
      [await ask("/commands/list_members", { body: { roomId: "nowhere" } }), 404, "not_found"],
      [
        await ask("/commands/chat_message", { body: { roomId: "general", content: "x".repeat(2_001) } }),
        413,
        "too_large",
      ],
      [await ask("/commands/chat_message", { body: "x".repeat(70_000) }), 413, "too_large"],
    ] as const;
    for (const [answer, status, code] of statuses) expect(codeOf(answer)).toEqual([status, code]);
  });

  test("reach whoever is connected", async () => {
    const heard: string[] = [];
    const bob = await it.connect("bob");
    await requestOk(bob, "join_room", { roomId: "general" });
    bob.on("chat_message", ({ content }) => heard.push(content));
    expect((await ask("/commands/chat_message", { body: { roomId: "general", content: "one" } })).status).toBe(200);
    const posted = { content: "two", nonce: "rest-1" };
    expect((await ask("/rooms/general/messages", { body: posted })).status).toBe(201);
    expect(await ask("/rooms/general/messages", { body: posted })).toMatchObject({
      status: 200,
      body: { duplicate: true },
    });
    await eventually(() => expect(heard).toEqual(["one", "two"]));
    const page = await ask("/rooms/general/messages?limit=2");
    expect((page.body.messages as { content: string }[]).map(({ content }) => content)).toEqual(["one", "two"]);
    expect(codeOf(await ask("/rooms/general/messages?limit=x"))).toEqual([400, "bad_request"]);
    expect(codeOf(await ask("/rooms/nowhere/messages"))).toEqual([404, "not_found"]);
  });
});

describe("[REST-2] a back end with the API key", () => {
  test("acts for whom it names, and for nobody without a name", async () => {
    const body = { roomId: "general", content: "from the host" };
    const answer = await ask("/commands/chat_message", { token: apiKey, actor: "ann", body });
    expect(answer).toMatchObject({ status: 200, body: { message: { userId: "ann" } } });
    expect(codeOf(await ask("/commands/chat_message", { token: apiKey, body }))).toEqual([400, "bad_request"]);
    expect(codeOf(await ask("/commands/chat_message", { token: apiKey, actor: "nobody", body }))).toEqual([
      404,
      "not_found",
    ]);
  });

  test("sees who is connected; a person does not", async () => {
    const users = (await ask("/users/connected", { token: apiKey })).body.users;
    expect(users).toContainEqual({ userId: "ann", username: "ann", connections: 1 });
    const bob = it.signToken({ userId: "bob", username: "bob" });
    expect(codeOf(await ask("/users/connected", { token: bob }))).toEqual([403, "forbidden"]);
  });
});

test("[REST-4] what describes the interface has every command, and every reference resolves", async () => {
  const openApi = (await ask("/openapi.json")).body;
  expect(openApi.openapi).toBe("3.1.0");
  const paths = openApi.paths as Record<string, Record<string, { responses?: object; operationId?: string }>>;
  const served = (Object.keys(commands) as CommandName[]).filter((name) => commands[name].socketOnly !== true);
  for (const name of served)
    expect(Object.keys(paths[`/api/v1/commands/${name}`]?.post?.responses ?? {})).toContain("200");
  const ids = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
  expect(new Set(ids).size).toBe(ids.length);
  const references = [...JSON.stringify(openApi).matchAll(/"\$ref":"#([^"]+)"/g)].map(([, path = ""]) => path);
  expect(references.length).toBeGreaterThan(0);
  for (const reference of new Set(references)) {
    const found = reference
      .slice(1)
      .split("/")
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], openApi);
    expect([reference, typeof found]).toEqual([reference, "object"]);
  }
  expect((await ask("/asyncapi.json")).body.asyncapi).toMatch(/^3\./);
});

test("[OPS-1] [S56] what operators ask is answered, without a word about the inside", async () => {
  const health = await (await fetch(`${it.url}/healthz`)).text();
  const ready = await (await fetch(`${it.url}/readyz`)).text();
  expect(health + ready).not.toContain(it.storage.dataDir);
  const metrics = await (await fetch(`${it.url}/metrics`)).text();
  for (const name of [
    "mirage_connections ",
    "mirage_users ",
    "mirage_connections_accepted_total{",
    "mirage_handshake_seconds_bucket",
    'mirage_events_received_total{event="chat_message"}',
    "mirage_events_rejected_total{",
    "mirage_event_duration_seconds_bucket",
    "mirage_message_commit_seconds_bucket",
    "mirage_deliveries_total",
    "mirage_batch_size_bucket",
    "mirage_build_info{version=",
    "nodejs_eventloop_lag_seconds",
    "process_cpu_seconds_total",
  ]) {
    expect(metrics).toContain(name);
  }
  expect(metrics).not.toMatch(/\b(ann|bob|general)\b/);
  const proxied = await fetch(`${it.url}/metrics`, { headers: { "x-forwarded-for": "127.0.0.1" } });
  expect(proxied.status).toBe(403);
});

describe("[CFG-5] with chat switched off", () => {
  let quiet: TestServer;
  beforeAll(async () => {
    quiet = await startTestServer({ settings: { enableChat: false } });
  });
  afterAll(() => quiet.close());

  test("every command of it answers disabled, over both ways, and the rest works", async () => {
    const socket = await quiet.connect("ann");
    const untyped: { timeout(ms: number): { emitWithAck(event: string, input: unknown): Promise<object> } } = socket;
    for (const [name, { feature, socketOnly }] of Object.entries(commands)) {
      if (feature !== "chat") continue;
      const answer = await untyped.timeout(5_000).emitWithAck(name, { roomId: "general" });
      expect([name, answer]).toMatchObject([name, { ok: false, error: { code: "disabled", retryable: false } }]);
      if (socketOnly === true) continue;
      expect([name, ...codeOf(await ask(`/commands/${name}`, { at: quiet, body: {} }))]).toEqual([
        name,
        403,
        "disabled",
      ]);
    }
    expect(codeOf(await ask("/rooms/general/messages", { at: quiet }))).toEqual([403, "disabled"]);
    const rooms = [{ roomId: "general", since: null }];
    expect(await untyped.timeout(5_000).emitWithAck("resume", { rooms })).toMatchObject({
      error: { code: "disabled" },
    });
    expect(await requestOk(socket, "resume", {})).toMatchObject({ rooms: [], user: { seq: expect.any(Number) } });
    const token = quiet.signToken({ userId: "ann", username: "ann" });
    expect(await requestOk(socket, "auth_refresh", { token })).toHaveProperty("expiresAt");
    expect((await fetch(`${quiet.url}/readyz`)).status).toBe(200);
    expect((await ask("/config.json", { at: quiet })).body).toMatchObject({ chat: false });
  });
});

describe("[HTTP-2] [S9] [S34] requests as nobody's library makes them", () => {
  /** The first line of the answer to bytes as they are; empty where the connection is only closed. */
  const statusOf = (head: string, body = ""): Promise<string> =>
    new Promise((resolve) => {
      let answer = "";
      const socket = connectTcp(it.port, "127.0.0.1", () =>
        socket.write(`${head}\r\nConnection: close\r\n\r\n${body}`),
      );
      socket.on("data", (data) => {
        answer += data;
      });
      socket.on("error", () => socket.destroy());
      socket.on("close", () => resolve(answer.split("\r\n")[0]?.slice(9, 12) ?? ""));
    });
  const post = () => {
    const token = it.signToken({ userId: "ann", username: "ann" });
    return `POST /api/v1/commands/chat_message HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}`;
  };
  const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

  test("a body that does not say how long it is is read up to the bound", async () => {
    const head = `${post()}\r\nTransfer-Encoding: chunked`;
    const message = '{"roomId":"none","roomId":"general","content":"in pieces"}';
    expect(await statusOf(head, `${[...message].map(chunk).join("")}0\r\n\r\n`)).toBe("200");
    expect(await statusOf(head, `${chunk("x".repeat(4_096)).repeat(30)}0\r\n\r\n`)).toBe("413");
    expect(await statusOf(head, "0\r\n\r\n")).toBe("400");
    expect(await statusOf(`${post()}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked`, "0\r\n\r\n")).toBe("400");
    expect(await statusOf(`${post()}\r\nContent-Length: -1`)).toBe("400");
  });

  test("odd methods and addresses are refused, and none of them is a fault", async () => {
    const get = (path: string, method = "GET") => statusOf(`${method} ${path} HTTP/1.1\r\nHost: x`);
    expect(await get("http://169.254.169.254/latest/meta-data")).toBe("400");
    expect(await get("*", "OPTIONS")).toBe("400");
    for (const method of ["PATCH", "PUT", "DELETE", "TRACE"]) {
      expect([method, await get("/api/v1/commands/chat_message", method)]).toEqual([method, "404"]);
    }
    for (const path of ["/api/v1/rooms/%00/messages", "/api/v1/rooms/%E0%A4%A/messages", "/api/avatar/%00", "/%"]) {
      expect(await get(path)).toMatch(/^[24]/);
    }
    expect(await statusOf("GET /healthz HTTP/1.1\r\nHost: a b<>")).toBe("400");
  });
});

test("[S48] a name that cannot be seen, breaks its line or turns the text around it is refused or made harmless", async () => {
  const socket = await it.connect("carl");
  for (const name of ["\u200b", "\u2060\u00ad", "\u3164", "\u2800", "two\nlines", "\u202e"]) {
    expect([name, await request(socket, "create_room", { name })]).toMatchObject([
      name,
      { error: { code: "bad_request" } },
    ]);
  }
  expect((await requestOk(socket, "create_room", { name: "\u202eabc\u2069" })).room.name).toBe("abc");
  const unseen = { userId: "unseen", username: "\u200b" };
  await expect(it.connect(unseen)).rejects.toThrow("Authentication failed");
});
