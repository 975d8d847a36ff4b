import { eventually, Inbox, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const roomCount = 30;
const peoplePerRoom = 10;
const everyone = Array.from({ length: roomCount * peoplePerRoom }, (_, i) => `p${i}`);
const roomOf = (index: number): number => Math.floor(index / peoplePerRoom);

let server: TestServer;
let roomIds: string[];

/** Rooms of ten people and their owner; the ten have been here once. */
beforeAll(async () => {
  server = await startTestServer();
  const owner = await server.connect("owner");
  roomIds = await Promise.all(
    Array.from(
      { length: roomCount },
      async (_, n) => (await requestOk(owner, "create_room", { name: `${n}` })).room.id,
    ),
  );
  await Promise.all(
    everyone.map(async (name, index) => {
      const socket = await server.connect(name);
      await requestOk(socket, "join_room", { roomId: roomIds[roomOf(index)] ?? "" });
      socket.disconnect();
    }),
  );
  await eventually(async () => (await countOf("mirage_presence_people")) === 1, { timeoutMs: 20_000 });
}, 60_000);
afterAll(() => server?.close());

/** The sum of a metric over its labels, or over those that say `label`. */
async function countOf(name: string, label = ""): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(name) && line.includes(label));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

test("[PRES-9] people who come at once cost what those who see them cost, in events and in queries", async () => {
  const readsBefore = await countOf("mirage_db_reads_total", "user_presence");
  const writesBefore = await countOf("mirage_presence_writes_total");
  // They listen from the first packet on.
  const inboxes = everyone.map((name) => new Inbox(server.prepareSocket(name)));
  for (const { socket } of inboxes) socket.connect();
  await eventually(() => server.running.getConnectedUsers().length > everyone.length);
  await eventually(async () => (await countOf("mirage_presence_people")) > everyone.length);
  await Promise.all(inboxes.map((inbox) => inbox.settle()));

  const told = inboxes.map((inbox) => inbox.of("user_online").map(({ userId }) => userId));
  for (const [index, userIds] of told.entries()) {
    expect(new Set(userIds).size).toBe(userIds.length);
    expect(userIds.every((userId) => roomOf(everyone.indexOf(userId)) === roomOf(index))).toBe(true);
  }
  // Of two people of a room at least one saw the other come.
  const pairs = (roomCount * peoplePerRoom * (peoplePerRoom - 1)) / 2;
  expect(told.flat().length).toBeGreaterThanOrEqual(pairs);
  const lists = inboxes.flatMap((inbox) => inbox.of("presence_changed"));
  expect(lists.length).toBeLessThan(everyone.length * 4);

  expect((await countOf("mirage_db_reads_total", "user_presence")) - readsBefore).toBeLessThan(everyone.length / 4);
  expect((await countOf("mirage_presence_writes_total")) - writesBefore).toBeLessThan(20);
});
