import { eventually } from "@mirage/testing";
import type { Socket } from "socket.io-client";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
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

const topic = "room:a" as const;

/** Attaches every connection there is to the room. */
function attachAll({ gateway }: TestGateway): string[] {
  const ids = [...gateway.sessions()].map((session) => session.connectionId);
  for (const id of ids) gateway.topics.attach(id, topic);
  return ids;
}

function collect(socket: Socket, event = "n"): number[] {
  const numbers: number[] = [];
  socket.on(event, (payload: { n: number }) => numbers.push(payload.n));
  return numbers;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("order", () => {
  for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
    test(`[FAN-4] what goes to one connection arrives in the order of the calls, over ${transports.join(" then ")}`, async () => {
      const it = await open({
        handlers: {
          typing_start(context) {
            const { topics } = it.gateway;
            const id = context.session.connectionId;
            it.gateway.broadcast(topic, "step", { n: 1 });
            topics.send(id, "auth_expiring", { expiresAt: "2" });
            it.gateway.broadcast(`user:${context.session.userId}`, "step", { n: 3 });
            context.answer({});
            topics.send(id, "auth_expiring", { expiresAt: "5" });
            it.gateway.broadcast(topic, "step", { n: 6 });
            return undefined;
          },
        },
      });
      const socket = await it.connect("ann", { transports });
      attachAll(it);
      const steps: unknown[] = [];
      socket.on("step", ({ n }: { n: number }) => steps.push(n));
      socket.on("auth_expiring", ({ expiresAt }: { expiresAt: string }) => steps.push(Number(expiresAt)));
      for (let round = 0; round < 20; round++) {
        steps.length = 0;
        socket.emit("typing_start", { roomId: "a" }, () => steps.push(4));
        await eventually(() => expect(steps).toEqual([1, 2, 3, 4, 5, 6]));
      }
    });
  }

  test("[FAN-1] a connection that upgrades in mid-stream misses nothing, sees nothing twice and nothing early", async () => {
    const it = await open();
    const sockets = await Promise.all(
      upTo(8).map((n) => it.connect(`user${n}`, { transports: ["polling", "websocket"] })),
    );
    attachAll(it);
    const seen = sockets.map((socket) => collect(socket));
    let sent = 0;
    await eventually(
      () => {
        for (let burst = 0; burst < 5; burst++) it.gateway.broadcast(topic, "n", { n: sent++ });
        return sent > 300 && sockets.every((socket) => socket.io.engine.transport.name === "websocket");
      },
      { intervalMs: 1, timeoutMs: 10_000 },
    );
    for (let last = 0; last < 50; last++) it.gateway.broadcast(topic, "n", { n: sent++ });
    for (const numbers of seen) await eventually(() => expect(numbers).toEqual(upTo(sent)));
  });

  test("[FAN-4] nothing of a connection's topics comes before it was told that it is connected", async () => {
    const it = await open({
      observer: {
        async connected(session) {
          it.gateway.topics.publish(`user:${session.userId}`, "auth_expired", "{}");
          await new Promise((resolve) => setImmediate(resolve));
        },
      },
    });
    const raw = await it.connectRaw();
    await eventually(() => expect(raw.received[2]).toBe('42["auth_expired",{}]'));
    expect(raw.received[1]).toMatch(/^40/);
    raw.socket.terminate();
  });
});

describe("coalescing", () => {
  test("[FAN-5] what gathers in one tick leaves in one write", async () => {
    const it = await open();
    const raw = await it.connectRaw();
    attachAll(it);
    const chunks: Buffer[] = [];
    const tcp: unknown = Reflect.get(raw.socket, "_socket");
    (tcp as NodeJS.ReadableStream).on("data", (chunk: Buffer) => chunks.push(chunk));
    for (const n of upTo(20)) it.gateway.broadcast(topic, "n", { n });
    await eventually(() => expect(raw.received.length).toBe(22));
    expect(chunks.length).toBe(1);
    raw.socket.terminate();
  });

  test("[FAN-5] frames of every size of header arrive whole", async () => {
    const it = await open();
    const socket = await it.connect();
    attachAll(it);
    const texts = [1, 90, 130, 65_000, 66_000, 300_000].map((length) => "ä€😀x".repeat(length / 4 + 1));
    const seen: string[] = [];
    socket.on("text", (text: string) => seen.push(text));
    for (const text of texts) it.gateway.broadcast(topic, "text", text);
    await eventually(() => expect(seen).toEqual(texts));
  });

  test("[FAN-1] many rooms, many connections and answers in between keep each connection's order", async () => {
    const it = await open({ handlers: { typing_stop: () => ({}) } });
    const sockets = await Promise.all(upTo(12).map((n) => it.connect(`user${n}`)));
    const sessions = [...it.gateway.sessions()];
    const rooms = upTo(4).map((room) => `room:${room}` as const);
    sessions.forEach(({ connectionId }, index) => {
      for (const [at, room] of rooms.entries()) if ((index + at) % 3 > 0) it.gateway.topics.attach(connectionId, room);
    });
    const seen = sockets.map((socket) => rooms.map((room) => collect(socket, room)));
    for (const n of upTo(200)) {
      for (const room of rooms) it.gateway.broadcast(room, room, { n });
      sockets[n % sockets.length]?.emit("typing_stop", { roomId: "a" });
    }
    for (const [index, bySocket] of seen.entries()) {
      for (const [at, numbers] of bySocket.entries()) {
        const isListening = (index + at) % 3 > 0;
        await eventually(() => expect(numbers).toEqual(isListening ? upTo(200) : []));
      }
    }
  });
});

