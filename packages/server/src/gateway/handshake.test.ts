import { request as httpRequest } from "node:http";
import { handshakeRefusals } from "@mirage/protocol";
import { eventually } from "@mirage/testing";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { HandshakeError } from "../access/handshake-error.ts";
import { openTestGateway, type TestGateway, type TestGatewayOptions } from "./open-test-gateway.ts";

let opened: TestGateway | undefined;
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

async function open(options: TestGatewayOptions = {}): Promise<TestGateway> {
  opened = await openTestGateway(options);
  return opened;
}

interface Refused {
  message: string;
  data?: { code: string };
}

async function refusal(promise: Promise<unknown>): Promise<[string, string | undefined]> {
  const error = (await promise.then(
    () => ({ message: "accepted" }),
    (reason: unknown) => reason,
  )) as Refused;
  return [error.message, error.data?.code];
}

/** The status of a handshake, over polling and as an upgrade. */
async function statuses(it: TestGateway, headers: Record<string, string>): Promise<[number, number]> {
  return [await pollingStatus(it, headers), await upgradeStatus(it, headers)];
}

function pollingStatus({ port }: TestGateway, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const path = "/socket.io/?EIO=4&transport=polling";
    const sent = httpRequest({ port, host: "127.0.0.1", path, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject).end();
  });
}

function upgradeStatus({ port }: TestGateway, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, { headers });
    socket.on("open", () => {
      socket.terminate();
      resolve(101);
    });
    socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
    socket.on("error", reject);
  });
}

describe("tokens", () => {
  test("[HSK-1] each refusal reaches the client with its message and code, over both transports", async () => {
    const it = await open();
    for (const transports of [["websocket"], ["polling"]]) {
      for (const [code, message] of Object.entries(handshakeRefusals)) {
        expect(await refusal(it.connect(code, { transports }))).toEqual([message, code]);
      }
    }
    expect(it.gateway.listUsers()).toEqual([]);
  });

  test("[S2] a token is taken from the credentials, and from the query only where that is allowed", async () => {
    const it = await open();
    const options = { auth: {}, query: { token: "ann" } };
    const required = ["Authentication token required", "token_required"];
    expect(await refusal(it.connect("", options))).toEqual(required);
    expect(await refusal(it.connect("", { auth: { token: ["ann"] } }))).toEqual(required);
    await it.close();
    const lenient = await open({ settings: { allowQueryToken: true } });
    const socket = await lenient.connect("", options);
    expect(socket.connected).toBe(true);
    expect(lenient.gateway.listUsers()).toEqual([{ userId: "ann", username: "ann", connections: 1 }]);
  });

  test("[HSK-2] a refused client may try again on the same link with another token", async () => {
    const it = await open();
    const socket = it.client("token_expired");
    socket.connect();
    const error: unknown = await new Promise((resolve) => socket.once("connect_error", resolve));
    expect(error).toMatchObject({ data: { code: "token_expired" } });
    socket.auth = { token: "ann" };
    socket.connect();
    await eventually(() => expect(socket.connected).toBe(true));
  });

  test("[HSK-3] a fault ends the link without a word, so that the client comes back by itself", async () => {
    const it = await open();
    const socket = it.client("fault");
    const errors: unknown[] = [];
    socket.on("connect_error", (error) => errors.push(error));
    socket.connect();
    await eventually(() => expect(socket.io.engine.readyState).toBe("closed"));
    expect(errors).toEqual([]);
    expect(await it.scrape()).toContain('mirage_rejected_total{reason="fault"} 1');
  });
});

describe("connections of a user", () => {
  test("[S36] one more than allowed is refused, also when all come at once; one that leaves makes room", async () => {
    const it = await open({ settings: { connectionsPerUser: 3 } });
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => it.connect("ann")));
    expect(results.filter((result) => result.status === "fulfilled").length).toBe(3);
    expect(await refusal(it.connect("ann"))).toEqual(["Too many connections", "connection_limit"]);
    expect((await it.connect("bob")).connected).toBe(true);
    const first = results.find((result) => result.status === "fulfilled");
    if (first?.status === "fulfilled") first.value.disconnect();
    await eventually(() =>
      expect(it.gateway.listUsers()).toContainEqual({ userId: "ann", username: "ann", connections: 2 }),
    );
    expect((await it.connect("ann")).connected).toBe(true);
  });

  test("[HSK-4] who is not let in by the features is not connected, and not reported as gone", async () => {
    const calls: string[] = [];
    const it = await open({
      observer: {
        async connected({ userId }) {
          calls.push(`connected ${userId}`);
          if (userId === "bob") throw new HandshakeError("user_banned");
        },
        disconnected: ({ userId }, isPlanned) => calls.push(`disconnected ${userId} ${isPlanned}`),
      },
    });
    expect(await refusal(it.connect("bob"))).toEqual(["Account suspended", "user_banned"]);
    const planned = await it.connect("ann");
    planned.disconnect();
    await eventually(() => expect(calls.at(-1)).toBe("disconnected ann true"));
    const lost = await it.connectRaw("carl");
    lost.socket.terminate();
    await eventually(() => expect(calls.at(-1)).toBe("disconnected carl false"));
    expect(calls.filter((call) => call.includes("bob"))).toEqual(["connected bob"]);
    expect(it.gateway.topics.connectionCount("user:bob")).toBe(0);
  });

  test("[S12] closing by predicate tells the client why and to stay away", async () => {
    const it = await open();
    const [ann, bob] = await Promise.all([it.connect("ann"), it.connect("bob", { transports: ["polling"] })]);
    const told: unknown[] = [];
    ann.on("banned", (payload) => told.push(payload));
    bob.on("banned", (payload) => told.push(payload));
    const reasons: string[] = [];
    for (const socket of [ann, bob]) socket.on("disconnect", (reason) => reasons.push(reason));
    expect(it.gateway.closeWhere(({ userId }) => userId === "ann", { name: "banned", payload: { by: "x" } })).toBe(1);
    expect(it.gateway.closeWhere(({ userId }) => userId === "bob", { name: "banned", payload: { by: "y" } })).toBe(1);
    await eventually(() => expect(reasons).toEqual(["io server disconnect", "io server disconnect"]));
    expect(told).toEqual(expect.arrayContaining([{ by: "x" }, { by: "y" }]));
    expect([...it.gateway.sessions()]).toEqual([]);
  });
});

