import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { DocumentFacts, DocumentStorage, KeptDocument } from "./document-storage.ts";
import { mergeContent } from "./merge-content.ts";

interface KeptUpdate {
  documentId: string;
  update: Uint8Array;
}

interface DocumentsSchema extends DBSchema {
  updates: { key: number; value: KeptUpdate; indexes: { documentId: string } };
  unsent: { key: number; value: KeptUpdate; indexes: { documentId: string } };
  facts: { key: string; value: DocumentFacts };
}

type Database = IDBPDatabase<DocumentsSchema>;

/**
 * Keeps documents in the browser, for all tabs of one user. Updates are only ever added, so tabs never overwrite each
 * other; `compact` reads and replaces within one transaction. The keys are the database's own counter: one order over
 * all tabs.
 */
export async function openIndexeddbDocuments({ userId }: { userId: string }): Promise<DocumentStorage> {
  const database = await openDB<DocumentsSchema>(`mirage-documents:${userId}`, 1, {
    upgrade(opened) {
      for (const name of ["updates", "unsent"] as const) {
        opened.createObjectStore(name, { autoIncrement: true }).createIndex("documentId", "documentId");
      }
      opened.createObjectStore("facts");
    },
  });
  return {
    load: (documentId) => load(database, documentId),
    async addOwn(documentId, update) {
      const change = database.transaction(["updates", "unsent"], "readwrite");
      const [key] = await Promise.all([
        change.objectStore("unsent").add({ documentId, update }),
        change.objectStore("updates").add({ documentId, update }),
        change.done,
      ]);
      return key;
    },
    async addOthers(documentId, update) {
      await database.add("updates", { documentId, update });
    },
    async confirm(keys) {
      const change = database.transaction("unsent", "readwrite");
      await Promise.all([...keys.map((key) => change.store.delete(key)), change.done]);
    },
    async replaceUnsent(documentId, keys, update) {
      const change = database.transaction("unsent", "readwrite");
      const added = change.store.add({ documentId, update });
      await Promise.all([added, ...keys.map((key) => change.store.delete(key)), change.done]);
      return added;
    },
    async describe(documentId, facts) {
      await database.put("facts", facts, documentId);
    },
    compact: (documentId) => compact(database, documentId),
    forget: (documentId) => forget(database, documentId),
    prune: (maxDocuments) => prune(database, maxDocuments),
    listUnsent: () => listUnsent(database),
    close: () => database.close(),
  };
}

async function load(database: Database, documentId: string): Promise<KeptDocument> {
  const read = database.transaction(["updates", "unsent", "facts"]);
  const unsent = read.objectStore("unsent").index("documentId");
  const [rows, keys, edits, facts] = await Promise.all([
    read.objectStore("updates").index("documentId").getAll(documentId),
    unsent.getAllKeys(documentId),
    unsent.getAll(documentId),
    read.objectStore("facts").get(documentId),
  ]);
  return {
    updates: rows.map(({ update }) => update),
    // Both lists are in the order of the keys.
    unsent: edits.map(({ update }, index) => ({ key: keys[index] ?? 0, update })),
    ...(facts ? { facts } : {}),
  };
}

async function compact(database: Database, documentId: string): Promise<void> {
  const change = database.transaction("updates", "readwrite");
  const index = change.store.index("documentId");
  const [keys, rows] = await Promise.all([index.getAllKeys(documentId), index.getAll(documentId)]);
  if (keys.length > 1) {
    const update = mergeContent(rows.map((row) => row.update));
    await Promise.all([change.store.add({ documentId, update }), ...keys.map((key) => change.store.delete(key))]);
  }
  await change.done;
}

async function forget(database: Database, documentId: string): Promise<void> {
  const change = database.transaction(["updates", "unsent", "facts"], "readwrite");
  await Promise.all(
    (["updates", "unsent"] as const).map(async (name) => {
      const store = change.objectStore(name);
      const keys = await store.index("documentId").getAllKeys(documentId);
      await Promise.all(keys.map((key) => store.delete(key)));
    }),
  );
  await change.objectStore("facts").delete(documentId);
  await change.done;
}

async function prune(database: Database, maxDocuments: number): Promise<void> {
  const read = database.transaction("facts");
  const [documentIds, facts] = await Promise.all([read.store.getAllKeys(), read.store.getAll()]);
  // Both lists are in the order of the keys.
  const reached = documentIds.map((documentId, index) => ({ documentId, at: facts[index]?.reachedAt ?? 0 }));
  reached.sort((a, b) => b.at - a.at);
  const unsent = new Set(await listUnsent(database));
  for (const { documentId } of reached.slice(maxDocuments)) {
    if (!unsent.has(documentId)) await forget(database, documentId);
  }
}

async function listUnsent(database: Database): Promise<string[]> {
  const documentIds: string[] = [];
  const index = database.transaction("unsent").store.index("documentId");
  for (let cursor = await index.openKeyCursor(null, "nextunique"); cursor; cursor = await cursor.continue()) {
    documentIds.push(cursor.key);
  }
  return documentIds;
}
