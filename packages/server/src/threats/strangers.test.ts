import { type CommandName, commands } from "@mirage/protocol";
import { request, requestOk, signToken, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

type Answer = { ok: boolean; error?: { code: string } };

let it: TestServer;
let stranger: TestSocket;
let secret: { roomId: string; messageId: string };
const missing = {
  roomId: "01890000-0000-7000-8000-000000000000",
  messageId: "01890000-0000-7000-8000-000000000001",
};

beforeAll(async () => {
  it = await startTestServer();
  await (await it.connect("admin")).disconnect();
  const ann = await it.connect("ann");
  const { room } = await requestOk(ann, "create_room", { name: "secret", type: "private" });
  await requestOk(ann, "join_room", { roomId: room.id });
  const { message } = await requestOk(ann, "chat_message", { roomId: room.id, content: "between us" });
  secret = { roomId: room.id, messageId: message.id };
  stranger = await it.connect("mallory");
});
afterAll(() => it.close());

/** Every command about a room or a message, as somebody would call it who had the ids. */
const about: Partial<Record<CommandName, (ids: typeof secret) => unknown>> = {
  join_room: ({ roomId }) => ({ roomId }),
  leave_room: ({ roomId }) => ({ roomId }),
  chat_message: ({ roomId }) => ({ roomId, content: "hello" }),
  edit_message: ({ messageId }) => ({ messageId, content: "changed" }),
  delete_message: ({ messageId }) => ({ messageId }),
  add_reaction: ({ messageId }) => ({ messageId, emoji: "👍" }),
  remove_reaction: ({ messageId }) => ({ messageId, emoji: "👍" }),
  pin_message: ({ messageId }) => ({ messageId }),
  unpin_message: ({ messageId }) => ({ messageId }),
  get_messages: ({ roomId }) => ({ roomId }),
  search_messages: ({ roomId }) => ({ roomId, query: "between" }),
  typing_start: ({ roomId }) => ({ roomId }),
  typing_stop: ({ roomId }) => ({ roomId }),
  mark_read: ({ roomId }) => ({ roomId, seq: 1 }),
  list_members: ({ roomId }) => ({ roomId }),
  add_member: ({ roomId }) => ({ roomId, userId: "mallory" }),
  remove_member: ({ roomId }) => ({ roomId, userId: "ann" }),
  set_role: ({ roomId }) => ({ roomId, userId: "mallory", role: "owner" }),
  create_invite: ({ roomId }) => ({ roomId }),
  update_room: ({ roomId }) => ({ roomId, name: "mine" }),
  archive_room: ({ roomId }) => ({ roomId }),
  set_room_preferences: ({ roomId }) => ({ roomId, level: "all" }),
  explain_notification: ({ messageId }) => ({ messageId }),
  create_document: ({ roomId }) => ({ roomId, title: "theirs" }),
  list_documents: ({ roomId }) => ({ roomId }),
};

async function ask(socket: TestSocket, name: CommandName, input: unknown): Promise<Answer> {
  const untyped: { timeout(ms: number): { emitWithAck(event: string, input: unknown): Promise<Answer> } } = socket;
  return untyped.timeout(5_000).emitWithAck(name, input);
}

describe("[S16] [ACC-2] to a stranger a private room is one that does not exist", () => {
  test("every command that names a room or a message is tried", () => {
    const naming = (Object.keys(commands) as CommandName[]).filter((name) => {
      const { shape } = commands[name].input;
      return "roomId" in shape || "messageId" in shape;
    });
    expect(Object.keys(about).sort()).toEqual(naming.sort());
  });

  for (const [name, inputOf] of Object.entries(about) as [CommandName, (ids: typeof secret) => unknown][]) {
    test(`${name} answers alike over the socket and over REST`, async () => {
      const hidden = await ask(stranger, name, inputOf(secret));
      expect(hidden).toMatchObject({ ok: false, error: { code: "not_found" } });
      expect(hidden).toEqual(await ask(stranger, name, inputOf(missing)));
      if (commands[name].socketOnly === true) return;
      const headers = { authorization: `Bearer ${signToken({ userId: "mallory" }, it.jwtSecret)}` };
      const post = async (ids: typeof secret) => {
        const body = JSON.stringify(inputOf(ids));
        const response = await fetch(`${it.url}/api/v1/commands/${name}`, { method: "POST", headers, body });
        return [response.status, await response.json()];
      };
      const overRest = await post(secret);
      expect(overRest).toEqual([404, { error: hidden.error }]);
      expect(overRest).toEqual(await post(missing));
    });
  }

  test("resume answers removed, and a position of a room is no way in", async () => {
    const rooms = [secret, missing].map(({ roomId }) => ({ roomId, since: { epoch: "x", seq: 0 } }));
    const reply = await requestOk(stranger, "resume", { rooms });
    expect(reply.rooms).toEqual(rooms.map(({ roomId }) => ({ roomId, removed: true })));
  });

  test("[S19] a message of another room cannot be answered or attached", async () => {
    await requestOk(stranger, "join_room", { roomId: "general" });
    for (const field of [
      { replyTo: secret.messageId },
      { threadId: secret.messageId },
      { attachments: [{ fileId: "x" }] },
    ]) {
      const answer = await request(stranger, "chat_message", { roomId: "general", content: "look", ...field });
      expect([field, answer]).toMatchObject([field, { ok: false, error: { code: "not_found" } }]);
    }
  });

  test("nobody hears of it: not by listing, not by an event", async () => {
    const heard: string[] = [];
    stranger.onAny((event) => heard.push(event));
    const ann = await it.connect("ann");
    await requestOk(ann, "chat_message", { roomId: secret.roomId, content: "@mallory between us" });
    const mine = await requestOk(stranger, "list_rooms", {});
    const open = await requestOk(stranger, "list_rooms", { scope: "public" });
    expect(JSON.stringify([mine, open])).not.toContain(secret.roomId);
    expect(heard).toEqual([]);
  });
});

test("[S16] a hidden room and a missing one take about the same time", async () => {
  const median = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  const times = { hidden: [] as number[], missing: [] as number[] };
  // Each connection stays below the refusals that close it.
  for (const socket of [await it.connect("mallory"), await it.connect("mallory")]) {
    for (let round = 0; round < 40; round++) {
      for (const [kind, { roomId }] of [["hidden", secret] as const, ["missing", missing] as const]) {
        const startedMs = performance.now();
        await ask(socket, "list_members", { roomId });
        times[kind].push(performance.now() - startedMs);
      }
    }
  }
  const [hidden, none] = [median(times.hidden), median(times.missing)];
  expect(Math.abs(hidden - none)).toBeLessThan(Math.max(2, none));
});

test("[S15] fields that are the server's to fill in are ignored", async () => {
  const input = {
    name: "mine",
    role: "admin",
    id: "chosen",
    seq: 99,
    ownerId: "ann",
    isAdmin: true,
    memberCount: 1_000,
  };
  const { room } = await requestOk(stranger, "create_room", input);
  expect(room.id).not.toBe("chosen");
  expect(room.role).toBe("owner");
  const message = { roomId: room.id, content: "x", userId: "ann", username: "ann", id: "m", seq: 9, timestamp: "1970" };
  const posted = await requestOk(stranger, "chat_message", message);
  expect(posted.message).toMatchObject({ userId: "mallory", username: "mallory" });
  expect(posted.message.id).not.toBe("m");
  expect(posted.message.timestamp.startsWith("1970")).toBe(false);
});

test("[S18] positions that are none are refused, and the largest one is only too far ahead", async () => {
  for (const seq of [-1, 0.5, Number.NaN, 2 ** 53, "1", null]) {
    const answer = await ask(stranger, "join_room", { roomId: "general", since: { epoch: "e", seq } });
    expect([seq, answer]).toMatchObject([seq, { ok: false, error: { code: "bad_request" } }]);
  }
  const ahead = { epoch: "e", seq: Number.MAX_SAFE_INTEGER };
  expect(await requestOk(stranger, "join_room", { roomId: "general", since: ahead })).toMatchObject({ reset: true });
});

test("[S33] a nonce is its author's own", async () => {
  const ann = await it.connect("ann");
  const mine = { roomId: "general", content: "mine", nonce: "n-1" };
  await requestOk(ann, "join_room", { roomId: "general" });
  const first = await requestOk(ann, "chat_message", mine);
  const other = await requestOk(stranger, "chat_message", { ...mine, content: "not yours" });
  expect(other.message.id).not.toBe(first.message.id);
  expect(other.duplicate).toBeUndefined();
  expect(await request(ann, "chat_message", { ...mine, content: "another" })).toMatchObject({
    ok: false,
    error: { code: "nonce_conflict" },
  });
});

test("[S40] one connection has at most 500 rooms open", async () => {
  const rooms = Array.from({ length: 501 }, (_, index) => ({ roomId: `room-${index}`, since: null }));
  expect(await request(stranger, "resume", { rooms })).toMatchObject({ ok: false, error: { code: "bad_request" } });
});
