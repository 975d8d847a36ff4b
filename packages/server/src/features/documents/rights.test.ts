import { commands, type EvictionCode, limits } from "@mirage/protocol";
import {
  eventually,
  Inbox,
  request,
  requestOk,
  startTestServer,
  type TestServer,
  type TestSocket,
} from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestEditor, type TestEditor } from "./open-test-editor.ts";

let server: TestServer;
let ann: TestSocket;

beforeAll(async () => {
  server = await startTestServer();
  ann = await server.connect("ann");
  for (const name of ["bob", "cat"]) (await server.connect(name)).disconnect();
});
afterAll(() => server?.close());

const makeRoom = async (type: "public" | "private" | "announcement" = "private"): Promise<string> => {
  const { room } = await requestOk(ann, "create_room", { name: "room", type });
  for (const userId of ["bob", "cat"]) await requestOk(ann, "add_member", { roomId: room.id, userId });
  return room.id;
};

async function makeDocument(input: { roomId?: string; title?: string } = {}): Promise<string> {
  return (await requestOk(ann, "create_document", { title: "Plan", ...input })).document.id;
}

async function evictionOf(editor: TestEditor, act: () => Promise<unknown>): Promise<EvictionCode | undefined> {
  const inbox = new Inbox(editor.socket);
  await act();
  await eventually(() => expect(inbox.of("document_evicted")).toHaveLength(1));
  return inbox.of("document_evicted")[0]?.code;
}

test("[DOC-7] a role comes from the room, or from the document, and the higher one counts", async () => {
  const roomId = await makeRoom();
  const documentId = await makeDocument({ roomId });
  const bob = await server.connect("bob");
  const roleOf = async (socket: TestSocket) => {
    const answer = await request(socket, "get_document", { documentId });
    return answer.ok ? answer.document.role : answer.error.code;
  };
  expect(await roleOf(bob)).toBe("edit");
  await requestOk(ann, "set_role", { roomId, userId: "bob", role: "guest" });
  expect(await roleOf(bob)).toBe("comment");
  await requestOk(ann, "set_document_role", { documentId, userId: "bob", role: "view" });
  expect(await roleOf(bob)).toBe("comment");
  await requestOk(ann, "set_document_role", { documentId, userId: "bob", role: "edit" });
  expect(await roleOf(bob)).toBe("edit");
  await requestOk(ann, "remove_member", { roomId, userId: "bob" });
  expect(await roleOf(bob)).toBe("edit");
  await requestOk(ann, "set_document_role", { documentId, userId: "bob", role: null });
  expect(await roleOf(bob)).toBe("not_found");
  const { people } = await requestOk(ann, "list_document_roles", { documentId });
  expect(people).toEqual([
    { userId: "ann", username: "ann", role: "edit", inherited: false },
    { userId: "cat", username: "cat", role: "edit", inherited: true },
  ]);
  await requestOk(ann, "archive_room", { roomId });
  expect(await roleOf(await server.connect("cat"))).toBe("view");
});

test("[DOC-7] in an announcement room only those who may post there may edit its documents", async () => {
  const roomId = await makeRoom("announcement");
  const documentId = await makeDocument({ roomId });
  const bob = await server.connect("bob");
  expect((await requestOk(bob, "get_document", { documentId })).document).toMatchObject({
    role: "view",
    isOwner: false,
  });
  const made = await request(bob, "create_document", { title: "Mine", roomId });
  expect(made).toMatchObject({ ok: false, error: { code: "forbidden" } });
  await requestOk(ann, "set_role", { roomId, userId: "bob", role: "moderator" });
  expect((await requestOk(bob, "get_document", { documentId })).document.role).toBe("edit");
});

test("[DOC-7] roles are given by the owner and by the room's admins, the owner's stays", async () => {
  const roomId = await makeRoom();
  const documentId = await makeDocument({ roomId });
  const bob = await server.connect("bob");
  const give = () => request(bob, "set_document_role", { documentId, userId: "cat", role: "view" });
  expect(await give()).toMatchObject({ ok: false, error: { code: "forbidden" } });
  await requestOk(ann, "set_role", { roomId, userId: "bob", role: "admin" });
  expect(await give()).toMatchObject({ ok: true });
  const owner = await request(bob, "set_document_role", { documentId, userId: "ann", role: "view" });
  expect(owner).toMatchObject({ ok: false, error: { code: "conflict" } });
  const nobody = await request(bob, "set_document_role", { documentId, userId: "nobody at all", role: "view" });
  expect(nobody).toMatchObject({ ok: false, error: { code: "not_found" } });
});

test("[ACC-1] [DOC-11] whoever loses their role is out at once, and nothing more of the document reaches them", async () => {
  const documentId = await makeDocument();
  await requestOk(ann, "set_document_role", { documentId, userId: "bob", role: "edit" });
  const writer = await openTestEditor(server, "ann", documentId);
  const bob = await openTestEditor(server, "bob", documentId);
  const inbox = new Inbox(bob.socket);
  await requestOk(ann, "set_document_role", { documentId, userId: "bob", role: null });
  writer.text.insert(0, "secret");
  await writer.flush();
  writer.socket.emit("cursor_update", { documentId, clientId: writer.doc.clientID, state: { at: 1 } });
  bob.text.insert(0, "still here");
  expect(await bob.tryToSend(bob.unsent[0] ?? new Uint8Array())).toBe("bad_update");
  await inbox.settle();
  await eventually(() => expect(inbox.of("document_evicted")).toEqual([{ documentId, code: "forbidden" }]));
  expect([...inbox.of("collaborative_edit"), ...inbox.of("cursor_update"), ...inbox.of("document_updated")]).toEqual(
    [],
  );
});

