import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { eventually, request, requestOk, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import { FakeClock } from "@mirage/testing/fake-clock";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bearerOf, download, drawPicture, upload, urlOf } from "./open-test-files.ts";

let it: TestServer;
let clock: FakeClock;
let ann: TestSocket;
let bob: TestSocket;
let eve: TestSocket;
let roomId: string;

beforeAll(async () => {
  clock = new FakeClock();
  it = await startTestServer({ clock });
  [ann, bob, eve] = await Promise.all([it.connect("ann"), it.connect("bob"), it.connect("eve")]);
  const { room } = await requestOk(ann, "create_room", { name: "room", type: "private" });
  roomId = room.id;
  await requestOk(ann, "add_member", { roomId, userId: "bob" });
  for (const socket of [ann, bob]) await requestOk(socket, "join_room", { roomId });
});
afterAll(() => it.close());

const photo = () => drawPicture(64, 48).png().toBuffer();
const put = async (user: string, name = "photo.png") =>
  (await upload(it, user, { bytes: await photo(), name, type: "image/png" })).file;
const blobsOf = (server: TestServer) =>
  readdirSync(join(server.storage.dataDir, "files"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

test("[FILE-1] what was uploaded is there whole, under a name of our own", async () => {
  const bytes = randomBytes(200_000);
  const { status, file } = await upload(it, "ann", { bytes, name: "../../x.bin", type: "application/octet-stream" });
  expect([status, file]).toEqual([
    201,
    { id: file.id, name: "x.bin", type: "application/octet-stream", size: 200_000 },
  ]);
  const answer = await download(it, (await urlOf(ann, file.id))?.url ?? "");
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  expect(blobsOf(it).some((name) => /^[0-9a-f]{32}$/.test(name))).toBe(true);
  expect(existsSync(join(it.storage.dataDir, "files", "incoming", "x.bin"))).toBe(false);
  expect(readdirSync(join(it.storage.dataDir, "files", "incoming"))).toEqual([]);
});

test("[FILE-4] until it hangs on a message a file is its uploader's, then whoever's may read that, then nobody's", async () => {
  const file = await put("ann");
  expect(await urlOf(ann, file.id)).toMatchObject({ fileId: file.id });
  for (const socket of [bob, eve]) expect(await urlOf(socket, file.id)).toBeUndefined();

  const content = "look";
  const { message } = await requestOk(ann, "chat_message", { roomId, content, attachments: [{ fileId: file.id }] });
  const { url = "" } = (await urlOf(bob, file.id)) ?? {};
  expect((await download(it, url)).status).toBe(200);
  expect(await urlOf(eve, file.id)).toBeUndefined();

  await requestOk(ann, "remove_member", { roomId, userId: "bob" });
  expect(await urlOf(bob, file.id)).toBeUndefined();
  await requestOk(ann, "add_member", { roomId, userId: "bob" });
  await requestOk(bob, "join_room", { roomId });
  await requestOk(ann, "delete_message", { messageId: message.id });
  expect((await download(it, url)).status).toBe(403);
  for (const socket of [ann, bob]) expect(await urlOf(socket, file.id)).toBeUndefined();
});

test("[FILE-4] an address is for one file and variant, and ends", async () => {
  const [file, other] = [await put("ann"), await put("ann")];
  const { url = "", expiresAt = "" } = (await urlOf(ann, file.id)) ?? {};
  expect((await urlOf(ann, file.id))?.url).toBe(url);
  expect((await download(it, url)).status).toBe(200);
  const forged = [
    url.replace(file.id, other.id),
    url.replace("original", "preview"),
    url.replace(/expires=\d+/, `expires=${Date.parse(expiresAt) / 1_000 + 60}`),
    url.replace(/signature=.*/, "signature=x"),
    url.split("?")[0] ?? "",
    "/files/",
    "/files/%2e%2e%2fsecrets.json",
  ];
  for (const address of forged) expect([address, (await download(it, address)).status]).not.toEqual([address, 200]);
  clock.advance(Date.parse(expiresAt) - clock.now());
  expect((await download(it, url)).status).toBe(403);
  expect((await download(it, (await urlOf(ann, file.id))?.url ?? "")).status).toBe(200);
});

test("[FILE-4] many addresses are one question, in its order; what one may not read is left out", async () => {
  const mine = [await put("ann"), await put("ann")].map(({ id }) => id);
  const theirs = await put("eve");
  const fileIds = [mine[1] ?? "", theirs.id, "nothing", mine[0] ?? "", mine[0] ?? ""];
  const { urls } = await requestOk(ann, "get_file_urls", { fileIds });
  expect(urls.map(({ fileId }) => fileId)).toEqual([mine[1], mine[0]]);
  const over = await request(ann, "get_file_urls", { fileIds: Array.from({ length: 101 }, (_, i) => `f${i}`) });
  expect(over).toMatchObject({ ok: false, error: { code: "bad_request" } });
  const overRest = await fetch(`${it.url}/api/v1/commands/get_file_urls`, {
    method: "POST",
    headers: bearerOf(it, "ann"),
    body: JSON.stringify({ fileIds: mine }),
  });
  expect(((await overRest.json()) as { urls: unknown[] }).urls).toHaveLength(2);
});

test("[FILE-5] a message says what its files are, live, in its answer and in its room's history", async () => {
  const [first, second] = [await put("ann"), await put("ann", "b.png")];
  const heard = new Promise((resolve) => bob.once("chat_message", resolve));
  const attachments = [{ fileId: first.id, alt: "  a sunset " }, { fileId: second.id }];
  const { message } = await requestOk(ann, "chat_message", { roomId, content: "", attachments });
  const facts = { type: "image/png", size: expect.any(Number), width: 64, height: 48 };
  expect(message).toMatchObject({
    type: "image",
    content: "",
    attachments: [
      { id: first.id, name: "photo.png", alt: "a sunset", ...facts },
      { id: second.id, name: "b.png", ...facts },
    ],
  });
  expect(await heard).toEqual(message);
  const page = await requestOk(bob, "get_messages", { roomId, limit: 1 });
  expect(page.messages).toEqual([message]);
  const { message: edited } = await requestOk(ann, "edit_message", {
    messageId: message.id,
    content: "now with words",
  });
  expect(edited.attachments).toEqual(message.attachments);
  const text = await upload(it, "ann", { bytes: "hello", name: "a.txt", type: "text/plain" });
  const mixed = [{ fileId: text.file.id }, { fileId: (await put("ann")).id }];
  expect((await requestOk(ann, "chat_message", { roomId, content: "x", attachments: mixed })).message.type).toBe(
    "file",
  );
});

test("[FILE-5] a file is its author's own and used once; a repeat with the same files is the same message", async () => {
  const [mine, theirs] = [await put("ann"), await put("bob")];
  const send = (attachments: { fileId: string; alt?: string }[], nonce?: string) =>
    request(ann, "chat_message", { roomId, content: "x", attachments, ...(nonce === undefined ? {} : { nonce }) });
  const before = await requestOk(ann, "get_messages", { roomId });
  const refused = [
    [await send([{ fileId: theirs.id }]), "not_found"],
    [await send([{ fileId: mine.id }, { fileId: "nothing" }]), "not_found"],
    [await send([{ fileId: mine.id }, { fileId: mine.id }]), "bad_request"],
    [await send(Array.from({ length: 11 }, (_, index) => ({ fileId: `f${index}` }))), "bad_request"],
  ] as const;
  for (const [answer, code] of refused) expect(answer).toMatchObject({ ok: false, error: { code } });
  expect(await requestOk(ann, "get_messages", { roomId })).toEqual(before);

  const first = await send([{ fileId: mine.id, alt: "one" }], "n1");
  expect(first).toMatchObject({ ok: true });
  expect(await send([{ fileId: mine.id, alt: "one" }], "n1")).toEqual({ ...first, duplicate: true });
  expect(await send([{ fileId: mine.id, alt: "two" }], "n1")).toMatchObject({ error: { code: "nonce_conflict" } });
  expect(await send([], "n1")).toMatchObject({ error: { code: "nonce_conflict" } });
  expect(await send([{ fileId: mine.id }])).toMatchObject({ ok: false, error: { code: "not_found" } });
});

test("[FILE-5] of messages that want one file at once, one gets it", async () => {
  const file = await put("ann");
  const sends = Array.from({ length: 8 }, (_, index) =>
    request(ann, "chat_message", { roomId, content: `${index}`, attachments: [{ fileId: file.id }] }),
  );
  const answers = await Promise.all(sends);
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
});

test("[FILE-5] over REST a message takes files too", async () => {
  const file = await put("ann");
  const response = await fetch(`${it.url}/api/v1/rooms/${roomId}/messages`, {
    method: "POST",
    headers: bearerOf(it, "ann"),
    body: JSON.stringify({ content: "", attachments: [{ fileId: file.id }] }),
  });
  expect(response.status).toBe(201);
  expect(await response.json()).toMatchObject({ message: { attachments: [{ id: file.id }] } });
});

test("[FILE-9] a part is had as a part, and what has not changed is not sent again", async () => {
  const bytes = randomBytes(1_000);
  const { file } = await upload(it, "ann", { bytes, name: "a.bin" });
  const { url = "" } = (await urlOf(ann, file.id)) ?? {};
  const ask = async (headers: Record<string, string>, method = "GET") => {
    const response = await fetch(`${it.url}${url}`, { headers, method });
    const body = Buffer.from(await response.arrayBuffer());
    return { status: response.status, range: response.headers.get("content-range"), body, headers: response.headers };
  };
  const whole = await ask({});
  const etag = whole.headers.get("etag") ?? "";
  expect([whole.status, whole.headers.get("accept-ranges"), whole.headers.get("content-length")]).toEqual([
    200,
    "bytes",
    "1000",
  ]);
  expect(whole.headers.get("cache-control")).toMatch(/^private, max-age=\d+$/);
  const parts = [
    ["bytes=0-99", 206, "bytes 0-99/1000", bytes.subarray(0, 100)],
    ["bytes=900-", 206, "bytes 900-999/1000", bytes.subarray(900)],
    ["bytes=-10", 206, "bytes 990-999/1000", bytes.subarray(990)],
    ["bytes=990-5000", 206, "bytes 990-999/1000", bytes.subarray(990)],
    ["bytes=1000-", 416, "bytes */1000", Buffer.alloc(0)],
    ["bytes=-0", 416, "bytes */1000", Buffer.alloc(0)],
    ["bytes=5-2", 200, null, bytes],
    ["bytes=0-1,5-6", 200, null, bytes],
    ["lines=0-1", 200, null, bytes],
  ] as const;
  for (const [range, status, told, expected] of parts) {
    const part = await ask({ range });
    expect([range, part.status, part.range, part.body.equals(expected)]).toEqual([range, status, told, true]);
  }
  expect((await ask({ range: "bytes=0-1", "if-range": etag })).status).toBe(206);
  expect((await ask({ range: "bytes=0-1", "if-range": '"other"' })).status).toBe(200);
  expect([(await ask({ "if-none-match": etag })).status, (await ask({ "if-none-match": '"x"' })).status]).toEqual([
    304, 200,
  ]);
  const head = await ask({}, "HEAD");
  expect([head.status, head.headers.get("content-length"), head.body.length]).toEqual([200, "1000", 0]);
});

test("[FILE-7] what is not used within a day, or whose message was deleted, goes with its bytes; the rest stays", async () => {
  const own = await startTestServer({ clock });
  try {
    const socket = await own.connect("ann");
    const send = (fileId: string) =>
      requestOk(socket, "chat_message", { roomId: "general", content: "", attachments: [{ fileId }] });
    await requestOk(socket, "join_room", { roomId: "general" });
    const large = await drawPicture(2_000, 1_000).jpeg().toBuffer();
    const give = async () => (await upload(own, "ann", { bytes: large, name: "a.jpg", type: "image/jpeg" })).file.id;
    const [kept, unused, deleted] = [await give(), await give(), await give()];
    await send(kept);
    const { message } = await send(deleted);
    expect(blobsOf(own)).toHaveLength(9);
    await requestOk(socket, "delete_message", { messageId: message.id });
    clock.advance(11 * 60_000);
    await eventually(() => expect(blobsOf(own)).toHaveLength(6));
    expect(await urlOf(socket, unused)).toBeDefined();
    clock.advance(24 * 3_600_000);
    await eventually(() => expect(blobsOf(own)).toHaveLength(3));
    await eventually(async () => {
      const rows = await own.running.database.query<{ id: string }>("SELECT id FROM files");
      expect(rows).toEqual([{ id: kept }]);
    });
    const late = await request(socket, "chat_message", {
      roomId: "general",
      content: "",
      attachments: [{ fileId: unused }],
    });
    expect(late).toMatchObject({ ok: false, error: { code: "not_found" } });
    expect((await download(own, (await urlOf(socket, kept))?.previewUrl ?? "")).status).toBe(200);
  } finally {
    await own.close();
  }
});
