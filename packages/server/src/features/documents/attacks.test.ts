import { limits } from "@mirage/protocol";
import { eventually, FakeClock, Inbox, request, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import * as Y from "yjs";
import { compactDocument } from "./open-test-document.ts";
import { openTestEditor, type TestEditor } from "./open-test-editor.ts";

let it: TestServer;
afterEach(() => it?.close());

/** A document of Ann's that Bob may edit and Vic may look at. */
async function open(
  options: Parameters<typeof startTestServer>[0] = {},
): Promise<{ documentId: string; ann: TestEditor }> {
  it = await startTestServer(options);
  const owner = await it.connect("ann");
  const { document } = await requestOk(owner, "create_document", { title: "Plan" });
  for (const [userId, role] of [
    ["bob", "edit"],
    ["vic", "view"],
  ] as const) {
    (await it.connect(userId)).disconnect();
    await requestOk(owner, "set_document_role", { documentId: document.id, userId, role });
  }
  const ann = await openTestEditor(it, "ann", document.id);
  ann.text.insert(0, "what Ann wrote");
  await ann.flush();
  return { documentId: document.id, ann };
}

/** Bytes of an update that was honest before somebody changed them. */
const change = fc.record({ at: fc.nat(400), byte: fc.nat(255), kind: fc.constantFrom("set", "insert", "remove") });
function mutate(bytes: Uint8Array, changes: readonly { at: number; byte: number; kind: string }[]): Uint8Array {
  const made = [...bytes];
  for (const { at, byte, kind } of changes)
    made.splice(at % made.length, kind === "insert" ? 0 : 1, ...(kind === "remove" ? [] : [byte]));
  return new Uint8Array(made);
}

test("[DOC-2] [S52] whatever bytes a viewer sends, nothing of the document changes for anybody", async () => {
  const clock = new FakeClock(Date.now());
  const { documentId, ann } = await open({ clock });
  const { seq } = await ann.join();
  const vic = await openTestEditor(it, "vic", documentId);
  vic.text.insert(4, " not");
  vic.text.delete(0, 2);
  const honest = Y.mergeUpdates(vic.unsent.splice(0));
  for (const changes of fc.sample(fc.array(change, { maxLength: 4 }), { numRuns: 40, seed: 7 })) {
    clock.advance(1_000);
    await vic.join();
    expect(await vic.tryToSend(mutate(honest, changes))).toMatch(/forbidden|bad_request/);
  }
  const answer = await fetch(`${it.url}/api/v1/documents/${documentId}/updates`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${it.signToken({ userId: "vic", username: "vic" })}`,
      "content-type": "application/octet-stream",
    },
    body: new Uint8Array(honest),
  });
  expect(answer.status).toBe(403);
  expect(ann.seen).toEqual([]);
  expect(await ann.join()).toMatchObject({ seq });
  const late = await openTestEditor(it, "bob", documentId);
  expect(late.text.toString()).toBe("what Ann wrote");
});

test("[DOC-5] [S52] whatever bytes an editor sends, others write on, and all who have the same see the same", async () => {
  const clock = new FakeClock(Date.now());
  const { documentId, ann } = await open({ clock });
  const bob = await openTestEditor(it, "bob", documentId);
  let taken = 0;
  for (const changes of fc.sample(fc.array(change, { minLength: 1, maxLength: 4 }), { numRuns: 60, seed: 11 })) {
    const doc = new Y.Doc();
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(ann.doc));
    const before = Y.encodeStateVector(doc);
    doc.getText("content").insert(3, "!");
    doc.getText("content").delete(0, 1);
    const code = await bob.tryToSend(mutate(Y.encodeStateAsUpdate(doc, before), changes));
    clock.advance(1_000);
    if (code === undefined) taken++;
    else await requestOk(bob.socket, "join_document", { documentId });
    ann.text.insert(ann.text.length, ".");
    await ann.flush();
  }
  expect(taken).toBeLessThan(60);
  const [first, second] = [await openTestEditor(it, "ann", documentId), await openTestEditor(it, "bob", documentId)];
  expect(first.text.toDelta()).toEqual(second.text.toDelta());
  await eventually(() => expect(ann.text.toDelta()).toEqual(first.text.toDelta()));
  expect(ann.text.toString()).toMatch(/\.{60}$/);
});

test("[DOC-17] [S37] over one connection come at most so many bytes of edits, later ones wait behind, and nothing is lost", async () => {
  const clock = new FakeClock(Date.now());
  const { documentId, ann } = await open({ clock, settings: { eventsPerSecond: 1_000 } });
  const bob = await openTestEditor(it, "bob", documentId);
  const large = "y".repeat(limits.updateBytes - 100);
  for (let sent = 0; sent < limits.editBytesPer10s; sent += limits.updateBytes) {
    bob.text.insert(0, large);
    await bob.flush();
  }
  bob.text.insert(0, "one more");
  const [update = new Uint8Array()] = bob.unsent;
  // The bounds on both sides of what was sent so far.
  for (let n = 0; n < 3; n++)
    await request(bob.socket, "collaborative_edit", { documentId, update: new Uint8Array(1_000) });
  const refused = await request(bob.socket, "collaborative_edit", { documentId, update });
  expect(refused).toMatchObject({ ok: false, error: { code: "rate_limited", retryable: true } });
  expect(refused.ok === false && refused.error.retryAfterMs).toBeGreaterThan(0);
  ann.text.insert(0, "Ann goes on ");
  await ann.flush();
  const metrics = await (await fetch(`${it.url}/metrics`)).text();
  expect(metrics).toMatch(/mirage_rate_limited_total\{limit="edit_bytes"\} [1-9]/);
  clock.advance(10_000);
  await bob.join();
  await bob.flush();
  await eventually(() => expect(ann.text.toString()).toContain("one more"));
});

test("[DOC-17] [S37] by REST one person may send one of the largest, and then waits", async () => {
  const { documentId } = await open({ clock: new FakeClock(Date.now()), settings: { eventsPerSecond: 1_000 } });
  const post = async (bytes: number): Promise<Response> =>
    await fetch(`${it.url}/api/v1/documents/${documentId}/updates`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${it.signToken({ userId: "bob", username: "bob" })}`,
        "content-type": "application/octet-stream",
      },
      body: new Uint8Array(bytes),
    });
  expect((await post(limits.restUpdateBytes)).status).toBe(422);
  const second = await post(limits.restUpdateBytes);
  expect([second.status, Number(second.headers.get("retry-after")) > 0]).toEqual([429, true]);
});

