import type { Role } from "@mirage/protocol";
import { openTestDatabase, type TestDatabase } from "@mirage/testing";
import { FakeClock } from "@mirage/testing/fake-clock";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../database/database.ts";
import type { Change } from "../change.ts";
import { Hubs } from "../hubs.ts";
import { losing } from "../losing-lanes.ts";
import { ChatWriter } from "./chat-writer.ts";
import { ChatModel, type Step, users } from "./commit-chat.model.ts";
import type { ChatItem } from "./items.ts";
import { ChatStreams } from "./read-streams.ts";

let opened: TestDatabase;
let writer: ChatWriter;
let committed: Change[] = [];
let roomCount = 0;
let openWriter: (database: Database, nodeId: string) => ChatWriter;

beforeAll(async () => {
  opened = await openTestDatabase();
  const { database } = opened;
  for (const userId of users) {
    await database.query("INSERT INTO users (id, username, username_key) VALUES ($1, $1, $1)", [userId]);
    await database.query("INSERT INTO streams (id) VALUES ('user:' || $1)", [userId]);
  }
  const clock = new FakeClock();
  const hubs = new Hubs({
    source: new ChatStreams(database),
    topics: { connectionCount: () => 0 },
    delivery: { deliver: () => undefined, cut: () => undefined },
    clock,
    database,
    nodeId: "node",
  });
  const onCommitted = (changes: readonly Change[]) => {
    committed = [...changes];
  };
  openWriter = (at, nodeId) => new ChatWriter({ database: at, nodeId, lane: "chat", hubs, onCommitted, clock });
  writer = openWriter(database, "node");
});
afterAll(async () => {
  await writer?.close();
  await opened?.close();
});

const pick = fc.nat({ max: 30 });
const user = fc.constantFrom(...users);
const pair = fc.constantFrom(undefined, "p", "q");
const step: fc.Arbitrary<Step> = fc.record({
  op: fc.constantFrom(
    "send",
    "send",
    "send",
    "edit",
    "delete",
    "react",
    "react",
    "pin",
    "mark",
    "member",
    "room",
    "inbox",
    "read_all",
  ),
  user,
  pick,
  pair,
  on: fc.boolean(),
  text: fc.constantFrom("a", "b", "c"),
  nonce: fc.constantFrom(undefined, "n1", "n2", "n3"),
  role: fc.constantFrom<Role | null>("owner", "moderator", "member", null),
  isStale: fc.constantFrom(false, false, false, false, true),
  told: fc.subarray([...users]),
});
const batches = fc.array(fc.array(step, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 6 });

async function makeRoom(): Promise<string> {
  const roomId = `room-${++roomCount}`;
  const people = users
    .slice(0, 3)
    .map((userId, index) => ({ userId, role: (index === 0 ? "owner" : "member") as Role }));
  const create: ChatItem = {
    op: "create",
    roomId,
    userId: "ann",
    name: "Room",
    type: "public",
    description: undefined,
    directKey: undefined,
    people,
    notices: [],
    at: 0,
  };
  await writer.commit([{ item: create, pair: undefined }]);
  return roomId;
}

