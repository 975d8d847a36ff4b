import type { CommandInput, Message, SearchHit } from "@mirage/protocol";
import { request, requestOk, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestServer;
let olga: TestSocket;
let ann: TestSocket;

beforeAll(async () => {
  server = await startTestServer();
  await server.connect("root");
  [olga, ann] = [await server.connect("olga"), await server.connect("ann")];
});
afterAll(() => server?.close());

async function makeRoom(type: "public" | "private" = "private"): Promise<string> {
  const { room } = await requestOk(olga, "create_room", { name: "room", type });
  await requestOk(olga, "add_member", { roomId: room.id, userId: "ann" });
  return room.id;
}

const post = async (roomId: string, content: string, socket = ann): Promise<Message> =>
  (await requestOk(socket, "chat_message", { roomId, content })).message;

const search = (input: CommandInput<"search_messages">, socket = ann) => requestOk(socket, "search_messages", input);
const excerptsOf = ({ hits }: { hits: SearchHit[] }): string[] => hits.map(({ excerpt }) => excerpt);

/** All pages, one after the other. */
async function searchAll(input: CommandInput<"search_messages">): Promise<SearchHit[]> {
  const hits: SearchHit[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await search({ ...input, cursor });
    hits.push(...page.hits);
    cursor = page.nextCursor;
  }
  return hits;
}

test("[SRCH-1] a search finds what one may read, in one room or in all of one's own", async () => {
  const [own, foreign, open] = [await makeRoom(), await makeRoom(), await makeRoom("public")];
  const message = await post(own, "the kiwi is here");
  await post(foreign, "another kiwi");
  await post(open, "an open kiwi");
  expect(await search({ query: "kiwi", roomId: own })).toEqual({
    ok: true,
    hits: [
      {
        roomId: own,
        messageId: message.id,
        seq: message.seq,
        userId: "ann",
        username: "ann",
        timestamp: message.timestamp,
        excerpt: "the kiwi is here",
      },
    ],
    nextCursor: null,
  });
  expect(excerptsOf(await search({ query: "kiwi" }))).toEqual(["an open kiwi", "another kiwi", "the kiwi is here"]);
  await requestOk(olga, "remove_member", { roomId: foreign, userId: "ann" });
  expect(excerptsOf(await search({ query: "kiwi" }))).toEqual(["an open kiwi", "the kiwi is here"]);
  const nobody = await server.connect("nobody");
  expect(excerptsOf(await search({ query: "kiwi" }, nobody))).toEqual([]);
  expect(excerptsOf(await search({ query: "kiwi", roomId: open }, nobody))).toEqual(["an open kiwi"]);
  const [hidden, missing] = [
    await request(ann, "search_messages", { query: "kiwi", roomId: foreign }),
    await request(ann, "search_messages", { query: "kiwi", roomId: "nothing" }),
  ];
  expect(hidden).toMatchObject({ ok: false, error: { code: "not_found" } });
  expect(hidden).toEqual(missing);
});

test("[SRCH-2] all words are needed, the last one may be a beginning, and in any script", async () => {
  const roomId = await makeRoom();
  for (const content of ["we Deploy on Friday", "nous déployons demain", "我在上海工作", "我在海上工作"]) {
    await post(roomId, content);
  }
  const finds = async (query: string) => excerptsOf(await search({ query, roomId }));
  expect(await finds("deploy fri")).toEqual(["we Deploy on Friday"]);
  expect(await finds("fri deploy")).toEqual([]);
  expect(await finds("DÉPLOY")).toEqual(["nous déployons demain", "we Deploy on Friday"]);
  expect(await finds("上海")).toEqual(["我在上海工作"]);
  expect(await finds("海")).toEqual(["我在海上工作", "我在上海工作"]);
  for (const query of ["'); DROP TABLE messages; --", "a & b | !c:*", "%", "\\", "x ".repeat(128)]) {
    const answer = await request(ann, "search_messages", { query, roomId });
    expect(answer.ok || answer.error.code === "bad_request", query).toBe(true);
  }
  for (const query of ["", "?!", "x".repeat(257)]) {
    expect(await request(ann, "search_messages", { query })).toMatchObject({ error: { code: "bad_request" } });
  }
});

test("[SRCH-2] a search is narrowed to an author, a time, and what hangs on a message or is linked in it", async () => {
  const roomId = await makeRoom();
  await post(roomId, "plum one", olga);
  await post(roomId, "plum two https://example.com/plum");
  expect(excerptsOf(await search({ query: "plum", roomId, from: "olga" }))).toEqual(["plum one"]);
  expect(excerptsOf(await search({ query: "", roomId, from: "olga" }))).toEqual(["plum one"]);
  expect(excerptsOf(await search({ query: "plum", roomId, has: "link" }))).toHaveLength(1);
  expect(excerptsOf(await search({ query: "plum", roomId, has: "file" }))).toEqual([]);
  const [past, future] = ["2001-01-01T00:00:00Z", "2101-01-01T00:00:00Z"];
  expect(excerptsOf(await search({ query: "plum", roomId, after: past, before: future }))).toHaveLength(2);
  expect(excerptsOf(await search({ query: "plum", roomId, before: past }))).toEqual([]);
  expect(excerptsOf(await search({ query: "plum", roomId, after: future }))).toEqual([]);
});

test("[SRCH-3] what is found is what the messages say now", async () => {
  const roomId = await makeRoom();
  const { id: messageId } = await post(roomId, "first fig");
  const finds = async (query: string) => excerptsOf(await search({ query, roomId }));
  expect(await finds("fig")).toEqual(["first fig"]);
  await requestOk(olga, "add_reaction", { messageId, emoji: "👍" });
  await requestOk(ann, "edit_message", { messageId, content: "second lime" });
  expect([await finds("fig"), await finds("lime")]).toEqual([[], ["second lime"]]);
  await requestOk(ann, "edit_message", { messageId, content: "third fig" });
  expect([await finds("fig"), await finds("lime")]).toEqual([["third fig"], []]);
});

test("[MOD-1] the text of a deleted message is never found, and its words are forgotten", async () => {
  const roomId = await makeRoom();
  const { id: messageId } = await post(roomId, "secret quince");
  expect(excerptsOf(await search({ query: "quince", roomId }))).toEqual(["secret quince"]);
  await requestOk(ann, "delete_message", { messageId });
  expect(await search({ query: "quince", roomId })).toEqual({ ok: true, hits: [], nextCursor: null });
  const kept = await server.running.database.query(
    "SELECT word FROM search_words WHERE room_id = $1 AND places <> '{}'",
    [roomId],
  );
  expect(kept).toEqual([]);
});

test("[SRCH-3] pages go on from a cursor, newest first, over blocks and rooms, each message once", async () => {
  const rooms = [await makeRoom(), await makeRoom()];
  const said: string[] = [];
  for (let index = 0; index < 50; index++) said.push((await post(rooms[index % 2] as string, `mango ${index}`)).id);
  said.reverse();
  expect((await searchAll({ query: "mango" })).map(({ messageId }) => messageId)).toEqual(said);
  const first = await search({ query: "mango" });
  expect(first.hits).toHaveLength(20);
  await post(rooms[0] as string, "mango in between");
  const second = await search({ query: "mango", cursor: first.nextCursor ?? "" });
  expect(second.hits.map(({ messageId }) => messageId)).toEqual(said.slice(20, 40));
});

/** Fills a room with what nobody has to send one by one. */
async function fill(roomId: string, count: number): Promise<void> {
  await server.running.database.query(
    `WITH raised AS (
       UPDATE streams SET head = head + $2::int WHERE id = 'room:' || $1 RETURNING head - $2::int AS head)
     INSERT INTO messages (id, room_id, user_id, username, seq, updated_seq, type, content, created_at)
     SELECT '01900000-' || lpad(to_hex(i), 4, '0') || '-7000-8000-' || substr(md5($1), 1, 12), $1, 'ann', 'ann',
       head + i, head + i, 'text', CASE WHEN i % 1000 = 7 THEN 'rare ' ELSE '' END || 'often ' || i, now()
     FROM raised, generate_series(1, $2::int) AS i`,
    [roomId, count],
  );
}

test("[SRCH-4] words that stand everywhere and nearly nowhere are found in a long room, every one of them", async () => {
  const roomId = await makeRoom();
  await fill(roomId, 3_100);
  const rare = await searchAll({ query: "rare", roomId });
  expect(rare.map(({ excerpt }) => excerpt)).toEqual([3_007, 2_007, 1_007, 7].map((at) => `rare often ${at}`));
  const often = await searchAll({ query: "often", roomId });
  expect(often).toHaveLength(3_100);
  expect(new Set(often.map(({ messageId }) => messageId)).size).toBe(3_100);
  expect(often.map(({ seq }) => seq)).toEqual(often.map(({ seq }) => seq).sort((one, other) => other - one));
});

test("[SRCH-4] a search that takes too long is ended by itself, on every database", async () => {
  const roomId = await makeRoom();
  await post(roomId, "something");
  const late = server.running.database.query(
    "SELECT message_id FROM search_room_v1($1, '{some}', '{somf}', '', NULL, 10, interval '-1 second')",
    [roomId],
  );
  await expect(late).rejects.toMatchObject({ sqlState: "57014" });
});

test("[SRCH-3] many who search one room at once find the same", async () => {
  const roomId = await makeRoom();
  await fill(roomId, 1_500);
  const answers = await Promise.all(Array.from({ length: 8 }, () => search({ query: "rare", roomId })));
  for (const answer of answers)
    expect(answer.hits.map(({ excerpt }) => excerpt)).toEqual(["rare often 1007", "rare often 7"]);
});
