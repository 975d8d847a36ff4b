import { FakeClock } from "@mirage/testing/fake-clock";
import { describe, expect, it } from "vitest";
import { createRealtime } from "./create-realtime.ts";
import { RealtimeError } from "./lib/error.ts";
import { FakeServer, tokenOf } from "./testing/fake-server.ts";
import { pass, startClient } from "./testing/test-client.ts";

describe("client", () => {
  it("[CON-5] says what state the connection is in, who is connected and when it tries again", async () => {
    const server = new FakeServer();
    const client = await startClient(server, "ann", { random: () => 0.5 });
    const { connection } = client.realtime;
    const user = { userId: "ann", username: "ANN" };
    expect(connection.get()).toEqual({ status: "online", everConnected: true, user });
    await pass(client, server, 6_000);
    server.refusal = { message: "unreachable" };
    server.cut();
    const retryAt = client.clock.now() + 250;
    expect(connection.get()).toEqual({ status: "waiting", everConnected: true, user, retryAt });
    expect(connection.get()).toBe(connection.get());
    server.refusal = undefined;
    client.realtime.reconnectNow();
    await server.settle();
    expect(connection.get().status).toBe("online");
    client.realtime.close();
    expect(connection.get().status).toBe("closed");
  });

  it("[CON-2] stops where the token is refused, is of someone else, or where there is none to be had", async () => {
    const server = new FakeServer();
    server.refusal = { code: "user_banned", message: "Account suspended" };
    const banned = await startClient(server, "ann");
    expect(banned.realtime.connection.get()).toMatchObject({ status: "refused", reason: "user_banned" });
    const other = await startClient(server, "ann", { userId: "bob" });
    expect(other.realtime.connection.get()).toMatchObject({ status: "refused", reason: "user_changed" });
    const signedOut = await startClient(server, "ann", {
      getToken: () => Promise.reject(new RealtimeError("unauthenticated", "Signed out")),
    });
    expect(signedOut.realtime.connection.get()).toMatchObject({ status: "refused", reason: "unauthenticated" });
    const unlucky = await startClient(server, "ann", { getToken: () => Promise.reject(new Error("no network")) });
    expect(unlucky.realtime.connection.get()).toMatchObject({ status: "waiting" });
  });

  it("[CON-6] a token is renewed before it expires, without a new connection", async () => {
    const server = new FakeServer();
    let tokenCount = 0;
    const getToken = async () => {
      tokenCount += 1;
      return tokenOf("ann");
    };
    const client = await startClient(server, "ann", { getToken });
    server.intercept = ({ name }) =>
      name === "auth_refresh" && tokenCount < 3
        ? { code: "unavailable", message: "Try again", retryable: true }
        : undefined;
    server.signal("auth_expiring", { expiresAt: "" });
    await pass(client, server, 11_000);
    expect([server.countCalls("auth_refresh"), tokenCount, server.links.size]).toEqual([2, 3, 1]);
  });

  it("[CON-7] a request waits for a connection, and always ends: by answer, refusal, loss, time or close", async () => {
    const server = new FakeServer();
    const clock = new FakeClock();
    const realtime = createRealtime({
      transport: server.transport,
      getToken: async () => tokenOf("ann"),
      storage: "memory",
      autoConnect: false,
      clock,
    });
    const outcome = (asked: Promise<unknown>) => asked.catch((error: RealtimeError) => [error.code, error.retryable]);
    const early = realtime.request("leave_room", { roomId: "r" });
    realtime.connect();
    await server.settle();
    expect(await early).toEqual({ ok: true });

    server.intercept = () => ({ code: "muted", message: "Muted", retryable: false });
    const refused = outcome(realtime.request("leave_room", { roomId: "r" }));
    await server.settle();
    expect(await refused).toEqual(["muted", false]);

    server.intercept = () => "lose";
    const late = outcome(realtime.request("leave_room", { roomId: "r" }));
    clock.advance(10_000);
    expect(await late).toEqual(["timeout", true]);

    const lost = outcome(realtime.request("leave_room", { roomId: "r" }));
    server.cut();
    expect(await lost).toEqual(["disconnected", true]);

    const closed = outcome(realtime.request("leave_room", { roomId: "r" }));
    realtime.close();
    expect(await closed).toEqual(["closed", false]);
    expect(clock.timerCount).toBe(0);
  });

  it("[CON-8] listeners hear each event after the client has applied it, until they unsubscribe", async () => {
    const server = new FakeServer();
    server.addRoom("general", "ann");
    const { realtime } = await startClient(server, "ann");
    const heard: unknown[] = [];
    const stop = realtime.on("chat_message", ({ content }) => {
      heard.push([content, realtime.rooms.get().rooms[0]?.lastMessage?.content]);
    });
    server.post("general", "bob", { content: "one" });
    await server.settle();
    stop();
    server.post("general", "bob", { content: "two" });
    await server.settle();
    expect(heard).toEqual([["one", "one"]]);
  });

  it("[DRN-1] a draining server is left at the time it named", async () => {
    const server = new FakeServer();
    const client = await startClient(server, "ann");
    const [before] = server.links;
    server.signal("server_draining", { reconnectInMs: 3_000 });
    await pass(client, server, 2_000);
    expect([...server.links]).toEqual([before]);
    await pass(client, server, 1_500);
    expect(server.links.size).toBe(1);
    expect([...server.links][0]).not.toBe(before);
    expect(client.realtime.connection.get().status).toBe("online");
  });
});
