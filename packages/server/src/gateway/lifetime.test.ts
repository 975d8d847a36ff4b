import type { IncomingMessage, Server } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { eventually, FakeClock } from "@mirage/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Connection } from "./connection.ts";
import { openTestGateway, type TestGateway } from "./open-test-gateway.ts";
import { isSlowConsumer } from "./slow-consumer.ts";

let clock: FakeClock;
let it: TestGateway;
let gone: string[];
beforeEach(async () => {
  clock = new FakeClock();
  gone = [];
  it = await openTestGateway({ clock, observer: { disconnected: (session) => gone.push(session.userId) } });
});
afterEach(() => it.close());

describe("[S11] tokens that end", () => {
  test("are announced a minute ahead and end the connection", async () => {
    const expiresAt = clock.now() + 100_000;
    const socket = await it.connect(`ann@${expiresAt}`);
    const lasting = await it.connect("bob");
    const events: string[] = [];
    socket.onAny((event: string, payload: { expiresAt?: string }) =>
      events.push(`${event} ${payload.expiresAt ?? ""}`),
    );
    const reasons: string[] = [];
    socket.on("disconnect", (reason) => reasons.push(reason));
    clock.advance(39_000);
    expect(await socket.emitWithAck("resume", {})).toEqual({ ok: true });
    expect(events).toEqual([]);
    clock.advance(2_000);
    await eventually(() => expect(events).toEqual([`auth_expiring ${new Date(expiresAt).toISOString()}`]));
    clock.advance(57_000);
    expect(await socket.emitWithAck("resume", {})).toEqual({ ok: true });
    clock.advance(2_000);
    await eventually(() => expect(reasons).toEqual(["io server disconnect"]));
    expect(events.at(-1)).toBe("auth_expired ");
    expect(await lasting.emitWithAck("resume", {})).toEqual({ ok: true });
  });

  test("are replaced by a newer one of the same user only", async () => {
    const socket = await it.connect(`ann@${clock.now() + 61_000}`);
    const later = clock.now() + 500_000;
    const refused = await socket.emitWithAck("auth_refresh", { token: `bob@${later}` });
    expect(refused).toMatchObject({ ok: false, error: { code: "unauthenticated", message: "Authentication failed" } });
    expect(refused.error.issues).toEqual([{ path: "token", message: "other_user" }]);
    for (const reason of ["token_expired", "token_invalid", "user_banned"]) {
      const { error } = await socket.emitWithAck("auth_refresh", { token: reason });
      expect([error.code, error.issues]).toEqual(["unauthenticated", [{ path: "token", message: reason }]]);
    }
    const answer = await socket.emitWithAck("auth_refresh", { token: `ann@${later}` });
    expect(answer).toEqual({ ok: true, expiresAt: new Date(later).toISOString() });
    clock.advance(300_000);
    expect(await socket.emitWithAck("resume", {})).toEqual({ ok: true });
    clock.advance(200_000);
    await eventually(() => expect(gone).toEqual(["ann"]));
  });
});

describe("[DRN-1] draining", () => {
  test("tells everyone when to come back, spread over the window, and lets them go at that time", async () => {
    const sockets = await Promise.all(["a", "b", "c", "d"].map((name) => it.connect(name)));
    const told: number[] = [];
    const reasons: string[] = [];
    for (const socket of sockets) {
      socket.on("server_draining", ({ reconnectInMs }: { reconnectInMs: number }) => told.push(reconnectInMs));
      socket.on("disconnect", (reason) => reasons.push(reason));
    }
    const drained = it.gateway.drain(4_000);
    await eventually(() => expect(told.sort()).toEqual([1_000, 2_000, 3_000, 4_000]));
    expect((await fetch(`${it.url}/socket.io/?EIO=4&transport=polling`)).status).toBe(503);
    clock.advance(2_100);
    await eventually(() => expect(reasons).toEqual(["transport close", "transport close"]));
    expect(it.gateway.listUsers().length).toBe(2);
    clock.advance(2_000);
    await drained;
    await eventually(() => expect(reasons.length).toBe(4));
    expect(gone.length).toBe(4);
  });

  test("[DRN-2] answers what is under way before it closes a link, and takes nothing new when its time has come", async () => {
    const { promise: committed, resolve: commit } = Promise.withResolvers<undefined>();
    await it.close();
    it = await openTestGateway({ clock, handlers: { resume: () => committed } });
    const socket = await it.connect();
    const answers: string[] = [];
    const ask = async (name: string): Promise<void> => {
      const { error } = await socket.emitWithAck(name, {});
      answers.push(error ? `${name} ${error.code}` : name);
    };
    const isAsked = ask("resume");
    await ask("list_rooms");
    const drained = it.gateway.drain(200);
    clock.advance(1_000);
    await ask("get_preferences");
    expect(answers).toEqual(["list_rooms", "get_preferences unavailable"]);
    commit(undefined);
    await isAsked;
    clock.advance(100);
    await drained;
    await eventually(() => expect(socket.connected).toBe(false));
    expect(answers.at(-1)).toBe("resume");
  });

  test("[DRN-2] waits for no answer for ever", async () => {
    await it.close();
    it = await openTestGateway({ clock, handlers: { resume: () => new Promise(() => undefined) } });
    const socket = await it.connect();
    socket.emit("resume", {});
    await socket.emitWithAck("list_rooms", {});
    const drained = it.gateway.drain(200);
    clock.advance(5_100);
    expect(socket.connected).toBe(true);
    clock.advance(200);
    await drained;
    await eventually(() => expect(socket.connected).toBe(false));
  });

  test("is over at once where nobody is connected", async () => {
    await it.gateway.drain(60_000);
  });

  test("after closing, nothing of the gateway is left on the clock or on the HTTP server", async () => {
    await it.connect();
    await it.gateway.close();
    expect(clock.timerCount).toBe(0);
    expect(it.httpServer.listenerCount("upgrade")).toBe(0);
    expect((await fetch(`${it.url}/socket.io/?EIO=4&transport=polling`)).status).toBe(418);
  });
});

