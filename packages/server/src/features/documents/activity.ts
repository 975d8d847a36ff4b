import { type DocumentState, type EventPayload, limits } from "@mirage/protocol";
import type { Clock, Timer } from "../../ports/clock.ts";
import type { Person } from "./visitors.ts";

export interface ActivityOptions {
  clock: Clock;
  editorsOf: (documentId: string) => Person[];
  emit: (activity: EventPayload<"document_activity">) => void;
}

interface Shown {
  document: Pick<DocumentState, "roomId" | "title" | "updatedAt" | "updatedBy">;
  timer: Timer | undefined;
  isDue: boolean;
}

/** Tells a document's room who is in it and who changed it, at most once a second and document. */
export class Activity {
  readonly #options: ActivityOptions;
  readonly #shown = new Map<string, Shown>();

  constructor(options: ActivityOptions) {
    this.#options = options;
  }

  /** Somebody came or went, or the document itself changed. */
  mark(document: DocumentState): void {
    if (document.roomId === null) return;
    const shown = this.#shown.get(document.id);
    if (shown) shown.document = newerOf(shown.document, document);
    this.#due(document.id, shown ?? { document, timer: undefined, isDue: true });
  }

  /** Somebody changed the content. */
  edited(document: DocumentState, by: Person): void {
    const updatedAt = new Date(this.#options.clock.now()).toISOString();
    this.mark({ ...document, updatedAt, updatedBy: by });
  }

  close(): void {
    for (const { timer } of this.#shown.values()) timer?.cancel();
    this.#shown.clear();
  }

  #due(documentId: string, shown: Shown): void {
    this.#shown.set(documentId, shown);
    shown.isDue = true;
    if (!shown.timer) this.#tell(documentId, shown);
  }

  #tell(documentId: string, shown: Shown): void {
    const { clock, editorsOf, emit } = this.#options;
    shown.timer = undefined;
    if (!shown.isDue) {
      this.#shown.delete(documentId);
      return;
    }
    shown.isDue = false;
    const { roomId, title, updatedAt, updatedBy } = shown.document;
    if (roomId !== null) emit({ documentId, roomId, title, editors: editorsOf(documentId), updatedAt, updatedBy });
    shown.timer = clock.after(limits.documentActivityMs, () => this.#tell(documentId, shown));
  }
}

/** What was read of a document may be older than what somebody has just done to it. */
function newerOf(known: Shown["document"], read: Shown["document"]): Shown["document"] {
  const { updatedAt, updatedBy } = known.updatedAt > read.updatedAt ? known : read;
  return { ...read, updatedAt, updatedBy };
}
