import "fake-indexeddb/auto";
import type { UploadedFile } from "@mirage/protocol";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { RealtimeError } from "../lib/error.ts";
import { FakeServer } from "../testing/fake-server.ts";
import { pass, startClient, type TestClient } from "../testing/test-client.ts";
import type { FileAnswer, FileRequest } from "./send-file.ts";

interface Sending extends FileRequest {
  answer(answer: FileAnswer): void;
  fail(error: RealtimeError): void;
}

let server: FakeServer;
let sendings: Sending[];
const open: TestClient[] = [];

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  server = new FakeServer();
  server.addRoom("general", "ann");
  sendings = [];
});
afterEach(() => {
  for (const { realtime } of open.splice(0)) realtime.close();
  vi.unstubAllGlobals();
});

const sendFile = (request: FileRequest) =>
  new Promise<FileAnswer>((answer, fail) => {
    request.signal.addEventListener("abort", () => fail(new RealtimeError("closed", "cancelled")));
    sendings.push({ ...request, answer, fail });
  });

async function openTab(): Promise<TestClient> {
  const client = await startClient(server, "ann", { storage: "indexeddb", userId: "ann", sendFile });
  open.push(client);
  client.realtime.room("general").open();
  await server.settle();
  return client;
}

function closeTab(client: TestClient): void {
  open.splice(open.indexOf(client), 1);
  client.realtime.close();
}

const stored = (id: string): FileAnswer => {
  const file: UploadedFile = { id, name: "a.png", type: "image/png", size: 3, width: 20, height: 10 };
  return { status: 201, body: { file } };
};
const refused = (code: string, status: number, retryable: boolean): FileAnswer => ({
  status,
  body: { error: { code, message: code, retryable } },
});
const photo = () => new File(["abc"], "a.png", { type: "image/png" });
const room = ({ realtime }: TestClient) => realtime.room("general");
const rows = (client: TestClient) =>
  room(client)
    .state.get()
    .items.map(({ message, state }) => `${message.content} (${state})`);
const shows = (client: TestClient, expected: string[]) =>
  expect.poll(() => server.settle().then(() => rows(client)), { interval: 5, timeout: 5_000 }).toEqual(expected);
const begun = (count: number) =>
  expect.poll(() => server.settle().then(() => sendings.length), { interval: 5, timeout: 5_000 }).toBe(count);
const attached = () => server.calls.flatMap(({ name, input }) => (name === "chat_message" ? [input.attachments] : []));

it("[FILE-8] an upload says how far it is, and can be cancelled and begun again", async () => {
  const { realtime } = await openTab();
  const upload = realtime.files.begin(photo());
  await begun(1);
  expect(sendings[0]).toMatchObject({ url: "/api/v1/files?name=a.png", body: { size: 3 } });
  sendings[0]?.onProgress(1);
  expect(upload.state.get()).toEqual({ status: "uploading", progress: 1 / 3 });
  upload.cancel();
  expect([upload.state.get().status, sendings[0]?.signal.aborted]).toEqual(["cancelled", true]);
  upload.retry();
  await begun(2);
  sendings[1]?.answer(refused("too_large", 413, false));
  await expect
    .poll(() => upload.state.get())
    .toEqual({ status: "failed", error: { code: "too_large", message: "too_large" } });
  upload.retry();
  await begun(3);
  sendings[2]?.answer(stored("f1"));
  await expect.poll(() => upload.state.get()).toMatchObject({ status: "done", file: { id: "f1" } });
  const giveUp = new AbortController();
  const direct = realtime.files.upload(photo(), { signal: giveUp.signal });
  await begun(4);
  giveUp.abort();
  await expect(direct).rejects.toMatchObject({ code: "closed" });
});

it("[FILE-13] a picture for a document says which one", async () => {
  const { realtime } = await openTab();
  const uploading = realtime.files.upload(photo(), { documentId: "d1" });
  await begun(1);
  expect(sendings[0]?.url).toBe("/api/v1/files?name=a.png&documentId=d1");
  sendings[0]?.answer(stored("f1"));
  expect(await uploading).toMatchObject({ id: "f1", width: 20 });
});

it("[FILE-8] of many files three go at once, and one that came too soon goes again", async () => {
  const { realtime, clock } = await openTab();
  const uploads = Array.from({ length: 5 }, () => realtime.files.begin(photo()));
  await begun(3);
  uploads[3]?.cancel();
  sendings[0]?.answer(stored("f1"));
  await begun(4);
  sendings[1]?.answer({ status: 429, body: { error: { code: "rate_limited", message: "x", retryAfterMs: 2_000 } } });
  await server.settle();
  expect(uploads[1]?.state.get().status).toBe("uploading");
  clock.advance(2_000);
  await begun(5);
  for (const sending of sendings) sending.answer(stored("f2"));
  await expect
    .poll(() => uploads.map(({ state }) => state.get().status))
    .toEqual(["done", "done", "done", "cancelled", "done"]);
});

