import { eventually, FakeClock, request, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as Y from "yjs";
import { automaticVersionMs } from "./automatic-versions.ts";
import { openTestEditor } from "./open-test-editor.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.close());

test("[DOC-15] a version holds the content as it was, whatever happens to the document", async () => {
  const ann = await server.connect("ann");
  const { document } = await requestOk(ann, "create_document", { title: "Plan" });
  const editor = await openTestEditor(server, "ann", document.id);
  editor.text.insert(0, "first");
  await editor.flush();
  const { version } = await requestOk(ann, "create_version", { documentId: document.id, name: "Draft" });
  expect(version).toMatchObject({ name: "Draft", userId: "ann", username: "ann", seq: 1 });
  editor.text.delete(0, 5);
  await editor.flush();
  const { versions } = await requestOk(ann, "list_versions", { documentId: document.id });
  expect(versions).toEqual([version]);
  const read = await requestOk(ann, "read_version", { documentId: document.id, versionId: version.id });
  const doc = new Y.Doc();
  Y.applyUpdate(doc, new Uint8Array(read.update));
  expect(doc.getText("content").toString()).toBe("first");
  const other = await requestOk(ann, "create_document", { title: "Other" });
  const wrong = { documentId: other.document.id, versionId: version.id };
  expect(await request(ann, "read_version", wrong)).toMatchObject({ error: { code: "not_found" } });
  expect(await request(ann, "restore_version", wrong)).toMatchObject({ error: { code: "not_found" } });
});

test("[DOC-15] going back to a version reaches every editor as an edit, with formats and nesting, and the present is kept", async () => {
  const socket = await server.connect("ann");
  const { document } = await requestOk(socket, "create_document", { title: "Plan" });
  const documentId = document.id;
  const ann = await openTestEditor(server, "ann", documentId);
  const other = await openTestEditor(server, "ann", documentId);
  ann.doc.transact(() => {
    ann.text.insert(0, "bold and plain");
    ann.text.format(0, 4, { bold: true });
    ann.text.insertEmbed(4, { image: "cat.png" });
    const paragraph = new Y.XmlElement("paragraph");
    paragraph.setAttribute("align", "left");
    paragraph.insert(0, [new Y.XmlText("in a paragraph")]);
    ann.doc.getXmlFragment("page").insert(0, [paragraph, new Y.XmlElement("hr")]);
    ann.doc.getMap("settings").set("nested", new Y.Map([["deep", Y.Array.from([1, "two", { three: 3 }])]]));
    ann.doc.getMap("settings").set("gone", 1);
    ann.doc.getMap("settings").delete("gone");
  });
  await ann.flush();
  const shown = (doc: Y.Doc) => [
    doc.getText("content").toDelta(),
    doc.getXmlFragment("page").toString(),
    doc.getMap("settings").toJSON(),
  ];
  const wanted = shown(ann.doc);
  const { version } = await requestOk(socket, "create_version", { documentId, name: "Good" });
  ann.doc.transact(() => {
    ann.text.delete(0, 6);
    ann.text.insert(0, "worse ");
    ann.doc.getXmlFragment("page").delete(0, 1);
    ann.doc.getMap("settings").set("nested", "flat");
    ann.doc.getMap("settings").set("new", true);
  });
  await ann.flush();
  const worse = shown(ann.doc);
  const { seq } = await requestOk(socket, "restore_version", { documentId, versionId: version.id });
  expect(seq).toBe(3);
  for (const editor of [ann, other]) await eventually(() => expect(shown(editor.doc)).toEqual(wanted));
  const { versions } = await requestOk(socket, "list_versions", { documentId });
  expect(versions.map(({ name }) => name)).toEqual([undefined, "Good"]);
  await requestOk(socket, "restore_version", { documentId, versionId: versions[0]?.id ?? "" });
  for (const editor of [ann, other]) await eventually(() => expect(shown(editor.doc)).toEqual(worse));
  ann.text.insert(0, "and on ");
  await ann.flush();
});

test("[DOC-15] only an editor keeps and restores versions, whoever may look reads them", async () => {
  const socket = await server.connect("ann");
  const documentId = (await requestOk(socket, "create_document", { title: "Plan" })).document.id;
  const { version } = await requestOk(socket, "create_version", { documentId, name: "Empty" });
  const bob = await server.connect("bob");
  await requestOk(socket, "set_document_role", { documentId, userId: "bob", role: "comment" });
  await requestOk(bob, "read_version", { documentId, versionId: version.id });
  const refused = { ok: false, error: { code: "forbidden" } };
  expect(await request(bob, "create_version", { documentId, name: "Mine" })).toMatchObject(refused);
  expect(await request(bob, "restore_version", { documentId, versionId: version.id })).toMatchObject(refused);
});

test("[DOC-15] [DOC-4] going back to a version reaches the editor whose own connection asked for it, before the answer", async () => {
  const socket = await server.connect("ann");
  const { document } = await requestOk(socket, "create_document", { title: "Plan" });
  const documentId = document.id;
  const ann = await openTestEditor(server, "ann", documentId);
  ann.text.insert(0, "good");
  await ann.flush();
  const { version } = await requestOk(ann.socket, "create_version", { documentId, name: "Good" });
  ann.text.insert(0, "no ");
  await ann.flush();
  expect(ann.seen).toEqual([]);
  const { seq } = await requestOk(ann.socket, "restore_version", { documentId, versionId: version.id });
  expect(ann.seen).toEqual([seq]);
  expect(ann.text.toString()).toBe("good");
});

test("[DOC-20] what was changed is kept ten minutes later, as it is then, and nothing where nothing was changed", async () => {
  const clock = new FakeClock(Date.now());
  const own = await startTestServer({ clock });
  try {
    const ann = await own.connect("ann");
    const documentId = (await requestOk(ann, "create_document", { title: "Plan" })).document.id;
    const editor = await openTestEditor(own, "ann", documentId);
    const list = async () => (await requestOk(ann, "list_versions", { documentId })).versions;
    for (const words of ["first", " and second"]) {
      editor.text.insert(editor.text.length, words);
      await editor.flush();
      clock.advance(automaticVersionMs / 2);
    }
    await eventually(async () => expect(await list()).toHaveLength(1));
    const [kept] = await list();
    expect(kept).toMatchObject({ userId: "ann", seq: 2 });
    expect(kept).not.toHaveProperty("name");
    const { update } = await requestOk(ann, "read_version", { documentId, versionId: kept?.id ?? "" });
    const doc = new Y.Doc();
    Y.applyUpdate(doc, new Uint8Array(update));
    expect(doc.getText("content").toString()).toBe("first and second");
    clock.advance(3 * automaticVersionMs);
    editor.text.insert(0, "third ");
    await editor.flush();
    clock.advance(automaticVersionMs);
    await eventually(async () => expect((await list()).map(({ seq }) => seq)).toEqual([3, 2]));
  } finally {
    await own.close();
  }
});

test("[DOC-20] [DOC-15] however often one goes back, one can, and the named ones stay", async () => {
  const ann = await server.connect("ann");
  const documentId = (await requestOk(ann, "create_document", { title: "Plan" })).document.id;
  const { version } = await requestOk(ann, "create_version", { documentId, name: "Good" });
  await server.running.database.query(
    `INSERT INTO document_versions (id, document_id, position, state, checksum, user_id, name, at)
     SELECT v.id || '-' || n, v.document_id, v.position, v.state, v.checksum, v.user_id, NULL, v.at
     FROM document_versions v, generate_series(1, 120) n WHERE v.id = $1`,
    [version.id],
  );
  await requestOk(ann, "restore_version", { documentId, versionId: version.id });
  const first = await requestOk(ann, "list_versions", { documentId });
  const rest = await requestOk(ann, "list_versions", { documentId, cursor: first.nextCursor ?? "" });
  const names = [...first.versions, ...rest.versions].map(({ name }) => name);
  expect(names).toEqual([...Array(50).fill(undefined), "Good"]);
});
