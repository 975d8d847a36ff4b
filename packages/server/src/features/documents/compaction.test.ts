import { eventually, FakeClock, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as Y from "yjs";
import { compactDocument, rebuildDocument } from "./open-test-document.ts";
import { openTestEditor } from "./open-test-editor.ts";

const clock = new FakeClock(Date.now());
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ clock });
});
afterAll(() => server?.close());

async function makeDocument(): Promise<string> {
  const ann = await server.connect("ann");
  const { document } = await requestOk(ann, "create_document", { title: "Plan" });
  ann.disconnect();
  return document.id;
}

const rowsOf = async (table: string, documentId: string): Promise<number[]> => {
  const rows = await server.running.database.query<{ position: number }>(
    `SELECT position FROM ${table} WHERE document_id = $1 ORDER BY position`,
    [documentId],
  );
  return rows.map(({ position }) => position);
};

test("[DOC-3] [DOC-14] with more than 500 updates a document is compacted, and its content and positions stay", async () => {
  const documentId = await makeDocument();
  const ann = await openTestEditor(server, "ann", documentId);
  for (let n = 0; n < 510; n++) ann.text.insert(ann.text.length, `${n} `);
  await ann.flush();
  const [position] = await eventually(async () => {
    const found = await rowsOf("document_snapshots", documentId);
    return found.length > 0 && found;
  });
  expect(position).toBeGreaterThan(500);
  ann.text.delete(0, 100);
  expect(await ann.flush()).toEqual([511]);
  const late = await openTestEditor(server, "ann", documentId);
  expect(late.text.toString()).toBe(ann.text.toString());
  const rebuilt = await rebuildDocument(server.running.database, documentId);
  expect(rebuilt.encodeStateVector()).toEqual(Y.encodeStateVector(ann.doc));
});

test("[DOC-14] three snapshots are kept, and no update goes before the oldest of them holds it", async () => {
  const documentId = await makeDocument();
  const ann = await openTestEditor(server, "ann", documentId);
  for (let round = 1; round <= 5; round++) {
    ann.text.insert(0, "ab");
    ann.text.delete(0, 1);
    await ann.flush();
    await compactDocument(server.running.database, documentId);
    const snapshots = await rowsOf("document_snapshots", documentId);
    expect(snapshots.length).toBe(Math.min(round, 3));
    const updates = await rowsOf("document_updates", documentId);
    const oldest = snapshots.length > 1 ? (snapshots[0] ?? 0) : 0;
    expect(updates).toEqual(Array.from({ length: 2 * round - oldest }, (_, n) => oldest + n + 1));
    expect((await rebuildDocument(server.running.database, documentId)).position).toBe(2 * round);
  }
});

test("[DOC-14] a damaged snapshot is noticed, and the content is rebuilt from an older one", async () => {
  const documentId = await makeDocument();
  const ann = await openTestEditor(server, "ann", documentId);
  const { database } = server.running;
  for (const word of ["one ", "two ", "three "]) {
    ann.text.insert(ann.text.length, word);
    await ann.flush();
    await compactDocument(database, documentId);
  }
  await database.query(
    `UPDATE document_snapshots SET state = set_byte(state, 3, 255 - get_byte(state, 3)) WHERE document_id = $1
     AND position = (SELECT max(position) FROM document_snapshots WHERE document_id = $1)`,
    [documentId],
  );
  const faults: unknown[] = [];
  const rebuilt = await rebuildDocument(database, documentId, (error) => void faults.push(error));
  expect(faults).toHaveLength(1);
  expect(rebuilt.encodeStateVector()).toEqual(Y.encodeStateVector(ann.doc));
  await database.query("UPDATE document_snapshots SET checksum = 'none' WHERE document_id = $1", [documentId]);
  await expect(rebuildDocument(database, documentId, () => undefined)).rejects.toThrow(/no snapshot/);
});

test("[DOC-14] a minute after the last one has left a document is compacted and let go of, and opens again", async () => {
  const documentId = await makeDocument();
  const ann = await openTestEditor(server, "ann", documentId);
  ann.text.insert(0, "still here");
  await ann.flush();
  await requestOk(ann.socket, "leave_document", { documentId });
  await clock.advanceAsync(50_000);
  expect(await rowsOf("document_snapshots", documentId)).toEqual([]);
  await clock.advanceAsync(20_000);
  await eventually(async () => expect(await rowsOf("document_snapshots", documentId)).toEqual([1]));
  const again = await openTestEditor(server, "ann", documentId);
  expect(again.text.toString()).toBe("still here");
  again.text.insert(0, "and ");
  expect(await again.flush()).toEqual([2]);
});

test("[DOC-19] a document that was compacted is answered as it was stored, and can be written to at once", async () => {
  const documentId = await makeDocument();
  const ann = await openTestEditor(server, "ann", documentId);
  for (let n = 0; n < 20; n++) ann.text.insert(n % 3, `${n} `);
  ann.text.delete(2, 5);
  await ann.flush();
  await requestOk(ann.socket, "leave_document", { documentId });
  await clock.advanceAsync(70_000);
  const [snapshot] = await eventually(async () => {
    const rows = await server.running.database.query<{ state: Uint8Array }>(
      "SELECT state FROM document_snapshots WHERE document_id = $1",
      [documentId],
    );
    return rows.length > 0 && rows;
  });
  const late = await openTestEditor(server, "ann", documentId);
  expect(Buffer.from(late.joined?.update ?? [])).toEqual(Buffer.from(snapshot?.state ?? []));
  const vector = Y.decodeStateVector(new Uint8Array(late.joined?.stateVector ?? []));
  expect(vector).toEqual(Y.decodeStateVector(Y.encodeStateVector(ann.doc)));
  expect(late.text.toString()).toBe(ann.text.toString());
  late.text.insert(0, "and on ");
  expect((await late.flush()).at(-1)).toBe(22);
  const again = await openTestEditor(server, "ann", documentId);
  expect(again.text.toString()).toBe(late.text.toString());
});