describe("[S1] origins", () => {
  test("without a list, a page of the server's own scheme and host may connect and no other", async () => {
    const it = await open();
    const own = `http://127.0.0.1:${it.port}`;
    expect(await statuses(it, {})).toEqual([200, 101]);
    expect(await statuses(it, { origin: own })).toEqual([200, 101]);
    for (const origin of [
      "null",
      "https://evil.example",
      `https://127.0.0.1:${it.port}`,
      `http://127.0.0.1:${it.port + 1}`,
      `${own}.evil.example`,
      `http://evil.example@127.0.0.1.evil.example`,
      "file://",
      "nonsense",
    ]) {
      expect([origin, ...(await statuses(it, { origin }))]).toEqual([origin, 403, 403]);
    }
    const forged = { origin: "https://evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" };
    expect(await statuses(it, forged)).toEqual([403, 403]);
  });

  test("with a list, those on it may and the server's own may not", async () => {
    const it = await open({ settings: { corsOrigins: ["https://app.example.com", "http://localhost:3000"] } });
    expect(await statuses(it, { origin: "https://app.example.com" })).toEqual([200, 101]);
    expect(await statuses(it, { origin: "http://localhost:3000" })).toEqual([200, 101]);
    for (const origin of [
      "null",
      "https://app.example.com.evil.tld",
      "http://app.example.com",
      "https://app.example.com:8443",
      "https://evil.tld/https://app.example.com",
      it.url,
    ]) {
      expect([origin, ...(await statuses(it, { origin }))]).toEqual([origin, 403, 403]);
    }
    const answer = await fetch(`${it.url}/socket.io/?EIO=4&transport=polling`, {
      headers: { origin: "https://app.example.com" },
    });
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
  });

  test("[S7] behind a trusted proxy, the forwarded scheme, host and address count", async () => {
    const settings = { trustProxy: ["127.0.0.0/8"], connectionsPerSecond: 0.1 };
    const it = await open({ settings });
    const headers = {
      origin: "https://chat.example",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "chat.example",
    };
    expect(await statuses(it, { ...headers, "x-forwarded-for": "203.0.113.1" })).toEqual([200, 429]);
    expect(await statuses(it, { ...headers, "x-forwarded-for": "203.0.113.1, 203.0.113.2" })).toEqual([200, 429]);
    expect(await statuses(it, { ...headers, "x-forwarded-for": "203.0.113.3, 127.0.0.9" })).toEqual([200, 429]);
  });
});

describe("the entrance", () => {
  test("[S5] too many handshakes of one address are turned away before the upgrade, whatever they claim", async () => {
    const it = await open({ settings: { connectionsPerSecond: 0.2 } });
    expect(await statuses(it, { "x-forwarded-for": "203.0.113.1" })).toEqual([200, 101]);
    expect(await statuses(it, { "x-forwarded-for": "203.0.113.2" })).toEqual([429, 429]);
  });

  test("other paths and other people's upgrades are left alone", async () => {
    const it = await open();
    expect((await fetch(`${it.url}/anything`)).status).toBe(418);
    expect((await fetch(`${it.url}/socket.iox`)).status).toBe(418);
    const hot = (): Promise<number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${it.port}/_next/hmr`);
        socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
        socket.on("error", () => resolve(-1));
      });
    expect(await hot()).toBe(400);
    it.httpServer.on("upgrade", (request, socket) => {
      if (request.url === "/_next/hmr") socket.end("HTTP/1.1 426 Mine\r\nContent-Length: 0\r\n\r\n");
    });
    expect(await hot()).toBe(426);
    expect((await it.connect()).connected).toBe(true);
  });
});
