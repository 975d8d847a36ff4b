import type { NewOutboxEntry, OutboxEntry, OutboxNews, OutboxStorage } from "./outbox-storage.ts";

/** Keeps unconfirmed messages for as long as the process lives. */
export function createMemoryOutbox(): OutboxStorage {
  const entries = new Map<string, OutboxEntry>();
  const files = new Map<string, Blob>();
  const listeners = new Set<(news: OutboxNews) => void>();
  let lastOrder = 0;
  let turn: Promise<unknown> = Promise.resolve();
  return {
    list: async () => [...entries.values()].sort((a, b) => a.order - b.order),
    add: async (entry: NewOutboxEntry) => {
      lastOrder += 1;
      const stored = { ...entry, order: lastOrder };
      entries.set(entry.clientId, stored);
      return stored;
    },
    update: async (entry) => {
      if (entries.has(entry.clientId)) entries.set(entry.clientId, entry);
    },
    remove: async (clientId) => {
      entries.delete(clientId);
    },
    putFile: async (uploadId, bytes) => {
      files.set(uploadId, bytes);
    },
    getFile: async (uploadId) => files.get(uploadId),
    removeFile: async (uploadId) => {
      files.delete(uploadId);
    },
    exclusively: (run) => {
      const mine = turn.then(run);
      turn = mine.catch(() => undefined);
      return mine;
    },
    // One process, one client: there is nobody else to tell.
    tell: () => undefined,
    onNews: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => listeners.clear(),
  };
}
