import type { Clock } from "../../ports/clock.ts";
import type { Background } from "./background/background.ts";
import type { ContentStore } from "./content.store.ts";
import type { LiveDocuments } from "./live-documents.ts";

export interface CompactionDeps {
  content: ContentStore;
  documents: Pick<LiveDocuments, "find">;
  background: Background;
  clock: Clock;
  onCompacted: (outcome: "done" | "failed") => void;
  onFault: (error: unknown) => void;
}

/** With more since the last snapshot a document is compacted. */
const maxPendingUpdates = 500;
const maxPendingBytes = 1024 * 1024;
/** One that could not be compacted is left alone for so long. */
const pauseMs = 60_000;
/** One that is full is tried again so often, while somebody wants to write. */
const fullPauseMs = 2_000;

/** Keeps what has to be read to open a document small: a snapshot of all, and the updates after it. */
export class Compaction {
  readonly #deps: CompactionDeps;
  readonly #waiting = new Set<string>();
  readonly #failedAtMs = new Map<string, number>();
  #running: Promise<void> | undefined;
  #fullAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(deps: CompactionDeps) {
    this.#deps = deps;
  }

  /** An update was added. */
  check(documentId: string): void {
    const pending = this.#deps.documents.find(documentId)?.pending;
    if (!pending) return;
    if (pending.updates > maxPendingUpdates || pending.bytes > maxPendingBytes) this.request(documentId);
  }

  /** Somebody found it full: what was deleted since the last snapshot may make room. */
  makeRoom(documentId: string): void {
    const now = this.#deps.clock.monotonicMs();
    if (now - this.#fullAtMs < fullPauseMs) return;
    this.#fullAtMs = now;
    if (this.#deps.documents.find(documentId)?.pending.updates) this.request(documentId);
  }

  /** Compacts a document behind whatever else is. */
  request(documentId: string): void {
    const sinceFailureMs = this.#deps.clock.monotonicMs() - (this.#failedAtMs.get(documentId) ?? -pauseMs);
    if (this.#isClosed || sinceFailureMs < pauseMs) return;
    this.#waiting.add(documentId);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting.clear();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (const documentId of this.#waiting) {
      try {
        await this.#compact(documentId);
        this.#failedAtMs.delete(documentId);
        this.#deps.onCompacted("done");
      } catch (error) {
        this.#failedAtMs.set(documentId, this.#deps.clock.monotonicMs());
        this.#deps.onCompacted("failed");
        if (!this.#isClosed) this.#deps.onFault(error);
      } finally {
        this.#waiting.delete(documentId);
      }
    }
  }

  async #compact(documentId: string): Promise<void> {
    const { content, background, documents, clock } = this.#deps;
    const stored = await content.read(documentId);
    const updates = stored ? stored.states.length - (stored.snapshotBytes > 0 ? 1 : 0) : 0;
    if (!stored || updates === 0) return;
    const bytes = stored.states.reduce((sum, { length }) => sum + length, 0) - stored.snapshotBytes;
    const state = await background.run({ kind: "merge", states: stored.states });
    await content.compact({ documentId, position: stored.position, state, at: clock.now() });
    documents.find(documentId)?.compacted(state.length, { updates, bytes });
  }
}
