import { readdirSync } from "node:fs";
import { join } from "node:path";
import { eventually, request, requestOk, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import { FakeClock } from "@mirage/testing/fake-clock";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as Y from "yjs";
import { compactDocument } from "./features/documents/open-test-document.ts";
import { openTestEditor, type TestEditor } from "./features/documents/open-test-editor.ts";
import { bearerOf, download, drawPicture, type UploadAnswer, urlOf } from "./features/files/open-test-files.ts";

let it: TestServer;
let clock: FakeClock;
let ann: TestSocket;
let bob: TestSocket;

beforeAll(async () => {
  clock = new FakeClock();
  it = await startTestServer({ clock });
  [ann, bob] = await Promise.all([it.connect("ann"), it.connect("bob")]);
});
afterAll(() => it.close());

const createDocument = async (roomId?: string) =>
  (await requestOk(ann, "create_document", { title: "Plan", ...(roomId === undefined ? {} : { roomId }) })).document.id;
const setRole = (documentId: string, role: "view" | "comment" | "edit" | null) =>
  requestOk(ann, "set_document_role", { documentId, userId: "bob", role });
const photo = () => drawPicture(1_000, 500).png().toBuffer();

async function put(user: string, documentId: string, body: Uint8Array | string | undefined = undefined) {
  const query = new URLSearchParams({ name: "photo.png", documentId });
  const bytes = body ?? (await photo());
  const response = await fetch(`${it.url}/api/v1/files?${query}`, {
    method: "POST",
    headers: bearerOf(it, user),
    body: bytes as Uint8Array<ArrayBuffer> | string,
  });
  return { status: response.status, ...((await response.json()) as Omit<UploadAnswer, "status">) };
}

const rowsOf = async (documentId: string) =>
  (
    await it.running.database.query<{ id: string }>("SELECT id FROM files WHERE document_id = $1 ORDER BY id", [
      documentId,
    ])
  ).map(({ id }) => id);
const countBlobs = () =>
  readdirSync(join(it.storage.dataDir, "files"), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  ).length;

/** Some days, and one whole round of the sweep. A week of the clock is very many rounds: what is due then is made due now. */
async function pass(days: number): Promise<void> {
  const { database } = it.running;
  await database.query("UPDATE files SET remove_at = remove_at - make_interval(days => $1)", [days]);
  await database.query(
    `INSERT INTO files (id, user_id, state, name, type, size, storage_key, created_at, remove_at)
     VALUES ('marker', 'ann', 'removing', '', '', 0, $1, $2, $2)`,
    ["0".repeat(32), new Date(clock.now())],
  );
  clock.advance(60_000);
  await eventually(async () => expect(await database.query("SELECT FROM files WHERE id = 'marker'")).toEqual([]));
}

/** Puts a picture into the text as an editor does. */
async function show(editor: TestEditor, fileId: string): Promise<void> {
  const image = new Y.XmlElement("image");
  image.setAttribute("src", `/files/${fileId}`);
  editor.doc.getXmlFragment("content").push([image]);
  await editor.flush();
}

test("[FILE-11] a picture of a document is had by whoever may read that when they ask, and by nobody else", async () => {
  const { room } = await requestOk(ann, "create_room", { name: "room", type: "private" });
  const documentId = await createDocument(room.id);
  const { status, file } = await put("ann", documentId);
  expect([status, file]).toMatchObject([201, { type: "image/png", width: 1_000, height: 500 }]);
  const mayHave = async (socket: TestSocket) => {
    const url = await urlOf(socket, file.id);
    return url !== undefined && (await download(it, url.url)).status === 200;
  };
  expect([await mayHave(ann), await mayHave(bob)]).toEqual([true, false]);
  await setRole(documentId, "view");
  expect(await mayHave(bob)).toBe(true);
  await setRole(documentId, null);
  expect(await mayHave(bob)).toBe(false);
  await requestOk(ann, "add_member", { roomId: room.id, userId: "bob" });
  expect(await mayHave(bob)).toBe(true);
  await requestOk(ann, "remove_member", { roomId: room.id, userId: "bob" });
  expect(await mayHave(bob)).toBe(false);

  // Nor does it get out by a message: it is its document's, also for who has uploaded it.
  const attachments = [{ fileId: file.id }];
  const sent = await request(ann, "chat_message", { roomId: "general", content: "", attachments });
  expect(sent).toMatchObject({ ok: false, error: { code: "not_found" } });

  await setRole(documentId, "view");
  await requestOk(ann, "update_document", { documentId, trashed: true });
  expect([await mayHave(ann), await mayHave(bob)]).toEqual([true, false]);
});

test("[FILE-11] [S16] who may edit a document puts pictures into it, and nothing but pictures", async () => {
  const documentId = await createDocument();
  const refusal = async (user: string, body?: string) => {
    const { status, error } = await put(user, documentId, body);
    return [status, error?.code];
  };
  const hidden = await refusal("bob");
  expect(hidden).toEqual([404, "not_found"]);
  expect(await put("bob", "no-such-document")).toMatchObject({ status: 404, error: { code: "not_found" } });
  expect(await put("bob", "a\u0000b")).toMatchObject({ status: 404, error: { code: "not_found" } });
  await setRole(documentId, "comment");
  expect(await refusal("bob")).toEqual([403, "forbidden"]);
  const before = countBlobs();
  for (const body of ["words", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "%PDF-1.7\n"]) {
    expect(await refusal("ann", body)).toEqual([400, "bad_request"]);
  }
  await eventually(async () => expect([await rowsOf(documentId), countBlobs()]).toEqual([[], before]));
  await setRole(documentId, "edit");
  expect((await put("bob", documentId)).status).toBe(201);
});

test("[FILE-12] what a document, a version of it or its last snapshots show stays; what they do not goes within a week", async () => {
  const documentId = await createDocument();
  const editor = await openTestEditor(it, "ann", documentId);
  const give = async () => (await put("ann", documentId)).file.id;
  const [kept, removed, unused] = [await give(), await give(), await give()];
  await show(editor, kept);
  await show(editor, removed);
  await pass(6);
  expect(await rowsOf(documentId)).toEqual([kept, removed, unused]);
  await pass(1);
  expect(await rowsOf(documentId)).toEqual([kept, removed]);
  expect(await urlOf(ann, unused)).toBeUndefined();

  editor.doc.getXmlFragment("content").delete(1, 1);
  await editor.flush();
  // It can be gone back to until what is kept of the text before is gone, too.
  for (const count of [2, 2, 1]) {
    await pass(7);
    expect(await rowsOf(documentId)).toHaveLength(count);
    const paragraph = new Y.XmlElement("paragraph");
    editor.doc.getXmlFragment("content").push([paragraph]);
    await editor.flush();
    await compactDocument(it.running.database, documentId);
  }
  expect(await rowsOf(documentId)).toEqual([kept]);
});

test("[FILE-12] with a document its pictures go, and no address of theirs works any more", async () => {
  const documentId = await createDocument();
  const before = countBlobs();
  const { file } = await put("ann", documentId);
  const editor = await openTestEditor(it, "ann", documentId);
  await show(editor, file.id);
  const { url = "" } = (await urlOf(ann, file.id)) ?? {};
  expect([(await download(it, url)).status, countBlobs()]).toEqual([200, before + 2]);
  await requestOk(ann, "update_document", { documentId, trashed: true });
  await requestOk(ann, "delete_document", { documentId });
  expect((await download(it, url)).status).toBe(403);
  expect(await urlOf(ann, file.id)).toBeUndefined();
  clock.advance(11 * 60_000);
  await eventually(async () => expect([await rowsOf(documentId), countBlobs()]).toEqual([[], before]));
});
