import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { connect as connectTcp, type Socket } from "node:net";
import { join } from "node:path";
import { eventually, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { FakeClock } from "@mirage/testing/fake-clock";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bearerOf, upload } from "./open-test-files.ts";

const mib = 1024 ** 2;
let it: TestServer;
let clock: FakeClock;
beforeAll(async () => {
  clock = new FakeClock();
  it = await startTestServer({ clock, settings: { fileSizeLimit: mib, fileQuota: 3 * mib } });
});
afterAll(() => it.close());

/** What of uploads is on the disk, beside the blobs of finished ones. */
const scratch = (server = it) => readdirSync(join(server.storage.dataDir, "files", "incoming"));
const rowsOf = (userId: string, server = it) =>
  server.running.database.query<{ state: string; size: number }>("SELECT state, size FROM files WHERE user_id = $1", [
    userId,
  ]);

/** An upload whose bytes are sent one by one, with whatever headers. */
function openUpload(user: string, headers: string, server = it): { socket: Socket; answer: Promise<string> } {
  const socket = connectTcp(server.port, "127.0.0.1");
  let heard = "";
  socket.on("data", (data) => {
    heard += data.toString();
  });
  const answer = new Promise<string>((resolve) => {
    socket.once("close", () => resolve(heard));
    socket.once("error", () => resolve(heard));
  });
  const { authorization } = bearerOf(server, user);
  const head = `POST /api/v1/files?name=a HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n${headers}\r\n\r\n`;
  socket.write(head);
  return { socket, answer };
}

test("[FILE-6] [S44] what is too large is refused: by its header, and where that says nothing by its bytes", async () => {
  const over = await upload(it, "ann", { bytes: randomBytes(mib + 1) });
  expect([over.status, over.error?.code]).toEqual([413, "too_large"]);
  const { socket, answer } = openUpload("ann", "Transfer-Encoding: chunked\r\nConnection: close");
  const chunk = randomBytes(64 * 1024);
  for (let sent = 0; sent <= mib; sent += chunk.length) {
    socket.write(`${chunk.length.toString(16)}\r\n`);
    socket.write(chunk);
    socket.write("\r\n");
  }
  expect(await answer).toMatch(/^HTTP\/1\.1 413 /);
  expect((await upload(it, "ann", { bytes: randomBytes(mib) })).status).toBe(201);
  await eventually(async () => expect([scratch(), (await rowsOf("ann")).length]).toEqual([[], 1]));
});

test("[FILE-6] all files of one person have a bound, on the way and kept; an empty one is a file too", async () => {
  const give = (size: number) => upload(it, "bob", { bytes: randomBytes(size) });
  for (const size of [mib, mib, 0]) expect((await give(size)).status).toBe(201);
  const results = await Promise.all([give(mib * 0.7), give(mib * 0.7)]);
  expect(results.map(({ status }) => status).sort()).toEqual([201, 413]);
  expect((await give(mib * 0.3)).status).toBe(201);
  expect((await upload(it, "cat", { bytes: randomBytes(mib) })).status).toBe(201);
});

test("[FILE-6] [S44] a length that is not the body's is refused, and leaves nothing", async () => {
  for (const wrong of ["Content-Length: -1", "Content-Length: x", "Content-Length: 3\r\nTransfer-Encoding: chunked"]) {
    const { socket, answer } = openUpload("dan", wrong);
    socket.write("abc");
    expect([wrong, await answer]).toEqual([wrong, expect.stringMatching(/^HTTP\/1\.1 400 /)]);
  }
  const { socket } = openUpload("dan", "Content-Length: 1000");
  socket.write("only this");
  await eventually(() => expect(scratch()).toHaveLength(1));
  expect(await rowsOf("dan")).toEqual([{ state: "receiving", size: 1_000 }]);
  socket.end();
  await eventually(async () => expect([scratch(), await rowsOf("dan")]).toEqual([[], []]));
});