describe("readers that do not read", () => {
  test("[FAN-3] a connection that is behind gets the newest signal of each subject when it has caught up, the others get all", async () => {
    const it = await open({ settings: { slowConsumerBytes: 100 * 1024 * 1024 } });
    const stuck = await it.connectRaw("stuck");
    const socket = await it.connect("quick");
    const quick: string[] = [];
    socket.on("typing_start", ({ username }: { username: string }) => quick.push(username));
    attachAll(it);
    const say = (userId: string, username: string) =>
      it.gateway.topics.signal(topic, "typing_start", {
        payload: { roomId: "a", userId, username },
        subject: `typing ${userId}`,
      });
    stuck.socket.pause();
    const filler = "x".repeat(400_000);
    let count = 0;
    await eventually(async () => {
      it.gateway.broadcast("user:stuck", "filler", filler);
      say("bob", `bob ${++count}`);
      expect(await it.scrape()).toMatch(/mirage_volatile_dropped_total [1-9]/);
    });
    say("cat", "cat 1");
    await eventually(() => expect(quick.at(-1)).toBe("cat 1"));
    expect(quick).toHaveLength(count + 1);
    stuck.socket.resume();
    const told = () => stuck.received.filter((text) => text.includes("typing_start"));
    await eventually(() => expect(told().at(-1)).toContain("cat 1"));
    expect(told().at(-2)).toContain(`bob ${count}"`);
    expect(told().length).toBeLessThan(count + 1);
    stuck.socket.terminate();
  });

  test("[FAN-3] [ACC-1] what waits for a connection that is behind does not come once it has left the topic", async () => {
    const it = await open({ settings: { slowConsumerBytes: 100 * 1024 * 1024 } });
    const stuck = await it.connectRaw("stuck");
    const [id = ""] = attachAll(it);
    const say = (userId: string) =>
      it.gateway.topics.signal(topic, "typing_start", {
        payload: { roomId: "a", userId, username: userId },
        subject: `typing ${userId}`,
      });
    stuck.socket.pause();
    await eventually(async () => {
      it.gateway.broadcast("user:stuck", "filler", "x".repeat(400_000));
      say("early");
      expect(await it.scrape()).toMatch(/mirage_volatile_dropped_total [1-9]/);
    });
    say("late");
    it.gateway.topics.detach(id, topic);
    stuck.socket.resume();
    it.gateway.broadcast("user:stuck", "end", {});
    await eventually(() => expect(stuck.received.at(-1)).toContain('"end"'));
    expect(stuck.received.filter((text) => text.includes('"late"'))).toEqual([]);
    stuck.socket.terminate();
  });

  test("[FAN-3] a signal leaves out every connection of the one it is about", async () => {
    const it = await open();
    const [own, other] = await Promise.all([it.connect("ann"), it.connect("bob")]);
    attachAll(it);
    const seen: string[] = [];
    own.on("typing_start", () => seen.push("ann"));
    other.on("typing_start", () => seen.push("bob"));
    it.gateway.topics.signal(topic, "typing_start", {
      payload: { roomId: "a", userId: "ann", username: "ann" },
      subject: "typing ann",
      exceptUserId: "ann",
    });
    it.gateway.broadcast(topic, "end", {});
    await new Promise((resolve) => own.once("end", resolve));
    await eventually(() => expect(seen).toEqual(["bob"]));
  });

  test("[FAN-2] a reader four times past the bound is cut at once, and nobody else notices", async () => {
    const gone: string[] = [];
    const it = await open({
      settings: { slowConsumerBytes: 256 * 1024 },
      observer: { disconnected: (session) => gone.push(session.userId) },
    });
    const stuck = await it.connectRaw("stuck");
    const numbers = collect(await it.connect("quick"));
    attachAll(it);
    stuck.socket.pause();
    let sent = 0;
    await eventually(
      async () => {
        for (let index = 0; index < 20; index++)
          it.gateway.broadcast(topic, "n", { n: sent++, filler: "x".repeat(20_000) });
        await eventually(() => expect(numbers).toHaveLength(sent));
        return gone.length > 0;
      },
      { intervalMs: 1 },
    );
    expect(gone).toEqual(["stuck"]);
    expect(await it.scrape()).toContain("mirage_slow_consumer_disconnects_total 1");
    await eventually(() => expect(numbers).toEqual(upTo(sent)));
    stuck.socket.resume();
    await eventually(() => expect(stuck.socket.readyState).toBe(WebSocket.CLOSED));
  });

  test("[FAN-2] one that polls and never asks is cut the same way", async () => {
    const gone: string[] = [];
    const it = await open({
      settings: { slowConsumerBytes: 64 * 1024 },
      observer: { disconnected: (session) => gone.push(session.userId) },
    });
    const address = `${it.url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(address)).text()).slice(1)) as { sid: string };
    await fetch(`${address}&sid=${sid}`, { method: "POST", body: '40{"token":"mute"}' });
    await eventually(() => expect(it.gateway.topics.connectionCount("user:mute")).toBe(1));
    for (let index = 0; index < 30; index++) it.gateway.broadcast("user:mute", "filler", "x".repeat(10_000));
    await eventually(() => expect(gone).toEqual(["mute"]));
    expect((await fetch(`${address}&sid=${sid}`)).status).toBe(400);
  });
});
