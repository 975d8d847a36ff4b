import type { AwarenessEntry, EventPayload } from "@mirage/protocol";
import type { Clock, Timer } from "../../ports/clock.ts";

type Relayed = EventPayload<"cursor_update">;
type State = AwarenessEntry["state"];

export interface Cursor {
  documentId: string;
  clientId: number;
  connectionId: string;
  person: { userId: string; username: string };
  state: State;
}

export interface CursorsOptions {
  clock: Clock;
  /** Tells the others in the document. */
  relay: (cursor: Relayed, exceptConnectionId: string) => void;
  /** Somebody who is not to be seen points at nothing. */
  isHidden: (userId: string) => boolean;
}

/** What somebody does within it is told once, as it is then; with many editors it is longer. */
const shortestTickMs = 50;
const tickMsPerEditor = 5;

/** Where people are in documents, as of now: never stored, told to the others at most once a tick. */
export class Cursors {
  readonly #options: CursorsOptions;
  readonly #documents = new Map<string, DocumentCursors>();

  constructor(options: CursorsOptions) {
    this.#options = options;
  }

  set(cursor: Cursor): void {
    const { documentId } = cursor;
    const ofDocument = this.#documents.get(documentId) ?? new DocumentCursors(documentId, this.#options);
    this.#documents.set(documentId, ofDocument);
    ofDocument.set(cursor);
  }

  /** A connection points with this client no more; one that has come after it with the same client still does. */
  remove({ documentId, clientId, connectionId }: Pick<Cursor, "documentId" | "clientId" | "connectionId">): void {
    const ofDocument = this.#documents.get(documentId);
    ofDocument?.remove(clientId, connectionId);
    if (ofDocument?.isEmpty) this.#documents.delete(documentId);
  }

  /** Everybody who may be seen. */
  list(documentId: string): AwarenessEntry[] {
    return this.#documents.get(documentId)?.list() ?? [];
  }

  /** Somebody has become invisible: their cursors go, and are not told of until they point again. */
  hide(userId: string): void {
    for (const ofDocument of this.#documents.values()) ofDocument.hide(userId);
  }

  close(): void {
    for (const ofDocument of this.#documents.values()) ofDocument.close();
    this.#documents.clear();
  }
}

class DocumentCursors {
  readonly #documentId: string;
  readonly #options: CursorsOptions;
  readonly #cursors = new Map<number, Cursor>();
  /** Changed since the last tick. */
  readonly #changed = new Set<number>();
  /** Of whom the others have been told. */
  readonly #shown = new Set<number>();
  #tick: Timer | undefined;

  constructor(documentId: string, options: CursorsOptions) {
    this.#documentId = documentId;
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#cursors.size === 0;
  }

  set(cursor: Cursor): void {
    this.#cursors.set(cursor.clientId, cursor);
    this.#changed.add(cursor.clientId);
    // The first one goes at once, and what comes soon after waits for the tick.
    if (!this.#tick) this.#tell();
  }

  /** Told at once: whoever goes is not waited for. */
  remove(clientId: number, connectionId: string): void {
    const cursor = this.#cursors.get(clientId);
    if (cursor?.connectionId !== connectionId) return;
    this.#cursors.delete(clientId);
    this.#changed.delete(clientId);
    if (this.#shown.delete(clientId)) this.#relay(cursor, null);
    if (this.isEmpty) this.close();
  }

  list(): AwarenessEntry[] {
    return [...this.#cursors.values()]
      .filter(({ person }) => !this.#options.isHidden(person.userId))
      .map(({ clientId, person, state }) => ({ clientId, ...person, state }));
  }

  hide(userId: string): void {
    for (const cursor of this.#cursors.values())
      if (cursor.person.userId === userId && this.#shown.delete(cursor.clientId)) this.#relay(cursor, null);
  }

  close(): void {
    this.#tick?.cancel();
    this.#tick = undefined;
  }

  #tell(): void {
    this.#tick = undefined;
    if (this.#changed.size === 0) return;
    for (const clientId of this.#changed) {
      const cursor = this.#cursors.get(clientId);
      if (!cursor || this.#options.isHidden(cursor.person.userId)) continue;
      this.#shown.add(clientId);
      this.#relay(cursor, cursor.state);
    }
    this.#changed.clear();
    const tickMs = Math.max(shortestTickMs, tickMsPerEditor * this.#cursors.size);
    this.#tick = this.#options.clock.after(tickMs, () => this.#tell());
  }

  #relay({ clientId, person, connectionId }: Cursor, state: State | null): void {
    this.#options.relay({ documentId: this.#documentId, clientId, ...person, state }, connectionId);
  }
}
