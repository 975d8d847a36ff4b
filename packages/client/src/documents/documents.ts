import type { EventName, EventPayload } from "@mirage/protocol";
import { type Clock, systemClock, type Timer } from "../lib/clock.ts";
import { secureRandom } from "../lib/id.ts";
import type { Realtime } from "../realtime.ts";
import type { DocumentHandle } from "./document-handle.ts";
import type { DocumentStorage } from "./document-storage.ts";
import { openIndexeddbDocuments } from "./indexeddb-documents.ts";
import { createMemoryDocuments } from "./memory-documents.ts";
import { SyncedDocument } from "./synced-document.ts";

/** How long a document stays open after its last handle: going back and forth costs nothing. */
const lingerMs = 5_000;

/** So many documents stay on a device; of more, those that were not opened for longest go. */
const maxKeptDocuments = 100;

/** What documents need; nothing of it must be given. */
export interface DocumentsOptions {
  /** Who is signed in. Default: what the token says. With it, kept documents show before the first token arrives. */
  userId?: string;
  /** Where documents are kept on this device. Default: `indexeddb` where there is one, else `memory`. */
  storage?: DocumentStorage | "indexeddb" | "memory";
  /** For tests: time. */
  clock?: Clock;
  /** For tests: numbers from 0 up to 1. */
  random?: () => number;
}

/** The documents of one person. */
export interface Documents {
  /** Opens a document, or shares it where it is open already. Works offline with what this device keeps of it. */
  open(documentId: string): DocumentHandle;
  /** Ends everything, for good. What is unsent stays kept. */
  close(): void;
}

/**
 * Keeps documents in step over a client's connection. Make one for a client. Edits that a former page could not send
 * are sent when the first connection is there, whether their document is opened or not.
 *
 * @example
 * const documents = openDocuments(realtime);
 * const handle = documents.open(documentId);
 * new EditorView({ extensions: [yCollab(handle.doc.getText("content"), handle.awareness)], parent });
 */
export function openDocuments(realtime: Realtime, options: DocumentsOptions = {}): Documents {
  return new OpenDocuments(realtime, options);
}

interface Opened {
  document: SyncedDocument;
  handleCount: number;
  lingering?: Timer;
  /** Waits until what is on its way has arrived. */
  unsubscribe?: () => void;
}

class OpenDocuments implements Documents {
  readonly #realtime: Realtime;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #opened = new Map<string, Opened>();
  readonly #storage: Promise<DocumentStorage>;
  readonly #ends: (() => void)[];
  #setUserId: (userId: string) => void = () => undefined;
  #hasSentKept = false;
  #isClosed = false;

  constructor(realtime: Realtime, options: DocumentsOptions) {
    this.#realtime = realtime;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? secureRandom;
    const userId = new Promise<string>((resolve) => {
      this.#setUserId = resolve;
    });
    if (options.userId !== undefined) this.#setUserId(options.userId);
    this.#storage = userId.then((id) => openStorage(id, options.storage));
    this.#ends = [realtime.connection.subscribe(() => this.#takeConnection()), ...this.#listen()];
    this.#takeConnection();
  }

  open(documentId: string): DocumentHandle {
    const opened = this.#opened.get(documentId) ?? this.#start(documentId);
    opened.lingering?.cancel();
    opened.unsubscribe?.();
    opened.handleCount += 1;
    let isOpen = true;
    const { doc, awareness, state, comments } = opened.document;
    return {
      id: documentId,
      doc,
      awareness,
      state,
      comments: comments.shown,
      discard: async () => {
        await this.#end(opened);
        await opened.document.discard();
      },
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        opened.handleCount -= 1;
        if (opened.handleCount > 0) return;
        opened.lingering = this.#clock.after(lingerMs, () => this.#endWhenIdle(opened));
      },
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const end of this.#ends) end();
    const endings = [...this.#opened.values()].map((opened) => this.#end(opened));
    Promise.all(endings).then(async () => (await this.#storage).close());
  }

  #start(documentId: string): Opened {
    const host = { realtime: this.#realtime, clock: this.#clock, random: this.#random, storage: this.#storage };
    const opened: Opened = { document: new SyncedDocument(documentId, host), handleCount: 0 };
    this.#opened.set(documentId, opened);
    opened.document.takeConnection(this.#realtime.connection.get());
    return opened;
  }

  #endWhenIdle(opened: Opened): void {
    const end = () => {
      if (opened.document.isIdle) this.#end(opened);
    };
    opened.unsubscribe = opened.document.state.subscribe(end);
    end();
  }

  /** Resolves when everything is kept; does nothing the second time. */
  async #end(opened: Opened): Promise<void> {
    const { document } = opened;
    opened.lingering?.cancel();
    opened.unsubscribe?.();
    if (this.#opened.get(document.id) !== opened) return;
    this.#opened.delete(document.id);
    await document.close();
  }

  #takeConnection(): void {
    const connection = this.#realtime.connection.get();
    if (connection.user) this.#setUserId(connection.user.userId);
    for (const { document } of this.#opened.values()) document.takeConnection(connection);
    if (connection.status !== "online" || this.#hasSentKept) return;
    this.#hasSentKept = true;
    this.#sendKept();
  }

  /** Opens what has unsent edits for as long as it takes to send them. */
  async #sendKept(): Promise<void> {
    const storage = await this.#storage;
    await storage.prune(maxKeptDocuments).catch(() => undefined);
    const documentIds = await storage.listUnsent().catch(() => []);
    if (!this.#isClosed) for (const documentId of documentIds) this.open(documentId).close();
  }

  #listen(): (() => void)[] {
    const on = <Name extends EventName>(
      name: Name,
      idOf: (event: EventPayload<Name>) => string,
      take: (document: SyncedDocument, event: EventPayload<Name>) => void,
    ) =>
      this.#realtime.on(name, (event) => {
        const opened = this.#opened.get(idOf(event));
        if (opened) take(opened.document, event);
      });
    const documentId = (event: { documentId: string }) => event.documentId;
    return [
      on("collaborative_edit", documentId, (document, event) => document.takeEdit(event)),
      on("comment_updated", documentId, (document, event) => document.takeComment(event)),
      on(
        "document_updated",
        (event) => event.document.id,
        (document, event) => document.takeDocument(event),
      ),
      on("cursor_update", documentId, (document, event) => document.takeCursor(event)),
      on("document_evicted", documentId, (document, event) => document.takeEviction(event)),
    ];
  }
}

async function openStorage(userId: string, choice: DocumentsOptions["storage"]): Promise<DocumentStorage> {
  const storage = choice ?? (typeof indexedDB === "undefined" ? "memory" : "indexeddb");
  if (typeof storage === "object") return storage;
  if (storage === "memory") return createMemoryDocuments();
  // Private windows may forbid it: writing still works, it only does not survive a reload.
  return openIndexeddbDocuments({ userId }).catch(() => createMemoryDocuments());
}