describe("[FAN-2] slow readers", () => {
  const kib = 1_024;
  function judge(steps: [queuedKib: number, sentKib: number][]): boolean[] {
    const outlet = { queuedBytes: 0, sentBytes: 0 };
    const connection = { outlet, behindSince: undefined } as unknown as Connection;
    return steps.map(([queuedKib, sentKib], second) => {
      Object.assign(outlet, { queuedBytes: queuedKib * kib, sentBytes: sentKib * kib });
      return isSlowConsumer(connection, 100 * kib, second * 1_000);
    });
  }
  const repeat = (count: number, step: (index: number) => [number, number]) =>
    Array.from({ length: count }, (_, n) => step(n));

  test("one that takes nothing for ten seconds above the bound is slow", () => {
    expect(judge(repeat(11, () => [101, 5]))).toEqual([...Array(10).fill(false), true]);
  });

  test("one that goes on taking is not, nor one that comes below the bound in between", () => {
    expect(judge(repeat(40, (n) => [101, n * 7]))).not.toContain(true);
    expect(judge(repeat(40, (n) => [n % 9 === 0 ? 99 : 101, 0]))).not.toContain(true);
    expect(judge(repeat(40, (n) => [101, n * 6]))).toContain(true);
  });

  test("one that is stuck is cut after ten seconds, and the others go on", async () => {
    const stuck = await it.connectRaw("stuck");
    const quick = await it.connect("quick");
    stuck.socket.pause();
    const filler = "x".repeat(200_000);
    await eventually(
      () => {
        it.gateway.broadcast("user:stuck", "filler", filler);
        return [...it.gateway.topics.connections()].some(({ outlet }) => outlet.queuedBytes > 1_200_000);
      },
      { intervalMs: 1 },
    );
    clock.advance(9_000);
    expect(gone).toEqual([]);
    clock.advance(3_000);
    expect(gone).toEqual(["stuck"]);
    expect(await quick.emitWithAck("resume", {})).toEqual({ ok: true });
    stuck.socket.terminate();
  });
});

describe("[OPS-4] a connection's request", () => {
  const requests: WeakRef<IncomingMessage>[] = [];
  const remember = (request: IncomingMessage): void => void requests.push(new WeakRef(request));
  const watch = (server: Server): unknown => server.prependListener("upgrade", remember);
  const isGone = (): boolean => requests.every((request) => request.deref() === undefined);

  test("is let go of as soon as it has been answered, with limits and without", async () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const limited = await openTestGateway({ settings: { connectionsPerSecond: 100 } });
    watch(it.httpServer);
    watch(limited.httpServer);
    const sockets = await Promise.all([it.connect("ann"), it.connect("bob"), limited.connect("cid")]);
    expect(requests).toHaveLength(3);
    // What came last is still known to the parser of HTTP, until something else comes.
    await eventually(async () => {
      await fetch(it.url);
      await fetch(limited.url);
      collect();
      expect(isGone()).toBe(true);
    });
    expect(sockets.every((socket) => socket.connected)).toBe(true);
    await limited.close();
  });
});
