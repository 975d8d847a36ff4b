import { limits, type Message } from "@mirage/protocol";
import { requestOk, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Six bytes a character in JSON. */
const wide = `a${"\u0001".repeat(limits.messageCodePoints - 1)}`;
const messageCount = 90;
let server: TestServer;
let olga: TestSocket;
let roomId: string;
let epoch: string;

beforeAll(async () => {
  server = await startTestServer();
  olga = await server.connect("olga");
  const { room } = await requestOk(olga, "create_room", { name: "wide", type: "public" });
  ({ id: roomId, epoch } = room);
  const posts = Array.from({ length: messageCount }, () =>
    requestOk(olga, "chat_message", { roomId, content: wide, metadata: { note: "\u0001".repeat(600) } }),
  );
  await Promise.all(posts);
});
afterAll(() => server?.close());

function expectBounded<Answer extends object>(answer: Answer): Answer {
  expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThanOrEqual(limits.resumeAnswerBytes);
  return answer;
}

const positions = (messages: readonly Message[]) => messages.map(({ seq }) => seq);
const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

test("[CAT-3] a room's first page holds what fits of the newest messages, and history goes on from there", async () => {
  const page = expectBounded(await requestOk(olga, "join_room", { roomId }));
  expect(page).toMatchObject({ hasMore: true, seq: messageCount });
  expect(page.messages.length).toBeLessThan(limits.pageMessages);
  const all = positions(page.messages);
  for (let hasMore = true; hasMore; ) {
    const older = expectBounded(await requestOk(olga, "get_messages", { roomId, before: all[0], limit: 100 }));
    all.unshift(...positions(older.messages));
    ({ hasMore } = older);
  }
  expect(all).toEqual(upTo(messageCount));
});

test("[CAT-3] history after and around a position goes on where an answer was full", async () => {
  const all: number[] = [];
  for (let hasMore = true; hasMore; ) {
    const newer = expectBounded(await requestOk(olga, "get_messages", { roomId, after: all.at(-1) ?? 0, limit: 100 }));
    all.push(...positions(newer.messages));
    ({ hasMore } = newer);
  }
  expect(all).toEqual(upTo(messageCount));
  const around = expectBounded(await requestOk(olga, "get_messages", { roomId, around: 45, limit: 100 }));
  expect(around).toMatchObject({ hasMoreBefore: true, hasMoreAfter: true });
  const [first = 0] = positions(around.messages);
  expect(positions(around.messages)).toEqual(upTo(messageCount).slice(first - 1, first - 1 + around.messages.length));
  expect(positions(around.messages)).toContain(45);
});

test("[CAT-3] a list of rooms whose last messages are long comes in more pages, and leaves none out", async () => {
  const ids = await Promise.all(
    Array.from({ length: 60 }, async (_, i) => {
      const { room } = await requestOk(olga, "create_room", { name: `${i}`, type: "public" });
      await requestOk(olga, "chat_message", { roomId: room.id, content: wide });
      return room.id;
    }),
  );
  const listed: string[] = [];
  let cursor: string | undefined;
  do {
    const page = expectBounded(await requestOk(olga, "list_rooms", cursor === undefined ? {} : { cursor }));
    listed.push(...page.rooms.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(listed).toEqual(expect.arrayContaining(ids));
  expect(new Set(listed).size).toBe(listed.length);
});

test("[CAT-3] a person's own part never takes the place of rooms: what does not fit is said by `reset`", async () => {
  const { database } = server.running;
  // Somebody who has not been here since this server started.
  await database.query("INSERT INTO users (id, username, username_key) VALUES ('pam', 'pam', 'pam')");
  await database.query(
    `INSERT INTO notifications (id, user_id, seq, user_seq, type, cause, title, content, created_at)
     SELECT 'wide ' || n, 'pam', n, n, 'system', 'wide ' || n, 'title', repeat(chr(1), 500), now()
     FROM generate_series(1, 400) n`,
  );
  await database.query("INSERT INTO streams (id, head) VALUES ('user:pam', 400)");
  await requestOk(olga, "add_member", { roomId, userId: "pam" });
  const rooms = [{ roomId, since: { epoch, seq: messageCount - 5 } }];
  const answer = expectBounded(
    await requestOk(await server.connect("pam"), "resume", { rooms, user: { epoch, seq: 0 } }),
  );
  expect(answer.rooms).toMatchObject([{ roomId, hasMore: false, seq: messageCount + 1 }]);
  expect(answer.user).toMatchObject({ seq: 402, reset: true, rooms: { added: [{ id: roomId }] } });
  // The room itself, and being told of it.
  expect(answer.user.notifications.at(-1)).toMatchObject({ seq: 402 });
  expect(answer.user.notifications.length).toBeLessThan(400);
});