test("[FILE-6] [S44] whoever sends nothing for 30 s, or too little in all, hears 408 and leaves nothing", async () => {
  const silent = openUpload("eve", "Content-Length: 1000");
  silent.socket.write("a");
  await eventually(() => expect(scratch()).toHaveLength(1));
  // The file is there before somebody waits for the rest of it.
  await eventually(async () => {
    await clock.advanceAsync(31_000);
    return silent.socket.closed;
  });
  expect(await silent.answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"unavailable"/);

  const drop = openUpload("eve", "Content-Length: 900000");
  await eventually(() => expect(scratch()).toHaveLength(1));
  for (let second = 0; second < 70; second += 10) {
    drop.socket.write("x".repeat(100));
    await clock.advanceAsync(10_000);
  }
  expect(await drop.answer).toMatch(/^HTTP\/1\.1 408 /);
  await eventually(async () => expect([scratch(), await rowsOf("eve")]).toEqual([[], []]));
});

test("[FILE-6] [S44] one person has three uploads at once, and others are not held up by them", async () => {
  const open = Array.from({ length: 3 }, () => openUpload("fay", "Content-Length: 1000"));
  for (const { socket } of open) socket.write("a");
  await eventually(() => expect(scratch()).toHaveLength(3));
  const fourth = await upload(it, "fay", { bytes: "x" });
  expect([fourth.status, fourth.error?.code]).toEqual([429, "rate_limited"]);
  expect((await upload(it, "gil", { bytes: "x" })).status).toBe(201);
  for (const { socket } of open) socket.destroy();
  await eventually(async () => expect((await upload(it, "fay", { bytes: "x" })).status).toBe(201));
});

test("[FILE-6] [S37] a person uploads so often in a minute", async () => {
  const limited = await startTestServer({ clock, settings: { eventsPerSecond: 50 } });
  const statuses: number[] = [];
  for (let i = 0; i < 22; i++) statuses.push((await upload(limited, "ann", { bytes: "x" })).status);
  expect(statuses).toEqual([...Array.from({ length: 20 }, () => 201), 429, 429]);
  clock.advance(60_000);
  expect((await upload(limited, "ann", { bytes: "x" })).status).toBe(201);
  await limited.close();
});

test("[FILE-6] nobody uploads without being somebody", async () => {
  const send = (headers: Record<string, string>) =>
    fetch(`${it.url}/api/v1/files?name=x`, { method: "POST", headers, body: "x" });
  expect((await send({})).status).toBe(401);
  expect((await send({ authorization: "Bearer x.y.z" })).status).toBe(401);
  expect((await send({ authorization: `Bearer ${it.running.settings.apiKey}` })).status).toBe(400);
});

test("[FILE-1] a large upload that is given up leaves nothing, and the chat goes on meanwhile", async () => {
  const own = await startTestServer();
  const socket = await own.connect("ann");
  await requestOk(socket, "join_room", { roomId: "general" });
  const giveUp = new AbortController();
  const sending = fetch(`${own.url}/api/v1/files?name=film`, {
    method: "POST",
    headers: { ...bearerOf(own, "ann"), "content-length": String(100 * mib) },
    body: slowly(100 * mib, () => giveUp.signal.aborted),
    signal: giveUp.signal,
    duplex: "half",
  } as RequestInit).catch((error: unknown) => error);
  await eventually(async () => {
    expect(scratch(own)).toHaveLength(1);
    expect(await rowsOf("ann", own)).toEqual([{ state: "receiving", size: 100 * mib }]);
  });
  await requestOk(socket, "chat_message", { roomId: "general", content: "meanwhile" });
  giveUp.abort();
  await sending;
  await eventually(async () => expect([scratch(own), await rowsOf("ann", own)]).toEqual([[], []]));
  expect(readdirSync(join(own.storage.dataDir, "files"))).toEqual(["incoming"]);
  await own.close();
  expect(existsSync(own.storage.dataDir)).toBe(false);
});

/** Half of it, and then no more until it is given up. */
function slowly(size: number, isOver: () => boolean): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      if (sent >= size / 2) return await eventually(() => expect(isOver()).toBe(true));
      controller.enqueue(new Uint8Array(mib));
      sent += mib;
    },
  });
}