test("[DOC-11] whoever gets another role is told to join again, and has it then", async () => {
  const documentId = await makeDocument();
  await requestOk(ann, "set_document_role", { documentId, userId: "bob", role: "view" });
  const bob = await openTestEditor(server, "bob", documentId);
  const raise = () => requestOk(ann, "set_document_role", { documentId, userId: "bob", role: "edit" });
  expect(await evictionOf(bob, raise)).toBe("role_changed");
  expect((await bob.join()).role).toBe("edit");
  bob.text.insert(0, "now I may");
  await bob.flush();
});

test("[ACC-1] [DOC-11] leaving the room, and the room's end, close its documents", async () => {
  const roomId = await makeRoom();
  const documentId = await makeDocument({ roomId });
  const bob = await openTestEditor(server, "bob", documentId);
  expect(await evictionOf(bob, () => requestOk(ann, "remove_member", { roomId, userId: "bob" }))).toBe("forbidden");
  const cat = await openTestEditor(server, "cat", documentId);
  const inbox = new Inbox(cat.socket);
  await requestOk(ann, "set_role", { roomId, userId: "cat", role: "moderator" });
  cat.text.insert(0, "still an editor");
  await cat.flush();
  expect(inbox.of("document_evicted")).toEqual([]);
  expect(await evictionOf(cat, () => requestOk(ann, "archive_room", { roomId }))).toBe("role_changed");
});

test("[ACC-2] [ACK-3] documents of a room that one may not see are listed like those of no room, by a code of the command's own", async () => {
  const roomId = await makeRoom();
  const eve = await server.connect("eve");
  const hidden = await request(eve, "list_documents", { roomId });
  expect(hidden).toMatchObject({ ok: false, error: { code: "not_found" } });
  expect(await request(eve, "list_documents", { roomId: "nowhere" })).toEqual(hidden);
  expect(commands.list_documents.errors).toContain("not_found");
});

test("[DOC-12] what is in the trash is closed, comes back as it was, and only goes for good from there", async () => {
  const roomId = await makeRoom();
  const documentId = await makeDocument({ roomId, title: "Old plan" });
  const bob = await openTestEditor(server, "bob", documentId);
  bob.text.insert(0, "kept");
  await bob.flush();
  expect(await request(ann, "delete_document", { documentId })).toMatchObject({ error: { code: "conflict" } });
  expect(await request(bob.socket, "update_document", { documentId, trashed: true })).toMatchObject({
    error: { code: "forbidden" },
  });
  expect(await evictionOf(bob, () => requestOk(ann, "update_document", { documentId, trashed: true }))).toBe("deleted");
  expect(await request(bob.socket, "join_document", { documentId })).toMatchObject({ error: { code: "not_found" } });
  const listed = async (socket: TestSocket, scope: "all" | "trash") =>
    (await requestOk(socket, "list_documents", { roomId, scope })).documents.map(({ id }) => id);
  expect([await listed(ann, "all"), await listed(ann, "trash"), await listed(bob.socket, "trash")]).toEqual([
    [],
    [documentId],
    [],
  ]);
  await requestOk(ann, "update_document", { documentId, trashed: false });
  await bob.join();
  expect(bob.text.toString()).toBe("kept");
  await requestOk(ann, "update_document", { documentId, trashed: true });
  expect(await request(bob.socket, "delete_document", { documentId })).toMatchObject({ error: { code: "not_found" } });
  await requestOk(ann, "delete_document", { documentId });
  expect(await request(ann, "get_document", { documentId })).toMatchObject({ error: { code: "not_found" } });
  const left = await server.running.database.query("SELECT 1 FROM document_updates WHERE document_id = $1", [
    documentId,
  ]);
  expect(left).toEqual([]);
});

test("[DOC-13] a title is changed for everybody who has the document open, and what did not change takes no position", async () => {
  const documentId = await makeDocument();
  const editor = await openTestEditor(server, "ann", documentId);
  const inbox = new Inbox(editor.socket);
  await requestOk(ann, "update_document", { documentId, title: "Better plan" });
  await requestOk(ann, "update_document", { documentId, title: "Better plan" });
  await inbox.settle();
  const [told, ...more] = inbox.of("document_updated");
  expect(more).toEqual([]);
  expect(told).toMatchObject({ seq: 1, document: { id: documentId, title: "Better plan", seq: 1 } });
  editor.text.insert(0, "x");
  expect(await editor.flush()).toEqual([2]);
});

test("[DOC-13] a document is made once for each nonce, and lists go on from a cursor, changed last first", async () => {
  const eve = await server.connect("eve");
  const nonce = "n".repeat(10);
  const first = await requestOk(eve, "create_document", { title: "One", nonce });
  expect((await requestOk(eve, "create_document", { title: "One", nonce })).document.id).toBe(first.document.id);
  for (let n = 0; n < limits.pageDocuments + 5; n++) await requestOk(eve, "create_document", { title: `Page ${n}%` });
  const editor = await openTestEditor(server, "eve", first.document.id);
  editor.text.insert(0, "touched");
  await editor.flush();
  const page = await requestOk(eve, "list_documents", {});
  expect(page.documents[0]).toMatchObject({ id: first.document.id, updatedBy: { userId: "eve" } });
  expect(page.documents).toHaveLength(limits.pageDocuments);
  const rest = await requestOk(eve, "list_documents", { cursor: page.nextCursor ?? "" });
  expect(rest.documents).toHaveLength(6);
  expect(rest.nextCursor).toBeNull();
  expect((await requestOk(eve, "list_documents", { query: "page 1%" })).documents.map(({ title }) => title)).toEqual([
    "Page 1%",
  ]);
  expect(await request(eve, "list_documents", { cursor: "bm9uZQ" })).toMatchObject({ error: { code: "bad_request" } });
});
