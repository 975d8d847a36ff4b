import { limits } from "@mirage/protocol";
import type { DocumentAccess } from "../../access/document-access.ts";
import type { Session } from "../../access/session.ts";

/** One connection that has a document open. */
export interface Visitor {
  readonly session: Session;
  readonly documentId: string;
  /** By what it was let in; renewed when rights change. */
  access: DocumentAccess;
  /** Yjs clients that it points with. */
  readonly clientIds: Set<number>;
  /** How many client ids became its person's by pointing. */
  claimCount: number;
}

export interface Person {
  userId: string;
  username: string;
}

/** Who has which document open on this node. */
export class Visitors {
  readonly #byDocument = new Map<string, Map<string, Visitor>>();
  readonly #byConnection = new Map<string, Map<string, Visitor>>();

  find({ connectionId }: Session, documentId: string): Visitor | undefined {
    return this.#byDocument.get(documentId)?.get(connectionId);
  }

  /** Whoever is in it already stays the same visitor, with the new access. */
  enter(session: Session, access: DocumentAccess): Visitor {
    const documentId = access.document.id;
    const present = this.find(session, documentId);
    if (present) {
      present.access = access;
      return present;
    }
    const visitor: Visitor = { session, documentId, access, clientIds: new Set(), claimCount: 0 };
    put(this.#byDocument, documentId, [session.connectionId, visitor]);
    put(this.#byConnection, session.connectionId, [documentId, visitor]);
    return visitor;
  }

  leave({ session: { connectionId }, documentId }: Visitor): void {
    take(this.#byDocument, documentId, connectionId);
    take(this.#byConnection, connectionId, documentId);
  }

  isOpen(documentId: string): boolean {
    return this.#byDocument.has(documentId);
  }

  of(documentId: string): Visitor[] {
    return [...(this.#byDocument.get(documentId)?.values() ?? [])];
  }

  ofConnection(connectionId: string): Visitor[] {
    return [...(this.#byConnection.get(connectionId)?.values() ?? [])];
  }

  all(): Visitor[] {
    return [...this.#byDocument.values()].flatMap((visitors) => [...visitors.values()]);
  }

  /** People, each once, in the order they came; the first 20 of those who may be seen. */
  editorsOf(documentId: string, isHidden: (userId: string) => boolean): Person[] {
    const people = new Map<string, Person>();
    for (const { session } of this.#byDocument.get(documentId)?.values() ?? []) {
      const { userId, username } = session;
      if (!isHidden(userId)) people.set(userId, { userId, username });
      if (people.size >= limits.documentEditors) break;
    }
    return [...people.values()];
  }
}

type Table = Map<string, Map<string, Visitor>>;

function put(table: Table, key: string, [inner, visitor]: [string, Visitor]): void {
  const row = table.get(key) ?? new Map<string, Visitor>();
  table.set(key, row.set(inner, visitor));
}

function take(table: Table, key: string, inner: string): void {
  const row = table.get(key);
  row?.delete(inner);
  if (row?.size === 0) table.delete(key);
}
