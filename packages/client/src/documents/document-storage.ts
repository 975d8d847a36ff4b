import type { Document, DocumentRole } from "@mirage/protocol";

/** What is known of a document besides its content. */
export interface DocumentFacts {
  readonly document: Document;
  readonly role: DocumentRole;
  /** When it was reached last: milliseconds since 1970. */
  readonly reachedAt: number;
}

/** An own edit that the server has not confirmed. */
export interface UnsentEdit {
  /** Rises in the order of the edits, over all tabs. */
  readonly key: number;
  readonly update: Uint8Array;
}

/** All that a device has of one document. */
export interface KeptDocument {
  /** Yjs updates, V1; applied in any order they are the content, unsent edits included. */
  readonly updates: readonly Uint8Array[];
  /** In order. */
  readonly unsent: readonly UnsentEdit[];
  readonly facts?: DocumentFacts;
}

/**
 * Where documents are kept on a device. One storage belongs to one user, and all of their tabs share it.
 * Every call is atomic, and they take effect in the order in which they were made; what one has stored when
 * its promise resolves is there after a reload.
 */
export interface DocumentStorage {
  /** Answers an empty one where nothing is kept. */
  load(documentId: string): Promise<KeptDocument>;
  /** Keeps an own edit, as part of the content and behind all other unsent ones; answers its key. */
  addOwn(documentId: string, update: Uint8Array): Promise<number>;
  /** Keeps others' edits, as part of the content. */
  addOthers(documentId: string, update: Uint8Array): Promise<void>;
  /** The server has confirmed these edits: they stay in the content. */
  confirm(keys: readonly number[]): Promise<void>;
  /** Puts one unsent update in the place of others and answers its key. The content is the same. */
  replaceUnsent(documentId: string, keys: readonly number[], update: Uint8Array): Promise<number>;
  /** Replaces the facts. */
  describe(documentId: string, facts: DocumentFacts): Promise<void>;
  /** Makes one update of the content's many. */
  compact(documentId: string): Promise<void>;
  /** Deletes all that is kept of a document. */
  forget(documentId: string): Promise<void>;
  /** Deletes what was reached longest ago, so that at most so many documents stay; what has unsent edits stays. */
  prune(maxDocuments: number): Promise<void>;
  /** Ids of the documents that have unsent edits. */
  listUnsent(): Promise<string[]>;
  close(): void;
}
