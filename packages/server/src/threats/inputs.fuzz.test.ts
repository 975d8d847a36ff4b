import { type CommandName, commands, commonErrors } from "@mirage/protocol";
import { requestOk, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const names = Object.keys(commands) as CommandName[];
/** Below the refusals that close a connection. */
const triesPerConnection = 90;
const tries = Number(process.env.FUZZ_TRIES ?? 40);
/** Marks of one room are answered once a second. */
const longestMs = Number(process.env.FUZZ_LONGEST_MS ?? 4_000);

let it: TestServer;
const samples: Record<string, unknown> = {
  since: { epoch: "none", seq: 0 },
  user: { epoch: "none", seq: 0 },
  name: "room",
  type: "public",
  description: "about",
  scope: "mine",
  role: "member",
  expiresInMs: 60_000,
  maxUses: 1,
  content: "hello",
  metadata: { a: 1 },
  emoji: "👍",
  limit: 10,
  seq: 1,
  status: "away",
  text: "Tea",
  expiresAt: "2099-01-01T00:00:00.000Z",
  automatic: false,
  title: "Plan",
  query: "Plan",
  update: new Uint8Array([0, 0]),
  stateVector: new Uint8Array([0]),
  clientId: 5,
  state: { at: 1 },
};

beforeAll(async () => {
  it = await startTestServer();
  const ann = await it.connect("ann");
  await requestOk(ann, "join_room", { roomId: "general" });
  const { message } = await requestOk(ann, "chat_message", { roomId: "general", content: "first" });
  const { invite } = await requestOk(ann, "create_invite", { roomId: "general" });
  const { room } = await requestOk(ann, "create_room", { name: "doomed" });
  await it.connect("bob");
  Object.assign(samples, {
    messageId: message.id,
    roomId: "general",
    userId: "bob",
    userIds: ["bob"],
    code: invite.code,
  });
  samples.doomedRoomId = room.id;
  const { document } = await requestOk(ann, "create_document", { title: "Plan" });
  const { version } = await requestOk(ann, "create_version", { documentId: document.id, name: "Empty" });
  Object.assign(samples, { documentId: document.id, versionId: version.id });
  Object.assign(samples, { rooms: [{ roomId: "general", since: null }], token: it.signToken({ userId: "ann" }) });
});
afterAll(() => it.close());

/** Half surrogates and U+0000 among them. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
  ),
  maxLength: 40,
});
const anyNumber = fc.oneof(
  fc.double(),
  fc.constantFrom(-1, 0.5, -0, 2 ** 31, 2 ** 53, -(2 ** 53), 2 ** 53 - 1, 1e308, Number.NaN, Number.POSITIVE_INFINITY),
);
const sly = fc.constantFrom(
  "'; DROP TABLE messages; --",
  "%",
  "\\",
  "a:* & !b",
  "../../etc/passwd",
  "__proto__",
  "constructor",
  "$1",
  "room:general",
  "x".repeat(10_000),
  "\u202eabc",
  "e\u0301".repeat(300),
  "👩‍👩‍👧‍👦".repeat(500),
);
const json = fc.jsonValue({ maxDepth: 4 });
/** What a cursor could be made of by somebody who knows how they are written. */
const cursor = json.map((value) => Buffer.from(JSON.stringify(value)).toString("base64url"));
const odd = fc.oneof(anyText, anyNumber, sly, cursor, json, fc.constant(Array(300).fill("x")), fc.constant({}));

/** A right input with one or two fields that are not, or something else altogether. */
function inputsOf(name: CommandName): fc.Arbitrary<unknown> {
  const fields = Object.keys(commands[name].input.shape);
  const right = Object.fromEntries(fields.filter((field) => field in samples).map((field) => [field, samples[field]]));
  // The rooms of the others go on.
  if (name === "archive_room") right.roomId = samples.doomedRoomId;
  const wrong = fc.dictionary(fc.constantFrom(...fields, "isAdmin", "userId", "senderId", "id"), odd, {
    minKeys: 1,
    maxKeys: 2,
  });
  return fc.oneof(
    { weight: 8, arbitrary: wrong.map((fields) => ({ ...right, ...fields })) },
    { weight: 1, arbitrary: odd },
  );
}

interface Answer {
  ok: boolean;
  error?: { code: string; message: string };
}

async function ask(socket: TestSocket, name: CommandName, input: unknown): Promise<Answer> {
  const untyped: { timeout(ms: number): { emitWithAck(event: string, input: unknown): Promise<Answer> } } = socket;
  return untyped.timeout(5_000).emitWithAck(name, input);
}

describe("[S32] [S33] [S47] [S48] whatever stands in a field is served or refused by a code of the command's own list", () => {
  for (const name of names) {
    test(`${name}, over the socket`, async () => {
      const allowed: readonly string[] = [...commonErrors, ...commands[name].errors].filter(
        (code) => code !== "internal",
      );
      let socket = await it.connect("ann");
      let asked = 0;
      const attempt = async (input: unknown) => {
        if (++asked % triesPerConnection === 0) {
          socket.disconnect();
          socket = await it.connect("ann");
        }
        const answer = await ask(socket, name, input);
        if (answer.ok) return;
        expect(allowed).toContain(answer.error?.code);
        expect(JSON.stringify(answer)).not.toMatch(/select|insert|postgres|\.ts:\d/i);
      };
      await fc.assert(fc.asyncProperty(inputsOf(name), attempt), {
        numRuns: tries,
        interruptAfterTimeLimit: longestMs,
      });
      expect(socket.connected).toBe(true);
      socket.disconnect();
    });
  }

  test("every command, over REST", async () => {
    const token = it.signToken({ userId: "ann", username: "ann" });
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const served = names.filter((name) => commands[name].socketOnly !== true);
    const any = fc.constantFrom(...served).chain((name) => inputsOf(name).map((input) => ({ name, input })));
    const attempt = async ({ name, input }: { name: CommandName; input: unknown }) => {
      const body = JSON.stringify(input) ?? "";
      const response = await fetch(`${it.url}/api/v1/commands/${name}`, { method: "POST", headers, body });
      const answer = (await response.json()) as { ok?: boolean; error?: { code: string; message: string } };
      expect(response.status).toBeLessThan(500);
      expect(answer.ok === true || typeof answer.error?.code === "string").toBe(true);
    };
    await fc.assert(fc.asyncProperty(any, attempt), { numRuns: tries, interruptAfterTimeLimit: longestMs });
  });
});
