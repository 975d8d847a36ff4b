import { connect, eventually, requestOk, spawnServer, startTestServer, type TestSocket } from "@mirage/testing";
import { expect, test } from "vitest";
import { fillRoom } from "./open-test-crowd.ts";

const crowd = 10_000;

const openHall = async (socket: TestSocket): Promise<string> =>
  (await requestOk(socket, "create_room", { name: "Hall", type: "public" })).room.id;

test("[NOTE-11] ten thousand people are told while a chat elsewhere goes on", async () => {
  const server = await startTestServer();
  try {
    const { database } = server.running;
    await server.connect("root");
    const owner = await server.connect("owner");
    const roomId = await openHall(owner);
    await fillRoom(database, roomId, crowd);
    const chat = await openHall(owner);
    await requestOk(owner, "chat_message", { roomId: chat, content: "warm" });
    const quiet = await delays(owner, { roomId: chat, isOver: (count) => count >= 200 });
    const startedAt = performance.now();
    let tookMs: number | undefined;
    const told = server.running.sendRoomNotification(roomId, { title: "All", content: "of you" }).then((answer) => {
      tookMs = performance.now() - startedAt;
      return answer;
    });
    const busy = await delays(owner, { roomId: chat, isOver: () => tookMs !== undefined });
    expect(await told).toEqual({ count: crowd + 1 });
    console.log(
      `told ${crowd} in ${Math.round(tookMs ?? 0)} ms; chat p99 ${p99(quiet)} ms before, ${p99(busy)} ms meanwhile`,
    );
    expect(tookMs).toBeLessThan(20_000);
  } finally {
    await server.close();
  }
});

test("[NOTE-11] a node that is killed while it tells a room goes on where it was, and tells nobody twice", async () => {
  const server = await spawnServer();
  try {
    const reachable = { url: server.url, jwtSecret: server.jwtSecret };
    await connect(reachable, "root");
    const owner = await connect(reachable, "owner");
    const roomId = await openHall(owner);
    await server.stop();
    await withDatabase(server.storage, (database) => fillRoom(database, roomId, 4_000));
    await server.start();
    const again = await connect(reachable, "owner");
    const { message } = await requestOk(again, "chat_message", { roomId, content: "@everyone" });
    await server.kill();
    await server.start();
    const count = `SELECT count(DISTINCT user_id)::int AS people, count(*)::int AS records FROM notifications WHERE cause = $1`;
    // Somebody near the end of the room has been told: then all before them have.
    const last = await connect(reachable, `${roomId} crowd 04000`);
    await eventually(
      async () => expect((await requestOk(last, "get_notifications", {})).notifications).toHaveLength(1),
      { timeoutMs: 30_000 },
    );
    await server.stop();
    await withDatabase(server.storage, async (database) => {
      expect(await database.query(count, [`message:${message.id}`])).toEqual([{ people: 4_000, records: 4_000 }]);
    });
  } finally {
    await server.remove();
  }
});

/** How long each of many messages took, one after the other, in milliseconds. */
async function delays(
  socket: TestSocket,
  { roomId, isOver }: { roomId: string; isOver: (count: number) => boolean },
): Promise<number[]> {
  const all: number[] = [];
  while (!isOver(all.length)) {
    const startedAt = performance.now();
    await requestOk(socket, "chat_message", { roomId, content: "hello" });
    all.push(performance.now() - startedAt);
  }
  return all;
}

const p99 = (all: number[]): number => Math.round(all.toSorted((a, b) => a - b)[Math.floor(all.length * 0.99)] ?? 0);

async function withDatabase<Result>(
  storage: { dataDir: string; databaseUrl: string | undefined },
  work: (database: import("../../database/database.ts").Database) => Promise<Result>,
): Promise<Result> {
  const { openDatabase } = await import("../../database/open-database.ts");
  const { dataDir, databaseUrl } = storage;
  const database = await openDatabase({ dataDir, ...(databaseUrl ? { databaseUrl } : {}) });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