test("[SEQ-1] [ACK-2] [NOTE-1] whatever a batch holds, the database does what a list of changes in order would", async () => {
  const { database } = opened;
  const property = fc.asyncProperty(batches, async (all) => {
    const roomId = await makeRoom();
    const model = new ChatModel(roomId);
    for (const steps of all) {
      const batch = steps.map((one) => ({ item: model.toItem(one), pair: one.pair }));
      const startsAt = model.head;
      const expected = model.commit(batch);
      const outcomes = await writer.commit(batch);
      expect(outcomes.map(({ status }) => status)).toEqual(expected.map(({ status }) => status));
      const positions = (list: readonly { status: string; seq?: number | undefined }[]) =>
        list.map((outcome, index) => (batch[index]?.item.op === "send" && outcome.status === "ok" ? outcome.seq : 0));
      expect(positions(outcomes)).toEqual(positions(expected));
      const changes = committed.filter(({ stream, position }) => stream === `room:${roomId}` && position > startsAt);
      expect(changes.map(({ position }) => position)).toEqual(
        Array.from({ length: model.head - startsAt }, (_, index) => startsAt + index + 1),
      );
      for (const [stream, own] of Map.groupBy(committed, (change) => change.stream)) {
        const taken = own.map(({ position }) => position);
        expect(new Set(taken).size, `positions of ${stream}`).toBe(taken.length);
      }
      const records = await database.query(
        `SELECT id, read_at IS NOT NULL AS "isRead", deleted_at IS NOT NULL AS "isDeleted" FROM notifications
         WHERE room_id = $1 ORDER BY id COLLATE "C"`,
        [roomId],
      );
      expect(records).toEqual(model.listRecords());
    }
    const [stream] = await database.query<{ head: number; fence: number }>(
      "SELECT head, fence FROM streams WHERE id = 'room:' || $1",
      [roomId],
    );
    expect(stream).toEqual({ head: model.head, fence: model.fence });
    const rows = await database.query(
      `SELECT id, content, seq, updated_seq AS "updatedSeq", deleted_at IS NOT NULL AS "isDeleted",
         pinned_at IS NOT NULL AS "isPinned", coalesce(reactions, '[]') AS reactions
       FROM message_state WHERE room_id = $1 ORDER BY seq`,
      [roomId],
    );
    expect(rows).toEqual(model.listMessages());
    const members = await database.query(
      `SELECT user_id AS "userId", role, updated_seq AS seq FROM members WHERE room_id = $1 ORDER BY user_id`,
      [roomId],
    );
    expect(members).toEqual(model.listMembers());
    const read = await new ChatStreams(database).readSince(`room:${roomId}`, 0);
    expect(read.head).toBe(model.head);
  });
  await fc.assert(property, { numRuns: 60 });
}, 60_000);

test("[ACK-1] of a committed batch whose answer was lost, what shows is answered and the rest is done once more", async () => {
  const roomId = await makeRoom();
  const model = new ChatModel(roomId);
  const wish = {
    user: "bob",
    pick: 0,
    pair: undefined,
    on: true,
    text: "a",
    nonce: "n",
    role: null,
    isStale: false,
    told: [],
  };
  const first = model.toItem({ ...wish, op: "send" });
  await writer.commit([{ item: first, pair: undefined }]);
  model.commit([{ item: first, pair: undefined }]);
  const items = [
    model.toItem({ ...wish, op: "send", nonce: "other" }),
    model.toItem({ ...wish, op: "send" }),
    model.toItem({ ...wish, op: "edit", text: "b" }),
    model.toItem({ ...wish, op: "react" }),
    model.toItem({ ...wish, op: "mark", pick: 1 }),
    model.toItem({ ...wish, op: "member", on: false, user: "cat" }),
  ];
  const batch = items.map((item) => ({ item, pair: undefined }));
  const unlucky = openWriter(
    losing(opened.database, (call) => (call === 2 ? "after" : undefined)),
    "unlucky",
  );
  await expect(unlucky.commit(batch)).rejects.toMatchObject({ connectionLost: true });
  const outcomes = await unlucky.settle(batch);
  expect(outcomes?.map(({ status }) => status)).toEqual(["ok", "duplicate", "ok", "stale", "stale", "ok"]);
  const [, , , react, mark] = items;
  // Judged again, by the fence that the removal raised.
  const again = [{ ...react, fence: 1 }, mark].map((item) => ({ item: item as ChatItem, pair: undefined }));
  expect((await unlucky.commit(again)).map(({ status }) => status)).toEqual(["ok", "ok"]);
  const [stream] = await opened.database.query<{ head: number }>("SELECT head FROM streams WHERE id = $1", [
    `room:${roomId}`,
  ]);
  // The first message, then in one batch: a second one, the change of the first, the member who went.
  expect(stream?.head).toBe(4);
  await unlucky.close();
});
