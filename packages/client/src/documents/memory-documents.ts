import type { DocumentFacts, DocumentStorage, UnsentEdit } from "./document-storage.ts";
import { mergeContent } from "./merge-content.ts";

interface Kept {
  updates: Uint8Array[];
  unsent: UnsentEdit[];
  facts?: DocumentFacts;
}

/** Keeps documents for as long as the process lives. */
export function createMemoryDocuments(): DocumentStorage {
  const documents = new Map<string, Kept>();
  let lastKey = 0;
  const at = (documentId: string): Kept => {
    const kept = documents.get(documentId) ?? { updates: [], unsent: [] };
    documents.set(documentId, kept);
    return kept;
  };
  const drop = (kept: Kept, keys: readonly number[]) => {
    kept.unsent = kept.unsent.filter(({ key }) => !keys.includes(key));
  };
  const addUnsent = (kept: Kept, update: Uint8Array): number => {
    lastKey += 1;
    kept.unsent.push({ key: lastKey, update });
    return lastKey;
  };
  return {
    load: async (documentId) => {
      const { updates, unsent, facts } = documents.get(documentId) ?? { updates: [], unsent: [] };
      return { updates: [...updates], unsent: [...unsent], ...(facts ? { facts } : {}) };
    },
    addOwn: async (documentId, update) => {
      at(documentId).updates.push(update);
      return addUnsent(at(documentId), update);
    },
    addOthers: async (documentId, update) => {
      at(documentId).updates.push(update);
    },
    confirm: async (keys) => {
      for (const kept of documents.values()) drop(kept, keys);
    },
    replaceUnsent: async (documentId, keys, update) => {
      drop(at(documentId), keys);
      return addUnsent(at(documentId), update);
    },
    describe: async (documentId, facts) => {
      at(documentId).facts = facts;
    },
    compact: async (documentId) => {
      const kept = at(documentId);
      if (kept.updates.length > 1) kept.updates = [mergeContent(kept.updates)];
    },
    forget: async (documentId) => {
      documents.delete(documentId);
    },
    prune: async (maxDocuments) => {
      const reached = [...documents].flatMap(([id, { facts }]) => (facts ? [{ id, at: facts.reachedAt }] : []));
      reached.sort((a, b) => b.at - a.at);
      for (const { id } of reached.slice(maxDocuments)) if (at(id).unsent.length === 0) documents.delete(id);
    },
    listUnsent: async () => [...documents].filter(([, { unsent }]) => unsent.length > 0).map(([id]) => id),
    close: () => undefined,
  };
}
