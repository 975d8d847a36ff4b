import { Refusal } from "@mirage/protocol";
import type { Change } from "../../hot-path/change.ts";
import type { Hubs } from "../../hot-path/hubs.ts";
import type { Topic } from "../../hot-path/topics.ts";
import type { TimeSlices } from "../../lib/time-slices.ts";
import type { Clock, Timer } from "../../ports/clock.ts";
import type { ContentStore } from "./content.store.ts";
import { LiveDocument } from "./live-document.ts";

export interface LiveDocumentsOptions {
  content: Pick<ContentStore, "read">;
  hubs: Hubs;
  clock: Clock;
  /** Where documents are brought to where they should be. */
  slices: TimeSlices;
  /** Somebody on this node has it open. */
  isOpen: (documentId: string) => boolean;
  /** A copy has gone whose last updates no snapshot holds. */
  onUnloaded: (documentId: string) => void;
  /** Told again and again. */
  onLooked: (documents: { open: number; loaded: number; bytes: number }) => void;
  onFault: (error: unknown) => void;
}

/** A document that nobody has open is kept for so long. */
const idleMs = 60_000;
const sweepMs = 1_000;
/** Times that a document is read again because it changed under the reading. */
const maxReads = 10;

/** The documents that this node has in memory. */
export class LiveDocuments {
  readonly #options: LiveDocumentsOptions;
  readonly #copies = new Map<string, LiveDocument>();
  readonly #opening = new Map<string, Promise<LiveDocument>>();
  readonly #usedAtMs = new Map<string, number>();
  readonly #sweep: Timer;

  constructor(options: LiveDocumentsOptions) {
    this.#options = options;
    this.#sweep = options.clock.every(sweepMs, () => this.#unloadIdle());
  }

  get size(): number {
    return this.#copies.size;
  }

  find(documentId: string): LiveDocument | undefined {
    return this.#copies.get(documentId);
  }

  /** The copy of a document, read where there is none. @throws Refusal `not_found`, `unavailable` */
  async open(documentId: string): Promise<LiveDocument> {
    const copy = this.#copies.get(documentId);
    if (copy && this.#isFollowing(copy)) {
      this.#touch(documentId);
      return copy;
    }
    let opening = this.#opening.get(documentId);
    if (!opening) {
      opening = this.#open(documentId).finally(() => this.#opening.delete(documentId));
      this.#opening.set(documentId, opening);
    }
    return await opening;
  }

  /** As `open`; what is in it is at hand without holding anything up. @throws Refusal, BrokenCopy */
  async openReady(documentId: string): Promise<LiveDocument> {
    for (let tries = 0; ; tries++) {
      const copy = await this.open(documentId);
      const preparing = tries < maxReads ? copy.preparing() : undefined;
      if (!preparing) return copy;
      await preparing;
    }
  }

  /** Brings the copy to where it should be, beside everything else. */
  prepare(documentId: string): void {
    const copy = this.#copies.get(documentId);
    copy?.settling()?.catch((error: unknown) => this.#break(copy, error));
  }

  /** A change of a document's stream is on its way to listeners: the copy has it before they do. */
  deliver(change: Change): void {
    const documentId = change.stream.slice("doc:".length);
    const copy = this.#copies.get(documentId);
    if (!copy) return;
    try {
      copy.apply(change.position, change.event === "collaborative_edit" ? change.payload : undefined);
      this.prepare(documentId);
    } catch (error) {
      this.#break(copy, error);
    }
  }

  /** Forgets a copy that is of no use any more. */
  drop(documentId: string): void {
    this.#copies.get(documentId)?.close();
    this.#copies.delete(documentId);
    this.#usedAtMs.delete(documentId);
  }

  close(): void {
    this.#sweep.cancel();
    for (const documentId of [...this.#copies.keys()]) this.drop(documentId);
  }

  async #open(documentId: string): Promise<LiveDocument> {
    const { content, hubs } = this.#options;
    const stream: Topic = `doc:${documentId}`;
    for (let reads = 0; reads < maxReads; reads++) {
      const stored = await content.read(documentId);
      if (!stored) throw new Refusal("not_found", "Document not found");
      this.drop(documentId);
      const copy = new LiveDocument(documentId, stored, this.#options.slices);
      this.#copies.set(documentId, copy);
      this.#touch(documentId);
      // In this very tick the hub begins where the copy stands; what comes from here on is applied as it is handed on.
      const opened = hubs.open(stream, stored.position);
      const hub = hubs.find(stream);
      if (hub) copy.follow(hub);
      await opened;
      // What the hub had handed on before, it does not hand on again.
      if (hub && this.#copies.get(documentId) === copy && copy.position >= hub.last) return copy;
    }
    this.drop(documentId);
    throw new Refusal("unavailable", "The document is changing too fast; try again", { retryAfterMs: 1_000 });
  }

  /** A hub that nobody listened to is dropped after a while, and what it fed stands still. */
  #isFollowing({ id, hub, position, isBroken }: LiveDocument): boolean {
    return !isBroken && hub !== undefined && hub === this.#options.hubs.find(`doc:${id}`) && position >= hub.last;
  }

  #break(copy: LiveDocument, error: unknown): void {
    if (this.#copies.get(copy.id) !== copy) return;
    this.drop(copy.id);
    this.#options.onFault(error);
  }

  #touch(documentId: string): void {
    this.#usedAtMs.set(documentId, this.#options.clock.monotonicMs());
  }

  #unloadIdle(): void {
    const { clock, isOpen, onUnloaded, onLooked } = this.#options;
    const now = clock.monotonicMs();
    let open = 0;
    let bytes = 0;
    for (const [documentId, copy] of this.#copies) {
      bytes += copy.bytes;
      if (isOpen(documentId)) {
        this.#touch(documentId);
        open++;
      } else if (now - (this.#usedAtMs.get(documentId) ?? 0) >= idleMs) {
        const isPending = copy.pending.updates > 0;
        this.drop(documentId);
        if (isPending) onUnloaded(documentId);
      }
    }
    onLooked({ open, loaded: this.#copies.size, bytes });
  }
}
