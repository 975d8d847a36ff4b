import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { applyUpdate, Doc, encodeStateAsUpdate } from "yjs";
import type { DocumentFacts, DocumentStorage } from "./document-storage.ts";
import { openIndexeddbDocuments } from "./indexeddb-documents.ts";
import { createMemoryDocuments } from "./memory-documents.ts";

beforeEach(() => vi.stubGlobal("indexedDB", new IDBFactory()));
afterEach(() => vi.unstubAllGlobals());

const facts = { document: { id: "d", title: "Plans" }, role: "edit", reachedAt: 1 } as DocumentFacts;

/** The updates that writing these words one after another makes. */
function write(...words: string[]): Uint8Array[] {
  const doc = new Doc();
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  for (const word of words) doc.getText("t").insert(doc.getText("t").length, word);
  return updates;
}

function read(updates: readonly Uint8Array[]): string {
  const doc = new Doc();
  for (const update of updates) applyUpdate(doc, update);
  return doc.getText("t").toString();
}

async function textOf(storage: DocumentStorage, documentId = "d"): Promise<string> {
  return read((await storage.load(documentId)).updates);
}

const makers = {
  indexeddb: () => openIndexeddbDocuments({ userId: "ann" }),
  memory: async () => createMemoryDocuments(),
};

describe.each(Object.entries(makers))("documents kept in %s", (_name, open) => {
  it("[CLI-21] an own edit is content and unsent at once; confirmed it is content alone", async () => {
    const storage = await open();
    const [one = new Uint8Array(), two = new Uint8Array()] = write("one ", "two");
    const first = await storage.addOwn("d", one);
    const second = await storage.addOwn("d", two);
    expect(await storage.load("d")).toMatchObject({
      unsent: [
        { key: first, update: one },
        { key: second, update: two },
      ],
    });
    expect(second).toBeGreaterThan(first);
    await storage.confirm([first]);
    expect((await storage.load("d")).unsent.map(({ key }) => key)).toEqual([second]);
    expect(await textOf(storage)).toBe("one two");
    storage.close();
  });

  it("[CLI-21] documents are apart, and those with unsent edits are known", async () => {
    const storage = await open();
    const [update = new Uint8Array()] = write("mine");
    await storage.addOwn("d", update);
    await storage.addOwn("d", update);
    await storage.addOthers("other", update);
    await storage.describe("d", facts);
    expect(await storage.listUnsent()).toEqual(["d"]);
    expect(await storage.load("other")).toEqual({ updates: [update], unsent: [] });
    expect((await storage.load("d")).facts).toEqual(facts);
    await storage.forget("d");
    expect(await storage.load("d")).toEqual({ updates: [], unsent: [] });
    expect(await textOf(storage, "other")).toBe("mine");
    storage.close();
  });

  it("[CLI-21] compacting keeps the content and what is unsent, and makes one update of many", async () => {
    const storage = await open();
    const updates = write("one ", "two ", "three");
    for (const update of updates.slice(0, 2)) await storage.addOthers("d", update);
    for (const update of updates.slice(2)) await storage.addOwn("d", update);
    const { unsent } = await storage.load("d");
    await storage.compact("d");
    const compacted = await storage.load("d");
    expect(compacted.updates).toHaveLength(1);
    expect(compacted.unsent).toEqual(unsent);
    expect(await textOf(storage)).toBe("one two three");
    storage.close();
  });

  it("[CLI-26] of many documents those that were reached last stay, and all with unsent edits", async () => {
    const storage = await open();
    const [update = new Uint8Array()] = write("mine");
    for (const [index, id] of ["unsent", "old", "newer", "new"].entries()) {
      await storage.addOthers(id, update);
      await storage.describe(id, { ...facts, reachedAt: index });
    }
    await storage.addOwn("unsent", update);
    await storage.prune(2);
    const kept = async (id: string) => (await storage.load(id)).updates.length;
    expect([await kept("unsent"), await kept("old"), await kept("newer"), await kept("new")]).toEqual([2, 0, 1, 1]);
    await storage.prune(2);
    expect((await storage.load("new")).facts?.reachedAt).toBe(3);
    storage.close();
  });

  it("[CLI-20] what the server lacks takes the place of unsent edits; the content is the same", async () => {
    const storage = await open();
    const keys: number[] = [];
    const updates = write("one ", "two");
    for (const update of updates) keys.push(await storage.addOwn("d", update));
    const doc = new Doc();
    for (const update of updates) applyUpdate(doc, update);
    const lacking = encodeStateAsUpdate(doc);
    const key = await storage.replaceUnsent("d", keys, lacking);
    expect((await storage.load("d")).unsent).toEqual([{ key, update: lacking }]);
    expect(await textOf(storage)).toBe("one two");
    storage.close();
  });
});

describe("documents kept in indexeddb", () => {
  it("[CLI-21] tabs add to one copy and never overwrite each other", async () => {
    const [left, right] = [await makers.indexeddb(), await makers.indexeddb()];
    const [one = new Uint8Array(), two = new Uint8Array(), three = new Uint8Array()] = write("one ", "two ", "three");
    const writes = [left.addOwn("d", one), right.addOwn("d", two), right.compact("d"), left.addOthers("d", three)];
    await Promise.all(writes);
    await left.compact("d");
    expect(await textOf(right)).toBe("one two three");
    expect((await right.load("d")).unsent.map(({ update }) => update)).toEqual([one, two]);
    left.close();
    right.close();
  });

  it("[CLI-21] each person has a copy of their own", async () => {
    const ann = await makers.indexeddb();
    await ann.addOwn("d", write("mine")[0] ?? new Uint8Array());
    const bob = await openIndexeddbDocuments({ userId: "bob" });
    expect(await bob.load("d")).toEqual({ updates: [], unsent: [] });
    expect(await bob.listUnsent()).toEqual([]);
    ann.close();
    bob.close();
  });
});
