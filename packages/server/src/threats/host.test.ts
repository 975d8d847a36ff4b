import { randomBytes } from "node:crypto";
import { createServer as createHttpServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  connect,
  createTestStorage,
  eventually,
  requestOk,
  startTestServer,
  type TestServer,
  type TestStorage,
} from "@mirage/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createServer, type RunningServer } from "../index.ts";

const jwtSecret = randomBytes(32).toString("hex");
const limits = { eventsPerSecond: 0, connectionsPerSecond: 0, drainWindowMs: 0, logLevel: "silent" };

describe("[HOST-1] on a server of the host's own", () => {
  let host: Server;
  let storage: TestStorage;
  let mirage: RunningServer;
  let url: string;

  beforeAll(async () => {
    host = createHttpServer((request, response) => {
      response.setHeader("x-host", "yes");
      response.end(`host ${request.url}`);
    });
    storage = await createTestStorage();
    const { dataDir, databaseUrl } = storage;
    mirage = await createServer({ httpServer: host, settings: { ...limits, jwtSecret, dataDir, databaseUrl } });
    expect(mirage.port).toBe(0);
    await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await mirage.close();
    host.close();
    await storage.remove();
  });

  const text = async (path: string) => (await fetch(`${url}${path}`)).text();

  test("its routes still work, ours beside them", async () => {
    expect(mirage.port).toBe((host.address() as AddressInfo).port);
    expect(await text("/")).toBe("host /");
    expect(await text("/api/mine?x=1")).toBe("host /api/mine?x=1");
    expect(await text("/socket.iox")).toBe("host /socket.iox");
    const health = await fetch(`${url}/healthz`);
    expect([health.status, health.headers.get("x-host")]).toEqual([200, null]);
  });

  test("sockets work over both transports, and the host reaches their rooms", async () => {
    const heard: unknown[] = [];
    const sockets = [];
    for (const transports of [["websocket"], ["polling"]]) {
      const socket = await connect({ url, jwtSecret }, "ann", { transports });
      const untyped: { on(event: string, listener: (data: unknown) => void): void } = socket;
      untyped.on("deploy_finished", (data) => heard.push(data));
      await requestOk(socket, "join_room", { roomId: "general" });
      sockets.push(socket);
    }
    const elsewhere = await connect({ url, jwtSecret }, "bob");
    elsewhere.onAny((event) => heard.push(event));
    mirage.broadcastToRoom("general", "deploy_finished", { version: "1.2.3" });
    await eventually(() => expect(heard).toEqual([{ version: "1.2.3" }, { version: "1.2.3" }]));
    expect(mirage.getConnectedUsers()).toEqual([
      { userId: "ann", username: "ann", connections: 2 },
      { userId: "bob", username: "bob", connections: 1 },
    ]);
    for (const socket of [...sockets, elsewhere]) socket.disconnect();
    await eventually(() => expect(mirage.getConnectedUsers()).toEqual([]));
  });

  test("closing lets go of the server, which goes on as it was", async () => {
    const socket = await connect({ url, jwtSecret }, "ann");
    const draining: unknown[] = [];
    socket.on("server_draining", (notice) => draining.push(notice));
    const left = new Promise((resolve) => socket.once("disconnect", resolve));
    await mirage.close();
    await mirage.close();
    expect(await left).toBe("transport close");
    expect(draining).toEqual([{ reconnectInMs: 0 }]);
    expect(host.listening).toBe(true);
    expect(await text("/")).toBe("host /");
    expect(await text("/healthz")).toBe("host /healthz");
    expect(await text("/socket.io/?EIO=4&transport=polling")).toBe("host /socket.io/?EIO=4&transport=polling");
    expect(host.listenerCount("upgrade")).toBe(0);
    expect(host.listenerCount("request")).toBe(1);
  });
});

describe("[HOST-2] two servers in one process", () => {
  let servers: TestServer[];
  beforeAll(async () => {
    servers = [await startTestServer(), await startTestServer()];
  });
  afterAll(async () => {
    for (const server of servers) await server.close();
  });

  test("know nothing of each other", async () => {
    const [first, second] = servers;
    if (first === undefined || second === undefined) throw new Error("both were started");
    const [ann, bob] = [await first.connect("ann"), await second.connect("bob")];
    for (const socket of [ann, bob]) await requestOk(socket, "join_room", { roomId: "general" });
    const heard: string[] = [];
    bob.onAny((event) => heard.push(event));
    await requestOk(ann, "chat_message", { roomId: "general", content: "hello" });
    expect((await requestOk(bob, "get_messages", { roomId: "general" })).messages).toEqual([]);
    expect(heard).toEqual([]);
    expect(first.running.getConnectedUsers().map(({ userId }) => userId)).toEqual(["ann"]);
    await expect(connect({ url: second.url, jwtSecret: first.jwtSecret }, "ann")).rejects.toThrow(
      "Authentication failed",
    );
    for (const { url } of servers) {
      expect(await (await fetch(`${url}/metrics`)).text()).toContain("mirage_connections_accepted_total");
    }
  });

  test("a port in use is said, and the data directory is free again", async () => {
    const storage = await createTestStorage();
    const settings = { ...limits, host: "127.0.0.1", dataDir: storage.dataDir, databaseUrl: storage.databaseUrl };
    const taken = createServer({ settings: { ...settings, port: servers[0]?.port ?? 0 } });
    await expect(taken).rejects.toThrow("EADDRINUSE");
    const again = await createServer({ settings: { ...settings, port: 0 } });
    await again.close();
    await storage.remove();
  });
});

test("[S58] an upgrade of any other address is refused where nobody else takes it", async () => {
  const it = await startTestServer();
  for (const path of ["/", "/_next/webpack-hmr", "//evil.tld/socket.io/", "/socket.io.evil/"]) {
    const socket = new WebSocket(`ws://127.0.0.1:${it.port}${path}`);
    const status = await new Promise((resolve) => {
      socket.once("unexpected-response", (_, response) => resolve(response.statusCode));
      socket.once("open", () => resolve(101));
      socket.once("error", (error) => resolve(error.message));
    });
    expect([path, status]).toEqual([path, 400]);
  }
  await it.close();
});