test("[DOC-14] [S52] what is written and deleted again and again, undone and done again, leaves nothing behind", async () => {
  const { documentId, ann } = await open();
  const undo = new Y.UndoManager(ann.text, { captureTimeout: 0 });
  for (let round = 0; round < 100; round++) {
    ann.text.insert(5, `round ${round} of many`);
    ann.text.delete(5, `round ${round} of many`.length);
    undo.undo();
    undo.undo();
    undo.redo();
    undo.redo();
  }
  undo.destroy();
  await ann.flush();
  await compactDocument(it.running.database, documentId);
  const [row] = await it.running.database.query<{ bytes: number }>(
    "SELECT length(state) AS bytes FROM document_snapshots WHERE document_id = $1",
    [documentId],
  );
  expect(row?.bytes).toBeLessThan(20_000);
  const late = await openTestEditor(it, "bob", documentId);
  expect(late.text.toString()).toBe("what Ann wrote");
});

test("[DOC-5] [S52] a state vector that claims more than it brings is refused, and so is joining without end", async () => {
  const { documentId } = await open({ clock: new FakeClock(Date.now()), settings: { eventsPerSecond: 1_000 } });
  const bob = await it.connect("bob");
  const bombs = [
    [0x80, 0x80, 0x80, 0x80, 0x08, 1, 1],
    [1, 1],
    [200, 1],
    [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0],
  ];
  for (const bytes of bombs) {
    const answer = await request(bob, "join_document", { documentId, stateVector: Uint8Array.from(bytes) });
    expect(answer).toMatchObject({ ok: false, error: { code: "bad_request" } });
  }
  const answers = [];
  for (let n = 0; n < 12; n++) answers.push(await request(bob, "join_document", { documentId }));
  expect(answers.at(-1)).toMatchObject({ ok: false, error: { code: "rate_limited" } });
});

test("[CFG-1] where limits on events are off, so is the one on joining a document", async () => {
  const { documentId } = await open({ clock: new FakeClock(Date.now()), settings: { eventsPerSecond: 0 } });
  const bob = await it.connect("bob");
  for (let n = 0; n < 12; n++) await requestOk(bob, "join_document", { documentId });
});

test("[DOC-8] [S52] nobody points as somebody else, whatever the state claims", async () => {
  const { documentId, ann } = await open();
  const bob = await openTestEditor(it, "bob", documentId);
  const inbox = new Inbox(ann.socket);
  const state = { user: { id: "ann", name: "ann" }, userId: "ann", clock: 1e9 };
  await requestOk(bob.socket, "cursor_update", { documentId, clientId: bob.doc.clientID, state });
  await eventually(() => expect(inbox.of("cursor_update").length).toBe(1));
  expect(inbox.of("cursor_update")[0]).toMatchObject({ userId: "bob", username: "bob", state });
  const stolen = await request(bob.socket, "cursor_update", { documentId, clientId: ann.doc.clientID, state });
  expect(stolen).toMatchObject({ ok: false, error: { code: "client_id_taken" } });
});
