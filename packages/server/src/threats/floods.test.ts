import { eventually, FakeClock, request, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { afterEach, describe, expect, test } from "vitest";
import { openBystander, undisturbed } from "./bystander.ts";
import { connectRawLink } from "./raw-link.ts";

let it: TestServer;
afterEach(() => it.close());

const limited = { ok: false, error: { code: "rate_limited", message: "Rate limit exceeded", retryable: true } };

describe("[S37] messages of a user", () => {
  test("the 31st in a minute is refused, is not stored, and with its nonce is posted once later", async () => {
    const clock = new FakeClock();
    it = await startTestServer({ settings: { chatPerMinute: 30 }, clock });
    const user = { userId: "ann", username: "ann", exp: Math.floor(clock.now() / 1_000) + 3_600 };
    const [phone, laptop] = [await it.connect(user), await it.connect(user)];
    await requestOk(phone, "join_room", { roomId: "general" });
    const say = (socket: typeof phone, index: number) =>
      request(socket, "chat_message", { roomId: "general", content: `m${index}`, nonce: `n${index}` });
    for (let index = 1; index <= 30; index++) {
      expect((await say(index % 2 === 0 ? phone : laptop, index)).ok).toBe(true);
    }
    const refused = await say(phone, 31);
    expect(refused).toMatchObject(limited);
    expect(refused.ok === false && refused.error.retryAfterMs).toBeGreaterThan(0);
    expect(refused.ok === false && refused.error.retryAfterMs).toBeLessThanOrEqual(60_000);
    const body = JSON.stringify({ content: "m31", nonce: "n31" });
    const headers = { authorization: `Bearer ${it.signToken(user)}` };
    const overRest = await fetch(`${it.url}/api/v1/rooms/general/messages`, { method: "POST", headers, body });
    expect([overRest.status, Number(overRest.headers.get("retry-after")) > 0]).toEqual([429, true]);
    const texts = async () =>
      (await requestOk(laptop, "get_messages", { roomId: "general", limit: 100 })).messages.map(
        ({ content }) => content,
      );
    expect(await texts()).not.toContain("m31");

    clock.advance(60_000);
    expect(await say(phone, 31)).toMatchObject({ ok: true, message: { content: "m31" } });
    expect(await say(laptop, 31)).toMatchObject({ ok: true, duplicate: true });
    expect((await texts()).filter((text) => text === "m31").length).toBe(1);
  });

  test("[ACK-2] a repeat and a refusal leave the messages of the minute to the person, a moderated one does not", async () => {
    const clock = new FakeClock();
    it = await startTestServer({ settings: { chatPerMinute: 3 }, clock });
    const user = { userId: "ann", username: "ann", exp: Math.floor(clock.now() / 1_000) + 3_600 };
    const [bob, ann] = [await it.connect("bob"), await it.connect(user)];
    const { room } = await requestOk(bob, "create_room", { name: "not yours", type: "public" });
    await requestOk(ann, "join_room", { roomId: "general" });
    const say = (content: string, roomId = "general") =>
      request(ann, "chat_message", { roomId, content, nonce: `of ${content}` });
    expect(await say("one")).toMatchObject({ ok: true });
    const body = JSON.stringify({ content: "one", nonce: "of one" });
    const headers = { authorization: `Bearer ${it.signToken(user)}` };
    for (let index = 0; index < 5; index++) {
      expect(await say("one")).toMatchObject({ ok: true, duplicate: true });
      expect(await say("x", room.id)).toMatchObject({ ok: false, error: { code: "forbidden" } });
      expect((await fetch(`${it.url}/api/v1/rooms/general/messages`, { method: "POST", headers, body })).status).toBe(
        200,
      );
      const forbidden = await fetch(`${it.url}/api/v1/rooms/${room.id}/messages`, { method: "POST", headers, body });
      expect(forbidden.status).toBe(403);
    }
    expect(await say("what the fuck")).toMatchObject({ ok: false, error: { code: "moderated" } });
    expect(await say("two")).toMatchObject({ ok: true });
    expect(await say("three")).toMatchObject(limited);
  });

  test("without an acknowledgement the refusal is an event", async () => {
    it = await startTestServer({ settings: { chatPerMinute: 1 } });
    const ann = await it.connect("ann");
    await requestOk(ann, "join_room", { roomId: "general" });
    const errors: unknown[] = [];
    ann.on("error", (error) => errors.push(error));
    ann.emit("chat_message", { roomId: "general", content: "one" });
    ann.emit("chat_message", { roomId: "general", content: "two" });
    await eventually(() => expect(errors.length).toBe(1));
    expect(errors[0]).toMatchObject({ code: "rate_limited", message: "Rate limit exceeded", event: "chat_message" });
    expect(errors[0]).toHaveProperty("retryAfterMs");
  });
});

test("[S37] [S38] events of a connection beyond the rate are refused at once, and others wait for nothing", async () => {
  it = await startTestServer({ settings: { eventsPerSecond: 50 } });
  const bystander = await openBystander(it, "bob");
  const mallory = await it.connect("mallory");
  const flood = Array.from({ length: 400 }, () => request(mallory, "list_rooms", {}));
  const codes = (await Promise.all(flood)).map((answer) => (answer.ok ? "ok" : answer.error.code));
  expect(codes.slice(0, 100)).toEqual(Array(100).fill("ok"));
  expect(codes.slice(100).filter((code) => code === "rate_limited").length).toBeGreaterThan(200);
  expect(mallory.connected).toBe(true);
  expect(await bystander.leave()).toEqual(undisturbed);
});

test("[S31] ten thousand requests whose answers nobody reads are refused beyond 64, and the link ends", async () => {
  it = await startTestServer({ settings: { inFlight: 64 } });
  const bystander = await openBystander(it, "bob");
  const token = it.signToken({ userId: "mallory", username: "mallory" });
  const link = await connectRawLink(it.port, token);
  await link.flood(10_000, (index) => `2${index}["list_rooms",{}]`);
  await eventually(() => link.isClosed());
  const refused = link.received.filter((text) => text.includes('"rate_limited"')).length;
  expect(refused).toBeGreaterThan(900);
  expect(await bystander.leave()).toEqual(undisturbed);
});

test("[LIM-1] the 101st refusal in ten seconds ends the connection, and nobody else's", async () => {
  it = await startTestServer();
  const [mallory, ann] = [await it.connect("mallory"), await it.connect("ann")];
  const untyped = mallory as unknown as { emit(event: string, input: unknown): void };
  const reasons: string[] = [];
  mallory.on("disconnect", (reason) => reasons.push(reason));
  for (let index = 0; index < 100; index++) untyped.emit("no_such_event", {});
  await requestOk(mallory, "list_rooms", {});
  untyped.emit("no_such_event", {});
  await eventually(() => expect(reasons).toEqual(["io server disconnect"]));
  expect(ann.connected).toBe(true);
});

test("[S39] one who joins and leaves a thousand times is held back, and the room is not told each time", async () => {
  it = await startTestServer({ settings: { eventsPerSecond: 50 } });
  const ann = await it.connect("ann");
  await requestOk(ann, "join_room", { roomId: "general" });
  const heard: string[] = [];
  ann.on("user_joined_room", ({ userId }) => heard.push(userId));
  const mallory = await it.connect("mallory");
  const churn = Array.from({ length: 500 }, (_, index) =>
    index % 2 === 0
      ? request(mallory, "join_room", { roomId: "general" })
      : request(mallory, "leave_room", { roomId: "general" }),
  );
  const answers = await Promise.all(churn);
  expect(answers.filter((answer) => !answer.ok).length).toBeGreaterThan(300);
  expect(heard.length).toBeLessThanOrEqual(60);
});
