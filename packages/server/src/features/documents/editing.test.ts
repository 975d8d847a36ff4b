import { limits } from "@mirage/protocol";
import { eventually, Inbox, request, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as Y from "yjs";
import { openTestEditor, TestEditor } from "./open-test-editor.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.close());

async function makeDocument(owner: string, roomId?: string): Promise<string> {
  const socket = await server.connect(owner);
  if (roomId) await requestOk(socket, "join_room", { roomId });
  const { document } = await requestOk(socket, "create_document", { title: "Plan", ...(roomId ? { roomId } : {}) });
  socket.disconnect();
  return document.id;
}

/** A document of a room that both are in. */
async function makeShared(...people: string[]): Promise<string> {
  for (const person of people) {
    const socket = await server.connect(person);
    await requestOk(socket, "join_room", { roomId: "general" });
    socket.disconnect();
  }
  return await makeDocument(people[0] ?? "ann", "general");
}

for (const transports of [["websocket"], ["polling"]]) {
  test(`[DOC-1] [DOC-4] what one writes reaches the others as bytes and in order, and the writer is answered its position, over ${transports}`, async () => {
    const documentId = await makeShared("ann", "bob");
    const ann = await openTestEditor(server, "ann", documentId);
    const bob = new TestEditor(await server.connect("bob", { transports }), documentId);
    await bob.join();
    ann.text.insert(0, "Hello");
    ann.text.insert(5, " world");
    expect(await ann.flush()).toEqual([1, 2]);
    await eventually(() => expect(bob.text.toString()).toBe("Hello world"));
    expect(bob.seen).toEqual([1, 2]);
    expect(ann.seen).toEqual([]);
    bob.text.delete(0, 6);
    expect(await bob.flush()).toEqual([3]);
    await eventually(() => expect(ann.text.toString()).toBe("world"));
  });
}

test("[DOC-1] whoever joins gets exactly what they lack, and what they have more is known by the answer", async () => {
  const documentId = await makeShared("ann", "bob");
  const ann = await openTestEditor(server, "ann", documentId);
  ann.text.insert(0, "x".repeat(10_000));
  await ann.flush();
  const bob = new TestEditor(await server.connect("bob"), documentId);
  const first = await bob.join();
  expect(bob.text.length).toBe(10_000);
  expect(first).toMatchObject({ seq: 1, role: "edit", document: { id: documentId, title: "Plan", roomId: "general" } });
  bob.socket.disconnect();
  ann.text.insert(0, "new ");
  await ann.flush();
  bob.text.insert(10_000, " mine");
  const again = new TestEditor(await server.connect("bob"), documentId);
  Y.applyUpdate(again.doc, Y.encodeStateAsUpdate(bob.doc));
  const second = await again.join();
  expect(second.update.length).toBeLessThan(200);
  expect(await again.flush()).toEqual([3]);
  await eventually(() => expect(ann.text.toString()).toBe(again.text.toString()));
  expect(ann.text.toString()).toBe(`new ${"x".repeat(10_000)} mine`);
});

test("[DOC-6] an update sent twice is stored once, and its repeat is answered as such", async () => {
  const documentId = await makeDocument("ann");
  const ann = await openTestEditor(server, "ann", documentId);
  ann.text.insert(0, "once");
  const [update] = ann.unsent;
  if (!update) throw new Error("nothing was written");
  expect(await ann.send(update)).toMatchObject({ seq: 1 });
  expect(await ann.send(update)).toMatchObject({ seq: 1, duplicate: true });
  const rows = await server.running.database.query("SELECT 1 FROM document_updates WHERE document_id = $1", [
    documentId,
  ]);
  expect(rows.length).toBe(1);
});

test("[DOC-5] after a refused update the document is closed for that connection alone, until it joins again", async () => {
  const documentId = await makeShared("ann", "bob");
  const ann = await openTestEditor(server, "ann", documentId);
  const bob = await openTestEditor(server, "bob", documentId);
  ann.text.insert(0, "a");
  ann.unsent.length = 0;
  ann.text.insert(1, "b");
  // The first one never left, so the second has a hole before it.
  const [second] = ann.unsent.splice(0);
  expect(await ann.tryToSend(second ?? new Uint8Array())).toBe("bad_update");
  ann.text.insert(2, "c");
  const [third] = ann.unsent.splice(0);
  expect(await ann.tryToSend(third ?? new Uint8Array())).toBe("bad_update");
  bob.text.insert(0, "bob");
  await bob.flush();
  await ann.join();
  await ann.flush();
  await eventually(() => expect(bob.text.toString()).toBe(ann.text.toString()));
  expect([...ann.text.toString()].sort().join("")).toBe("abbbco");
});

test("[DOC-5] an update has at most 256 KiB over the socket, and the connection lives on", async () => {
  const documentId = await makeDocument("ann");
  const ann = await openTestEditor(server, "ann", documentId);
  ann.text.insert(0, "x".repeat(limits.updateBytes));
  expect(await ann.tryToSend(ann.unsent.splice(0)[0] ?? new Uint8Array())).toBe("too_large");
  expect(ann.socket.connected).toBe(true);
  const fits = await openTestEditor(server, "ann", documentId);
  fits.text.insert(0, "y".repeat(limits.updateBytes - 100));
  expect(await fits.flush()).toEqual([1]);
});

test("[DOC-2] whoever may only look or comment changes nothing, for nobody", async () => {
  const documentId = await makeDocument("ann");
  const ann = await openTestEditor(server, "ann", documentId);
  for (const role of ["view", "comment"] as const) {
    const name = `may-${role}`;
    await (await server.connect(name)).disconnect();
    await requestOk(ann.socket, "set_document_role", { documentId, userId: name, role });
    const reader = await openTestEditor(server, name, documentId);
    expect(reader.joined?.role).toBe(role);
    reader.text.insert(0, "mine");
    expect(await reader.tryToSend(reader.unsent[0] ?? new Uint8Array())).toBe("forbidden");
  }
  expect(ann.seen).toEqual([]);
  expect((await ann.join()).seq).toBe(2);
  expect(ann.text.toString()).toBe("");
});

test("[DOC-7] to somebody without a right to it a document is one that does not exist", async () => {
  const documentId = await makeDocument("ann");
  const eve = await server.connect("eve");
  const refusals = [];
  for (const id of [documentId, "nothing"]) {
    for (const name of ["get_document", "join_document", "list_versions", "list_document_roles"] as const) {
      const answer = await request(eve, name, { documentId: id });
      refusals.push(answer.ok ? answer : answer.error);
    }
    for (const name of ["update_document", "delete_document"] as const) {
      const answer = await request(eve, name, { documentId: id, title: "Eve's" });
      refusals.push(answer.ok ? answer : answer.error);
    }
  }
  expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1);
  expect(refusals[0]).toMatchObject({ code: "not_found" });
  const pointed = await request(eve, "cursor_update", { documentId, clientId: 1, state: {} });
  expect(pointed).toMatchObject({ ok: false, error: { code: "not_found" } });
});

