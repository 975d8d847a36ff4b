import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Clock } from "../lib/clock.ts";
import { holdLease, type LeaseStore } from "./lease.ts";
import type { NewOutboxEntry, OutboxEntry, OutboxNews, OutboxStorage } from "./outbox-storage.ts";

interface OutboxSchema extends DBSchema {
  entries: { key: number; value: OutboxEntry; indexes: { clientId: string } };
  lease: { key: "sender"; value: { ownerId: string; expiresAt: number } };
}

interface FileSchema extends DBSchema {
  files: { key: string; value: Blob };
}

export interface IndexeddbOutboxOptions {
  /** Whose messages: each user has a database of their own. */
  userId: string;
  clock: Clock;
  /** Tells this tab from the others. */
  tabId: string;
}

/**
 * Keeps unconfirmed messages in the browser, for all tabs of one user.
 * The order is the database's own counter, so it is one order over all tabs. One tab sends at a time: by a Web Lock
 * where there is one (secure pages), else by a lease in the database.
 */
export async function openIndexeddbOutbox(options: IndexeddbOutboxOptions): Promise<OutboxStorage> {
  const name = `mirage-outbox:${options.userId}`;
  const database = await openDB<OutboxSchema>(name, 1, {
    upgrade(opened) {
      opened
        .createObjectStore("entries", { keyPath: "order", autoIncrement: true })
        .createIndex("clientId", "clientId");
      opened.createObjectStore("lease");
    },
  });
  // A database of its own: raising the version of the other one would wait for every tab that has it open.
  const files = await openDB<FileSchema>(`${name}:files`, 1, {
    upgrade: (opened) => void opened.createObjectStore("files"),
  });
  const channel = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel(name);
  // In Node an open channel would keep the process alive.
  if (channel && "unref" in channel && typeof channel.unref === "function") channel.unref();
  return {
    list: () => database.getAll("entries"),
    add: (entry) => add(database, entry),
    update: (entry) => update(database, entry),
    remove: (clientId) => remove(database, clientId),
    putFile: async (uploadId, bytes) => {
      await files.put("files", bytes, uploadId);
    },
    getFile: (uploadId) => files.get("files", uploadId),
    removeFile: (uploadId) => files.delete("files", uploadId),
    exclusively: (run) =>
      typeof navigator !== "undefined" && navigator.locks
        ? navigator.locks.request(name, run)
        : holdLease({ store: leaseStore(database), clock: options.clock, ownerId: options.tabId }, run),
    tell: (news) => channel?.postMessage(news),
    onNews: (listener) => {
      const onMessage = ({ data }: MessageEvent<OutboxNews>) => listener(data);
      channel?.addEventListener("message", onMessage);
      return () => channel?.removeEventListener("message", onMessage);
    },
    close: () => {
      channel?.close();
      database.close();
      files.close();
    },
  };
}

async function add(database: IDBPDatabase<OutboxSchema>, entry: NewOutboxEntry): Promise<OutboxEntry> {
  // The store fills `order` in: that is what a key path with a key generator is for.
  const order = await database.add("entries", entry as OutboxEntry);
  return { ...entry, order };
}

async function update(database: IDBPDatabase<OutboxSchema>, entry: OutboxEntry): Promise<void> {
  const change = database.transaction("entries", "readwrite");
  if (await change.store.get(entry.order)) await change.store.put(entry);
  await change.done;
}

async function remove(database: IDBPDatabase<OutboxSchema>, clientId: string): Promise<void> {
  const change = database.transaction("entries", "readwrite");
  const order = await change.store.index("clientId").getKey(clientId);
  if (order !== undefined) await change.store.delete(order);
  await change.done;
}

function leaseStore(database: IDBPDatabase<OutboxSchema>): LeaseStore {
  return {
    async tryTake(ownerId, now, expiresAt) {
      const change = database.transaction("lease", "readwrite");
      const held = await change.store.get("sender");
      const isFree = !held || held.ownerId === ownerId || held.expiresAt <= now;
      if (isFree) await change.store.put({ ownerId, expiresAt }, "sender");
      await change.done;
      return isFree;
    },
    async release(ownerId) {
      const change = database.transaction("lease", "readwrite");
      const held = await change.store.get("sender");
      if (held?.ownerId === ownerId) await change.store.delete("sender");
      await change.done;
    },
  };
}
