import { limits, messages, Refusal } from "@mirage/protocol";
import { eventually } from "@mirage/testing";
import { afterEach, describe, expect, test } from "vitest";
import { DatabaseError } from "../database/database.ts";
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

const never = (): Promise<never> => new Promise(() => undefined);

describe("answers", () => {
  test("[ACK-3] a reply comes with ok, a refusal with its code and whether trying again helps", async () => {
    const it = await open({
      handlers: {
        mark_read: async () => ({ seq: 7, unread: 0, mentions: 0 }),
        leave_room: () => {
          throw new Refusal("overloaded", "Busy", { retryAfterMs: 12.3 });
        },
      },
    });
    const socket = await it.connect();
    const reply = await socket.emitWithAck("mark_read", { roomId: "a", seq: 7 });
    expect(reply).toEqual({ ok: true, seq: 7, unread: 0, mentions: 0 });
    const refused = await socket.emitWithAck("leave_room", "a");
    const error = { code: "overloaded", message: "Busy", retryable: true, retryAfterMs: 13 };
    expect(refused).toEqual({ ok: false, error });
  });

  test("[ACK-3] without an acknowledgement a refusal is an event", async () => {
    const it = await open();
    const socket = await it.connect();
    const errors: unknown[] = [];
    socket.on("error", (error: unknown) => errors.push(error));
    socket.emit("join_room");
    const error = { code: "bad_request", message: messages.roomIdRequired, event: "join_room" };
    await eventually(() => expect(errors).toEqual([error]));
  });

  test("[ACK-3] a fault says nothing of its inside, and a lost database is unavailable", async () => {
    const it = await open({
      handlers: {
        chat_message: async () => {
          throw new Error("password of the database");
        },
        join_room: () => {
          throw new Error("another secret");
        },
        list_rooms: async () => {
          throw new DatabaseError("host db-7 is down", { connectionLost: true });
        },
        mark_read: async () => ({ seq: 1n }) as never,
      },
    });
    const socket = await it.connect();
    const codes: unknown[] = [];
    for (const [name, payload] of [
      ["chat_message", { roomId: "a", content: "hi" }],
      ["join_room", "a"],
      ["list_rooms", {}],
      ["mark_read", { roomId: "a", seq: 1 }],
    ] as const) {
      const { error } = (await socket.emitWithAck(name, payload)) as { error: { code: string; message: string } };
      codes.push([error.code, error.message]);
    }
    expect(codes).toEqual([
      ["internal", messages.sendFailed],
      ["internal", messages.joinFailed],
      ["unavailable", "Service unavailable"],
      ["internal", "Internal error"],
    ]);
  });

  test("[ACK-5] a command is answered once, however often its handler answers", async () => {
    const it = await open({
      handlers: {
        mark_read: async (context) => {
          context.answer({ seq: 1, unread: 0, mentions: 0 });
          context.answer({ seq: 2, unread: 0, mentions: 0 });
          throw new Error("after the answer");
        },
      },
    });
    const raw = await it.connectRaw();
    raw.socket.send('425["mark_read",{"roomId":"a","seq":1}]');
    raw.socket.send('426["nonsense"]');
    await eventually(() => expect(raw.received.length).toBe(4));
    expect(raw.received[2]).toBe('435[{"ok":true,"seq":1,"unread":0,"mentions":0}]');
    raw.socket.terminate();
  });

  test("a part that is switched off answers disabled", async () => {
    const it = await open({ isEnabled: (feature) => feature !== "chat" });
    const socket = await it.connect();
    expect(await socket.emitWithAck("list_rooms", {})).toMatchObject({ ok: false, error: { code: "disabled" } });
    expect(await socket.emitWithAck("resume", {})).toEqual({ ok: true });
  });
});

