import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Doc } from "yjs";
import { openIndexeddbDocuments } from "./indexeddb-documents.ts";
import { LocalCopy } from "./local-copy.ts";
import { createMemoryDocuments } from "./memory-documents.ts";

beforeEach(() => vi.stubGlobal("indexedDB", new IDBFactory()));
afterEach(() => vi.unstubAllGlobals());

function openCopy(storage = openIndexeddbDocuments({ userId: "ann" })) {
  const storedIds: number[] = [];
  const copy = new LocalCopy({ documentId: "d", storage, stored: (id) => storedIds.push(id) });
  return { copy, storedIds, storage };
}

/** Edits as an editor makes them, each an update. */
function type(text: string): Uint8Array[] {
  const doc = new Doc();
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  for (const letter of text) doc.getText("t").insert(doc.getText("t").length, letter);
  return updates;
}

it("[CLI-20] edits are kept one by one in the order they were made, and only then may be sent", async () => {
  const { copy, storedIds, storage } = openCopy();
  const updates = type("abc");
  const edits = updates.map((update) => copy.addOwn(update));
  expect(storedIds).toEqual([]);
  expect(edits.map(({ isStored }) => isStored)).toEqual([false, false, false]);
  await copy.settle();
  expect(storedIds).toEqual(edits.map(({ id }) => id));
  expect((await (await storage).load("d")).unsent.map(({ update }) => update)).toEqual(updates);
});

it("[CLI-21] what one page could not send the next one has, in order, and drops when it is confirmed", async () => {
  const first = openCopy();
  const updates = type("abc");
  for (const update of updates) first.copy.addOwn(update);
  await first.copy.settle();
  const { copy, storage } = openCopy();
  const { edits } = await copy.load();
  expect(edits.map(({ id, isStored }) => [copy.findUpdate(id), isStored])).toEqual(updates.map((one) => [one, true]));
  copy.confirm(edits[0]?.id ?? 0);
  await copy.settle();
  expect((await (await storage).load("d")).unsent.map(({ update }) => update)).toEqual(updates.slice(1));
  expect((await (await storage).load("d")).updates).toHaveLength(3);
});

it("[CLI-20] an edit that cannot be kept may be sent all the same", async () => {
  const full = async () => Promise.reject(new Error("quota exceeded"));
  const { copy, storedIds } = openCopy(Promise.resolve({ ...createMemoryDocuments(), addOwn: full }));
  const [update = new Uint8Array()] = type("a");
  const edit = copy.addOwn(update);
  await copy.settle();
  expect(storedIds).toEqual([edit.id]);
  expect(copy.findUpdate(edit.id)).toEqual(update);
});

it("[CLI-21] a copy of many updates is compacted by itself", async () => {
  const { copy, storage } = openCopy(Promise.resolve(createMemoryDocuments()));
  for (const update of type("x".repeat(505))) copy.addOwn(update);
  await copy.settle();
  const kept = await (await storage).load("d");
  expect(kept.updates.length).toBeLessThan(10);
  expect(kept.unsent).toHaveLength(505);
});

it("[CLI-26] a copy with unsent edits of any tab is not forgotten; discarding deletes all of it", async () => {
  const storage = Promise.resolve(createMemoryDocuments());
  const { copy } = openCopy(storage);
  const other = openCopy(storage);
  const [update = new Uint8Array()] = type("a");
  const edit = other.copy.addOwn(update);
  await other.copy.settle();
  copy.forget();
  await copy.settle();
  expect((await (await storage).load("d")).unsent).toHaveLength(1);
  other.copy.confirm(edit.id);
  await other.copy.settle();
  copy.forget();
  await copy.settle();
  expect(await (await storage).load("d")).toEqual({ updates: [], unsent: [] });
  other.copy.addOwn(update);
  await copy.discard();
  expect(await (await storage).load("d")).toEqual({ updates: [], unsent: [] });
});
