import { mergeUpdates } from "yjs";
import type { DocumentFacts, DocumentStorage, KeptDocument } from "./document-storage.ts";
import type { QueuedEdit } from "./sync-machine.ts";

/** With so many updates behind it a document opens slowly: they become one. */
const compactAfterUpdates = 500;

const nothingKept: KeptDocument = { updates: [], unsent: [] };

interface OwnEdit {
  update: Uint8Array;
  /** Absent while it is not stored, and where it could not be. */
  key?: number;
}

export interface LocalCopyOptions {
  documentId: string;
  /** Resolves once it is known whose documents these are. */
  storage: Promise<DocumentStorage>;
  /** An edit is kept, or cannot be: it may be sent. */
  stored: (id: number) => void;
}

/**
 * This device's copy of one document. Changes are written in the order they were made. What cannot
 * be stored (no room, a private window) is sent all the same, but does not survive a reload.
 */
export class LocalCopy {
  readonly #options: LocalCopyOptions;
  readonly #own = new Map<number, OwnEdit>();
  #others: Uint8Array[] = [];
  #lastId = 0;
  #updateCount = 0;
  #writes: Promise<void> = Promise.resolve();

  constructor(options: LocalCopyOptions) {
    this.#options = options;
  }

  /** What was kept; its unsent edits are to be sent again, those of other tabs too. */
  async load(): Promise<KeptDocument & { edits: QueuedEdit[] }> {
    const storage = await this.#options.storage;
    const kept = await storage.load(this.#options.documentId).catch(() => nothingKept);
    this.#updateCount += kept.updates.length;
    const edits = kept.unsent.map(({ key, update }) => this.#take({ key, update }, true));
    return { ...kept, edits };
  }

  /**
   * Keeps an own edit; `stored` is called when that is done. It waits for nothing, since the page may be gone in a moment:
   * a storage writes in the order in which it was asked.
   */
  addOwn(update: Uint8Array): QueuedEdit {
    const own: OwnEdit = { update };
    const edit = this.#take(own, false);
    const { storage, documentId } = this.#options;
    const added = storage
      .then((kept) => kept.addOwn(documentId, update))
      .then(
        (key) => {
          own.key = key;
        },
        () => undefined,
      );
    this.#writes = this.#writes.then(() => added);
    this.#writes.then(() => this.#options.stored(edit.id));
    this.#countUpdate();
    return edit;
  }

  /** Keeps others' edits. Those that come while one is written are written together. */
  addOthers(update: Uint8Array): void {
    this.#others.push(update);
    if (this.#others.length > 1) return;
    this.#write(async (storage, documentId) => {
      const updates = this.#others;
      this.#others = [];
      await storage.addOthers(documentId, mergeUpdates(updates));
    });
    this.#countUpdate();
  }

  /** The bytes of an edit that is not confirmed. */
  findUpdate(id: number): Uint8Array | undefined {
    return this.#own.get(id)?.update;
  }

  confirm(id: number): void {
    const keys = this.#drop([id]);
    if (keys.length > 0) this.#write((storage) => storage.confirm(keys));
  }

  /** Puts one update in the place of these edits. */
  replace(ids: readonly number[], update: Uint8Array): QueuedEdit {
    const keys = this.#drop(ids);
    const own: OwnEdit = { update };
    const edit = this.#take(own, false);
    this.#write(async (storage, documentId) => {
      own.key = await storage.replaceUnsent(documentId, keys, update);
    }).then(() => this.#options.stored(edit.id));
    return edit;
  }

  describe(facts: DocumentFacts): void {
    this.#write((storage, documentId) => storage.describe(documentId, facts));
  }

  /** Deletes the copy, unless a tab has edits in it that are not confirmed. */
  forget(): void {
    this.#write(async (storage, documentId) => {
      const { unsent } = await storage.load(documentId);
      if (unsent.length === 0) await storage.forget(documentId);
    });
  }

  /** Deletes the copy with everything in it. */
  async discard(): Promise<void> {
    this.#own.clear();
    await this.#write((storage, documentId) => storage.forget(documentId));
  }

  /** Resolves when all that was asked for is written. */
  settle(): Promise<void> {
    return this.#writes;
  }

  #take(own: OwnEdit, isStored: boolean): QueuedEdit {
    this.#lastId += 1;
    this.#own.set(this.#lastId, own);
    return { id: this.#lastId, byteCount: own.update.byteLength, isStored };
  }

  /** Answers the keys of those that are stored. */
  #drop(ids: readonly number[]): number[] {
    return ids.flatMap((id) => {
      const { key } = this.#own.get(id) ?? {};
      this.#own.delete(id);
      return key === undefined ? [] : [key];
    });
  }

  #countUpdate(): void {
    this.#updateCount += 1;
    if (this.#updateCount < compactAfterUpdates) return;
    this.#updateCount = 1;
    this.#write((storage, documentId) => storage.compact(documentId));
  }

  #write(change: (storage: DocumentStorage, documentId: string) => Promise<void>): Promise<void> {
    const { storage, documentId } = this.#options;
    this.#writes = this.#writes.then(async () => change(await storage, documentId)).catch(() => undefined);
    return this.#writes;
  }
}