it("[FILE-8] a message waits for its files and keeps its place; what comes behind it waits too", async () => {
  const client = await openTab();
  const upload = client.realtime.files.begin(photo());
  room(client).send({ content: "look", attachments: [{ upload, alt: "a cat", width: 20, height: 10 }] });
  room(client).send({ content: "after" });
  await shows(client, ["look (pending)", "after (pending)"]);
  const [pending] = room(client).state.get().items;
  expect(pending?.message.attachments).toEqual([
    { id: upload.id, name: "a.png", type: "image/png", size: 3, alt: "a cat", width: 20, height: 10 },
  ]);
  expect(client.realtime.files.find(upload.id)).toBe(upload);
  expect(attached()).toEqual([]);
  sendings[0]?.answer(stored("f1"));
  await shows(client, ["look (sent)", "after (sent)"]);
  expect(attached()).toEqual([[{ fileId: "f1", alt: "a cat" }], undefined]);
  expect(client.realtime.files.find(upload.id)).toBeUndefined();
});

it("[FILE-8] a lost upload is begun again by itself, one that is refused fails its message alone", async () => {
  const client = await openTab();
  const upload = client.realtime.files.begin(photo());
  const clientId = room(client).send({ content: "look", attachments: [{ upload }] });
  room(client).send({ content: "after" });
  await shows(client, ["look (pending)", "after (pending)"]);
  sendings[0]?.fail(new RealtimeError("disconnected", "lost"));
  await pass(client, server, 3_000);
  await begun(2);
  sendings[1]?.answer(refused("too_large", 413, false));
  await shows(client, ["after (sent)", "look (failed)"]);
  room(client).retry(clientId);
  await begun(3);
  sendings[2]?.answer(stored("f2"));
  await shows(client, ["after (sent)", "look (sent)"]);
});

it("[FILE-8] what waits for its files survives a reload, with their bytes up to 25 MiB; without them it says so", async () => {
  const first = await openTab();
  const large = new File([new Uint8Array(25 * 1024 ** 2 + 1)], "film.mp4", { type: "video/mp4" });
  const { files } = first.realtime;
  room(first).send({ content: "large", attachments: [{ upload: files.begin(large) }] });
  room(first).send({ content: "look", attachments: [{ upload: files.begin(photo()) }] });
  await shows(first, ["large (pending)", "look (pending)"]);
  closeTab(first);
  sendings = [];

  const second = await openTab();
  await begun(1);
  expect(await sendings[0]?.body.text()).toBe("abc");
  await shows(second, ["large (failed)", "look (pending)"]);
  expect(room(second).state.get().items[0]?.error?.message).toContain("film.mp4 is no longer on this device");
  sendings[0]?.answer(stored("f3"));
  await shows(second, ["look (sent)", "large (failed)"]);
  closeTab(second);

  const third = await openTab();
  await shows(third, ["look (sent)", "large (failed)"]);
  expect(sendings).toHaveLength(1);
});

it("[FILE-8] dropping a message that waits gives its uploads up", async () => {
  const client = await openTab();
  const upload = client.realtime.files.begin(photo());
  const clientId = room(client).send({ content: "look", attachments: [{ upload }] });
  room(client).send({ content: "after" });
  await shows(client, ["look (pending)", "after (pending)"]);
  room(client).discard(clientId);
  await shows(client, ["after (sent)"]);
  expect(sendings[0]?.signal.aborted).toBe(true);
});

it("[FILE-4] addresses of a whole view are one request, and are kept for ten minutes", async () => {
  const { realtime, clock } = await openTab();
  const asked = () => server.calls.flatMap(({ name, input }) => (name === "get_file_urls" ? [input.fileIds] : []));
  const all = Promise.all(["a", "b", "a"].map((id) => realtime.files.findUrl(id)));
  const asks = (count: number) =>
    expect.poll(() => server.settle().then(() => asked().length), { interval: 5, timeout: 5_000 }).toBe(count);
  await asks(1);
  await server.settle();
  expect((await all).map((url) => url?.url)).toEqual(["/files/a", "/files/b", "/files/a"]);
  expect(asked()).toEqual([["a", "b"]]);
  expect(realtime.files.peekUrl("a")?.url).toBe("/files/a");
  await realtime.files.findUrl("b");
  expect(asked()).toHaveLength(1);
  clock.advance(10 * 60_000);
  expect(realtime.files.peekUrl("a")).toBeUndefined();
  realtime.files.findUrl("a");
  await asks(2);
  expect(asked()).toEqual([["a", "b"], ["a"]]);
});