test("[DOC-8] a client id belongs to whoever joins, points or writes with it first", async () => {
  const documentId = await makeShared("ann", "bob");
  const ann = await openTestEditor(server, "ann", documentId);
  const bob = await openTestEditor(server, "bob", documentId);
  const taken = { documentId, clientId: ann.doc.clientID };
  const answers = [
    await request(bob.socket, "join_document", taken),
    await request(bob.socket, "cursor_update", { ...taken, state: { at: 1 } }),
  ];
  for (const answer of answers) expect(answer).toMatchObject({ ok: false, error: { code: "client_id_taken" } });
  bob.doc.clientID = ann.doc.clientID;
  bob.text.insert(0, "as ann");
  expect(await bob.tryToSend(bob.unsent[0] ?? new Uint8Array())).toBe("client_id_taken");
});

test("[DOC-9] cursors carry the name of who is there, reach the others at most once a tick, and go with their connection", async () => {
  const documentId = await makeShared("ann", "bob");
  const ann = await openTestEditor(server, "ann", documentId);
  const bob = await openTestEditor(server, "bob", documentId);
  const inbox = new Inbox(bob.socket);
  const clientId = ann.doc.clientID;
  for (let at = 0; at < 40; at++) ann.socket.emit("cursor_update", { documentId, clientId, state: { at } });
  await eventually(() => expect(inbox.of("cursor_update").at(-1)?.state).toEqual({ at: 39 }));
  const told = inbox.of("cursor_update");
  expect(told.length).toBeLessThan(10);
  expect(told[0]).toEqual({ documentId, clientId, userId: "ann", username: "ann", state: expect.anything() });
  const late = await openTestEditor(server, "bob", documentId);
  expect(late.joined?.awareness).toEqual([{ clientId, userId: "ann", username: "ann", state: { at: 39 } }]);
  expect(late.joined?.document.editors.map(({ userId }) => userId).sort()).toEqual(["ann", "bob"]);
  const large = await request(ann.socket, "cursor_update", { documentId, clientId, state: { x: "x".repeat(5_000) } });
  expect(large).toMatchObject({ ok: false, error: { code: "bad_request" } });
  ann.socket.disconnect();
  await eventually(() => expect(inbox.of("cursor_update").at(-1)).toMatchObject({ clientId, state: null }));
});

