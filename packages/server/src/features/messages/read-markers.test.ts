import {
  FakeClock,
  Inbox,
  request,
  requestOk,
  startTestServer,
  type TestServer,
  type TestSocket,
} from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const clock = new FakeClock(Date.now());
let server: TestServer;
let olga: TestSocket;
let ann: TestSocket;

beforeAll(async () => {
  server = await startTestServer({ clock });
  await server.connect("root");
  [olga, ann] = [await server.connect("olga"), await server.connect("ann")];
});
afterAll(() => server?.close());

async function makeRoom(): Promise<string> {
  const { room } = await requestOk(olga, "create_room", { name: "room", type: "private" });
  await requestOk(olga, "add_member", { roomId: room.id, userId: "ann" });
  // Being told of that is read with the room, which is a change of its own.
  await requestOk(ann, "mark_all_notifications_read", {});
  return room.id;
}

const post = async (socket: TestSocket, roomId: string, content = "Hello") =>
  (await requestOk(socket, "chat_message", { roomId, content })).message;

/** A mark and its answer, with the second turned over in which marks are gathered. */
async function mark(socket: TestSocket, roomId: string, seq: number) {
  const answer = await requestOk(socket, "mark_read", { roomId, seq });
  await clock.advanceAsync(1_000);
  return answer;
}

async function listed(socket: TestSocket, roomId: string) {
  const room = (await requestOk(socket, "list_rooms", {})).rooms.find(({ id }) => id === roomId);
  return room && { readSeq: room.readSeq, unread: room.unread, mentions: room.mentions };
}

test("[READ-1] a marker only moves forward, never past the head, and is told to all of one's connections", async () => {
  const roomId = await makeRoom();
  const [first, second] = [await post(olga, roomId), await post(olga, roomId, "Hello @ann")];
  const inboxes = [new Inbox(ann), new Inbox(await server.connect("ann"))];
  const stranger = new Inbox(olga);
  expect(await mark(ann, roomId, first.seq)).toEqual({ ok: true, seq: first.seq, unread: 1, mentions: 1 });
  expect(await mark(ann, roomId, first.seq - 1)).toMatchObject({ seq: first.seq, unread: 1 });
  expect(await mark(ann, roomId, Number.MAX_SAFE_INTEGER)).toEqual({
    ok: true,
    seq: second.seq,
    unread: 0,
    mentions: 0,
  });
  const told = [];
  for (const inbox of inboxes) told.push(await inbox.take("read_marker"));
  const userSeq = told[0]?.[0]?.userSeq ?? 0;
  expect(told[0]).toEqual([
    { roomId, seq: first.seq, unread: 1, mentions: 1, userSeq },
    { roomId, seq: second.seq, unread: 0, mentions: 0, userSeq: userSeq + 1 },
  ]);
  expect(told[1]).toEqual(told[0]);
  expect(await stranger.take("read_marker")).toEqual([]);
  expect(await listed(ann, roomId)).toEqual({ readSeq: second.seq, unread: 0, mentions: 0 });
  for (const seq of [-1, 1.5, "1", null]) {
    const answer = await request(ann, "mark_read", { roomId, seq } as never);
    expect(answer).toMatchObject({ ok: false, error: { code: "bad_request" } });
  }
});

test("[READ-2] marks of one person and room within a second are one change", async () => {
  const roomId = await makeRoom();
  const seqs: number[] = [];
  for (let i = 0; i < 6; i++) seqs.push((await post(olga, roomId)).seq);
  const [inbox, tab] = [new Inbox(ann), await server.connect("ann")];
  await requestOk(ann, "mark_read", { roomId, seq: seqs[0] ?? 0 });
  const gathered = seqs.slice(1).map((seq, i) => requestOk(i % 2 ? tab : ann, "mark_read", { roomId, seq }));
  await new Inbox(tab).settle();
  expect((await inbox.settle()).of("read_marker")).toHaveLength(1);
  await clock.advanceAsync(1_000);
  const answers = await Promise.all(gathered);
  for (const answer of answers) expect(answer).toEqual({ ok: true, seq: seqs.at(-1), unread: 0, mentions: 0 });
  const told = await inbox.take("read_marker");
  expect(told.map(({ seq }) => seq)).toEqual([seqs[0], seqs.at(-1)]);
  expect(told[1]?.userSeq).toBe((told[0]?.userSeq ?? 0) + 1);
  await clock.advanceAsync(5_000);
});

test("[READ-3] unread are others' messages that are there, and sending moves no marker", async () => {
  const roomId = await makeRoom();
  const start = await listed(ann, roomId);
  expect(start).toMatchObject({ unread: 0, mentions: 0 });
  await post(ann, roomId, "my own, @ann");
  const gone = await post(olga, roomId, "gone soon @ann");
  const edited = await post(olga, roomId, "nobody");
  await post(olga, roomId, "@everyone look");
  expect(await listed(ann, roomId)).toEqual({ ...start, unread: 3, mentions: 2 });
  await requestOk(olga, "delete_message", { messageId: gone.id });
  await requestOk(olga, "edit_message", { messageId: edited.id, content: "now @ann" });
  expect(await listed(ann, roomId)).toEqual({ ...start, unread: 2, mentions: 2 });
  await requestOk(olga, "edit_message", { messageId: edited.id, content: "nobody again" });
  expect(await listed(ann, roomId)).toEqual({ ...start, unread: 2, mentions: 1 });
  expect(await listed(olga, roomId)).toMatchObject({ unread: 1, mentions: 0 });
});

test("[READ-3] counts stop at 100", async () => {
  const roomId = await makeRoom();
  await Promise.all(Array.from({ length: 105 }, () => post(olga, roomId, "@ann")));
  expect(await listed(ann, roomId)).toMatchObject({ unread: 100, mentions: 100 });
});

test("[READ-4] becoming a member sets the marker to the head", async () => {
  const roomId = await makeRoom();
  for (let i = 0; i < 3; i++) await post(olga, roomId);
  const bob = await server.connect("bob");
  await requestOk(olga, "add_member", { roomId, userId: "bob" });
  const head = (await requestOk(bob, "join_room", { roomId })).seq;
  expect(await listed(bob, roomId)).toEqual({ readSeq: head, unread: 0, mentions: 0 });
  await post(olga, roomId, "@bob");
  await requestOk(olga, "remove_member", { roomId, userId: "bob" });
  await post(olga, roomId, "without Bob");
  await requestOk(olga, "add_member", { roomId, userId: "bob" });
  expect(await listed(bob, roomId)).toMatchObject({ unread: 0, mentions: 0 });
});