describe("input", () => {
  test("[S29] names that are no command are refused, whatever they are", async () => {
    const it = await open();
    const socket = await it.connect();
    for (const name of ["__proto__", "constructor", "toString", "error", "no_such", "x".repeat(10_000), ""]) {
      const answer = await socket.emitWithAck(name, {});
      expect(answer).toMatchObject({ ok: false, error: { code: "bad_request", message: "Unknown event" } });
    }
    const raw = await it.connectRaw();
    raw.socket.send("421[7]");
    await eventually(() => expect(raw.received[2]).toContain("Unknown event"));
    expect(await it.scrape()).toContain('mirage_events_rejected_total{event="unknown",code="bad_request"} 8');
    raw.socket.terminate();
  });

  test("[S27] [S28] [S32] nesting, prototype keys and wrong types are refused with their issues", async () => {
    const it = await open();
    const raw = await it.connectRaw();
    const payloads = [
      `${"[".repeat(30_000)}${"]".repeat(30_000)}`,
      `{"roomId":"a","content":"x","metadata":${'{"a":'.repeat(25)}1${"}".repeat(25)}}`,
      '{"roomId":"a","content":"x","__proto__":{"isAdmin":true}}',
      '{"roomId":"a\\u0000","content":"x"}',
      '{"roomId":"a","content":"\\ud800"}',
      '{"roomId":["a"],"content":{}}',
      '"text"',
      "17",
      "[]",
    ];
    for (const [index, payload] of payloads.entries()) raw.socket.send(`42${index}["chat_message",${payload}]`);
    await eventually(() => expect(raw.received.length).toBe(2 + payloads.length));
    for (const answer of raw.received.slice(2)) expect(answer).toMatch(/"code":"bad_request".*"issues":\[\{/);
    raw.socket.terminate();
  });

  test("an event of more than 64 KiB is too large, and the next one is served", async () => {
    const it = await open();
    const socket = await it.connect();
    const content = "€".repeat(limits.eventBytes / 3);
    const answer = await socket.emitWithAck("chat_message", { roomId: "a", content });
    expect(answer).toMatchObject({ ok: false, error: { code: "too_large" } });
    const tooLong = await socket.emitWithAck("chat_message", { roomId: "a", content: "x".repeat(2_001) });
    expect(tooLong).toMatchObject({ error: { code: "too_large", message: messages.tooLong } });
    expect(await socket.emitWithAck("list_rooms")).toEqual({ ok: true });
  });

  test("a missing argument counts as an empty one, and what follows the first is ignored", async () => {
    const seen: unknown[] = [];
    const it = await open({
      handlers: {
        list_rooms: (_context, payload) => void seen.push(payload),
        leave_room: (_context, payload) => void seen.push(payload),
      },
    });
    const socket = await it.connect();
    await socket.emitWithAck("list_rooms");
    await socket.emitWithAck("list_rooms", null);
    await socket.emitWithAck("leave_room", "a", "ann");
    expect(seen).toEqual([{ scope: "mine" }, { scope: "mine" }, { roomId: "a" }]);
  });
});

describe("limits", () => {
  test("[S31] the 65th unanswered request is refused, and there is room again after an answer", async () => {
    const waiting: (() => void)[] = [];
    const it = await open({
      settings: { inFlight: 64 },
      handlers: {
        mark_read: () => new Promise((resolve) => waiting.push(() => resolve({ seq: 1, unread: 0, mentions: 0 }))),
      },
    });
    const socket = await it.connect();
    const ask = (): Promise<unknown> => socket.emitWithAck("mark_read", { roomId: "a", seq: 1 });
    const first = Array.from({ length: 64 }, ask);
    expect(await ask()).toMatchObject({ ok: false, error: { code: "rate_limited", retryable: true } });
    for (const answer of waiting.splice(0)) answer();
    for (const answer of await Promise.all(first)) expect(answer).toMatchObject({ ok: true });
    const again = ask();
    await eventually(() => expect(waiting.length).toBe(1));
    waiting[0]?.();
    expect(await again).toMatchObject({ ok: true });
  });

  test("[S37] events of a connection and messages of a user are limited, and say when to come back", async () => {
    const it = await open({ settings: { eventsPerSecond: 5, chatPerMinute: 2 } });
    const [one, two] = await Promise.all([it.connect("ann"), it.connect("ann")]);
    const say = (socket: typeof one): Promise<unknown> =>
      socket.emitWithAck("chat_message", { roomId: "a", content: "x" });
    expect([await say(one), await say(two)]).toEqual([{ ok: true }, { ok: true }]);
    const refused = (await say(one)) as { error: { message: string; retryAfterMs: number } };
    expect(refused.error).toMatchObject({ code: "rate_limited", message: messages.rateLimited, retryable: true });
    expect(refused.error.retryAfterMs).toBeGreaterThan(50_000);
    const burst = await Promise.all(Array.from({ length: 20 }, () => two.emitWithAck("resume", {})));
    const answered = burst.filter((answer) => (answer as { ok: boolean }).ok);
    expect(answered.length).toBeGreaterThanOrEqual(9);
    expect(answered.length).toBeLessThanOrEqual(12);
    expect(await it.scrape()).toContain('mirage_rate_limited_total{limit="message"} 1');
  });

  test("[LIM-1] more than 100 refusals in 10 s close the connection, and limits count ten times less", async () => {
    const gone: string[] = [];
    const it = await open({
      settings: { chatPerMinute: 1 },
      observer: { disconnected: (session) => gone.push(session.userId) },
    });
    const patient = await it.connect("patient");
    for (let index = 0; index < 500; index++) patient.emit("chat_message", { roomId: "a", content: "x" });
    const rude = await it.connect("rude");
    let refusals = 0;
    rude.on("error", () => refusals++);
    const reasons: string[] = [];
    rude.on("disconnect", (reason) => reasons.push(reason));
    for (let index = 0; index < 300; index++) rude.emit("no_such");
    await eventually(() => expect(reasons).toEqual(["io server disconnect"]));
    expect(refusals).toBe(101);
    expect(gone).toEqual(["rude"]);
    expect(await patient.emitWithAck("resume", {})).toEqual({ ok: true });
  });

  test("[FAN-2] a handler that never answers delays nothing else", async () => {
    const it = await open({ handlers: { list_rooms: never } });
    const socket = await it.connect();
    socket.emit("list_rooms", {});
    expect(await socket.emitWithAck("resume", {})).toEqual({ ok: true });
  });
});