test("[DOC-9] of two connections with one client id the newer one's cursor stays when the older one is lost", async () => {
  const documentId = await makeShared("ada", "bob");
  const ada = await openTestEditor(server, "ada", documentId);
  const bob = await openTestEditor(server, "bob", documentId);
  const inbox = new Inbox(bob.socket);
  const clientId = ada.doc.clientID;
  await requestOk(ada.socket, "cursor_update", { documentId, clientId, state: { at: 1 } });
  const again = await server.connect("ada");
  await requestOk(again, "join_document", { documentId, clientId });
  await requestOk(again, "cursor_update", { documentId, clientId, state: { at: 2 } });
  await eventually(() => expect(inbox.of("cursor_update").at(-1)?.state).toEqual({ at: 2 }));
  ada.socket.disconnect();
  const links = () => server.running.getConnectedUsers().find(({ userId }) => userId === "ada")?.connections;
  await eventually(() => expect(links()).toBe(1));
  expect((await bob.join()).awareness).toEqual([{ clientId, userId: "ada", username: "ada", state: { at: 2 } }]);
  expect(inbox.of("cursor_update").filter(({ state }) => state === null)).toEqual([]);
  again.disconnect();
  await eventually(() => expect(inbox.of("cursor_update").at(-1)).toMatchObject({ clientId, state: null }));
});

test("[DOC-9] [PRES-5] whoever is invisible points at nothing and is not among those who are in a document", async () => {
  const documentId = await makeShared("hid", "bob");
  const hid = await openTestEditor(server, "hid", documentId);
  const bob = await openTestEditor(server, "bob", documentId);
  const inbox = new Inbox(bob.socket);
  const point = (at: number) =>
    requestOk(hid.socket, "cursor_update", { documentId, clientId: hid.doc.clientID, state: { at } });
  await point(1);
  await eventually(() => expect(inbox.of("cursor_update").at(-1)?.state).toEqual({ at: 1 }));
  await requestOk(hid.socket, "presence_update", { status: "offline" });
  await eventually(() => expect(inbox.of("cursor_update").at(-1)?.state).toBeNull());
  inbox.clear();
  await point(2);
  const { awareness, document } = await bob.join();
  expect(awareness).toEqual([]);
  expect(document.editors).toEqual([{ userId: "bob", username: "bob" }]);
  expect(inbox.of("cursor_update")).toEqual([]);
  // What they write is there for all to see, as ever.
  hid.text.insert(0, "boo");
  await hid.flush();
  await eventually(() => expect(bob.text.toString()).toBe("boo"));
});

test("[DOC-10] whoever has the document's room open is told who is in it and who changed it", async () => {
  const documentId = await makeShared("ann", "bob");
  const watcher = await server.connect("bob");
  await requestOk(watcher, "join_room", { roomId: "general" });
  const inbox = new Inbox(watcher);
  const of = () => inbox.of("document_activity").filter((activity) => activity.documentId === documentId);
  const ann = await openTestEditor(server, "ann", documentId);
  await eventually(() => expect(of().at(-1)?.editors).toEqual([{ userId: "ann", username: "ann" }]));
  for (const letter of "quick") {
    ann.text.insert(0, letter);
    await ann.flush();
  }
  await eventually(() => expect(of().at(-1)?.updatedBy).toEqual({ userId: "ann", username: "ann" }));
  expect(of().length).toBeLessThan(5);
  ann.socket.disconnect();
  await eventually(() => expect(of().at(-1)?.editors).toEqual([]));
});
