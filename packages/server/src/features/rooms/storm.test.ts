import type { CommandReply, EventName, EventPayload } from "@mirage/protocol";
import {
  eventually,
  RoomModel,
  request,
  requestOk,
  startTestServer,
  type TestServer,
  type TestSocket,
} from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const roomCount = 10;
const peoplePerRoom = 30;
const messagesPerRoom = 40;
const streamEvents = ["chat_message", "message_updated", "member_updated", "room_updated"] as const;

let server: TestServer;
let olga: TestSocket;
/** With their epochs, as of position 0. */
let rooms: { id: string; epoch: string }[];
let crowd: { socket: TestSocket; roomId: string; epoch: string; index: number }[];

/** Nobody has a room open here before the storm comes: as after a restart, nothing is in memory. */
beforeAll(async () => {
  server = await startTestServer();
  olga = await server.connect("olga");
  const type = "private" as const;
  rooms = await Promise.all(
    Array.from(
      { length: roomCount },
      async (_, n) => (await requestOk(olga, "create_room", { name: `${n}`, type })).room,
    ),
  );
  const names = (n: number) => Array.from({ length: peoplePerRoom }, (_, i) => `r${n}p${i}`);
  const people = rooms.flatMap(({ id, epoch }, n) => names(n).map((name) => ({ name, roomId: id, epoch })));
  crowd = await Promise.all(
    people.map(async ({ name, ...room }, index) => ({ socket: await server.connect(name), ...room, index })),
  );
  await Promise.all(people.map(({ name, roomId }) => requestOk(olga, "add_member", { roomId, userId: name })));
  await Promise.all(rooms.map(({ id }) => fill(id)));
});
afterAll(() => server?.close());

async function fill(roomId: string): Promise<void> {
  const ids: string[] = [];
  for (let i = 0; i < messagesPerRoom; i++) {
    ids.push((await requestOk(olga, "chat_message", { roomId, content: `${i}` })).message.id);
    const messageId = ids[i - 5];
    if (messageId && i % 7 === 0) await requestOk(olga, "edit_message", { messageId, content: `${i} again` });
    if (messageId && i % 11 === 0) await requestOk(olga, "delete_message", { messageId });
  }
}

/** Reads since the start, by kind: `queries` and what they were for. */
async function countReads(): Promise<Record<string, { queries: number; items: number }>> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const counts: Record<string, { queries: number; items: number }> = {};
  for (const [, name, kind, value] of text.matchAll(/mirage_db_read(s|_items)_total\{kind="(\w+)"\} (\d+)/g)) {
    const count = counts[kind ?? ""] ?? { queries: 0, items: 0 };
    counts[kind ?? ""] = { ...count, [name === "s" ? "queries" : "items"]: Number(value) };
  }
  return counts;
}

async function readsDuring(storm: () => Promise<void>) {
  const before = await countReads();
  await storm();
  const after = await countReads();
  return (kind: string) => ({
    queries: (after[kind]?.queries ?? 0) - (before[kind]?.queries ?? 0),
    items: (after[kind]?.items ?? 0) - (before[kind]?.items ?? 0),
  });
}

const resume = async ({ socket, roomId, epoch }: (typeof crowd)[number], seq: number) => {
  const { rooms: answers } = await requestOk(socket, "resume", { rooms: [{ roomId, since: { epoch, seq } }] });
  const [answer] = answers;
  if (!answer || !("messages" in answer)) throw new Error("the room was not answered");
  return answer;
};

test("[CAT-1] a crowd that comes back at once is answered from one read a room, each with what it missed", async () => {
  const positionOf = (index: number): number => 10 + ((index * 7) % 20);
  const answers: CommandReply<"join_room">[] = [];
  const reads = await readsDuring(async () => {
    answers.push(...(await Promise.all(crowd.map((person) => resume(person, positionOf(person.index))))));
  });
  expect(reads("room_changes").items).toBeLessThanOrEqual(roomCount);
  expect(reads("room_page").items).toBe(0);
  expect(reads("user_state").queries).toBe(0);
  const access = reads("room_access");
  expect(access.items).toBe(crowd.length);
  expect(access.queries).toBeLessThanOrEqual(crowd.length / 20);

  const stranger = await server.connect("olga");
  for (const { id: roomId, epoch } of rooms) {
    const whole = await requestOk(stranger, "join_room", { roomId, since: { epoch, seq: 0 } });
    for (const { index } of crowd.filter((person) => person.roomId === roomId)) {
      const since = positionOf(index);
      expect(answers[index]?.messages).toEqual(whole.messages.filter(({ updatedSeq }) => updatedSeq > since));
      expect(answers[index]).toMatchObject({ seq: whole.seq, hasMore: false, room: { role: "member" } });
    }
  }
});

test("[LAW-1] a crowd that opens rooms at once while they are written to is shown what is there", async () => {
  const models = new Map<number, RoomModel>();
  const open = ({ socket, roomId, index }: (typeof crowd)[number]): Promise<void> =>
    new Promise((resolve, reject) => {
      for (const name of streamEvents) {
        socket.on(name, (payload: EventPayload<EventName>) => {
          models.get(index)?.apply(name, payload as EventPayload<typeof name>);
        });
      }
      socket.emit("join_room", { roomId }, (page) => {
        if (page.ok) models.set(index, new RoomModel(page));
        if (page.ok) resolve();
        else reject(new Error(page.error.message));
      });
    });
  await Promise.all(crowd.map(({ socket, roomId }) => request(socket, "leave_room", { roomId })));
  const reads = await readsDuring(async () => {
    const writing = rooms.map(({ id }) => fill(id));
    await Promise.all([...crowd.map(open), ...writing]);
  });
  // Deletions make a page shorter than one that is read, so some rooms are read again.
  expect(reads("room_page").items).toBeLessThan(5 * roomCount);
  const stranger = await server.connect("olga");
  for (const { id: roomId } of rooms) {
    const fresh = new RoomModel(await requestOk(stranger, "join_room", { roomId }));
    const ofRoom = crowd.filter((person) => person.roomId === roomId).map(({ index }) => models.get(index));
    await eventually(() => ofRoom.every((model) => model?.seq === fresh.seq));
    const whole = fresh.snapshot();
    for (const model of ofRoom) expect(model?.newest(10)).toEqual(fresh.newest(10));
    for (const model of ofRoom) expect(model?.snapshot()).toMatchObject({ seq: whole.seq, members: whole.members });
  }
});

test("[ACC-1] whoever was removed is answered nothing of what is kept for the others", async () => {
  const [gone, stays] = crowd;
  if (!gone || !stays) throw new Error("nobody is here");
  await requestOk(stays.socket, "join_room", { roomId: stays.roomId });
  await requestOk(olga, "remove_member", { roomId: gone.roomId, userId: "r0p0" });
  expect(await request(gone.socket, "join_room", { roomId: gone.roomId })).toMatchObject({ ok: false });
  const asked = { rooms: [{ roomId: gone.roomId, since: { epoch: gone.epoch, seq: 3 } }] };
  expect((await requestOk(gone.socket, "resume", asked)).rooms).toEqual([{ roomId: gone.roomId, removed: true }]);
  const page = await requestOk(stays.socket, "join_room", { roomId: stays.roomId });
  expect(page.members.map(({ userId }) => userId)).not.toContain("r0p0");
});
