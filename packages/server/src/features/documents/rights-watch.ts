import type { EvictionCode, Role } from "@mirage/protocol";
import type { DocumentGuard } from "../../access/document-access.ts";
import { documentRoleOf } from "../../access/document-rights.ts";
import type { Change } from "../../hot-path/change.ts";
import type { Clock, Timer } from "../../ports/clock.ts";
import type { Visitor, Visitors } from "./visitors.ts";

export interface RightsWatchDeps {
  guard: DocumentGuard;
  visitors: Visitors;
  clock: Clock;
  /** Other nodes change rights too: then everybody's are looked up again and again. */
  hasOtherNodes: boolean;
  /** Takes somebody out of a document at once. */
  close: (visitor: Visitor) => void;
  /** Tells them why. */
  tell: (visitor: Visitor, code: EvictionCode) => void;
  onFault: (error: unknown) => void;
}

/** Half of the second within which whoever lost a right is out on every node. */
const lookMs = 500;
const maxTries = 5;

/**
 * Sees to it that nobody keeps a document open by a right that is gone, or with another role than they have: whoever is
 * concerned is taken out in the tick of the commit, before anything more is sent, and told whether they may come again.
 */
export class RightsWatch {
  readonly #deps: RightsWatchDeps;
  readonly #timer: Timer | undefined;
  /** Rises with each change of anybody's rights. */
  #changeCount = 0;
  #isLooking = false;

  constructor(deps: RightsWatchDeps) {
    this.#deps = deps;
    this.#timer = deps.hasOtherNodes ? deps.clock.every(lookMs, () => void this.#lookAgain()) : undefined;
  }

  /** Looks rights up for somebody whom a change would not find yet: once more where one came meanwhile. */
  async whileUnchanged<Result>(look: () => Promise<Result>): Promise<Result> {
    for (let tries = 0; ; tries++) {
      const before = this.#changeCount;
      const found = await look();
      if (this.#changeCount === before || tries === maxTries) return found;
    }
  }

  /** A change has been committed here, or has come from another node; nobody has been told of it yet. */
  follow(change: Change): void {
    if (change.event === "member_updated") {
      const { roomId, users } = change.payload;
      this.#changeCount++;
      for (const { userId, role } of users) this.#roomRoleChanged(roomId, userId, role);
    } else if (change.event === "room_updated") {
      this.#changeCount++;
      this.#roomChanged(change.payload.room.id, change.payload.room.archived === true);
    } else if (change.event === "document_updated") {
      this.#changeCount++;
      const { id, trashedAt } = change.payload.document;
      for (const visitor of this.#deps.visitors.of(id)) {
        const isConcerned = change.evicts?.includes(visitor.session.userId) === true;
        const isTrashChanged = visitor.access.standing.isTrashed !== (trashedAt !== null);
        if (isConcerned || isTrashChanged) this.#evict(visitor);
        else void this.#lookAt(visitor).catch(this.#deps.onFault);
      }
    }
  }

  /** The document is gone for good. */
  deleted(documentId: string): void {
    for (const visitor of this.#deps.visitors.of(documentId)) {
      this.#deps.close(visitor);
      this.#deps.tell(visitor, "deleted");
    }
  }

  close(): void {
    this.#timer?.cancel();
  }

  #roomRoleChanged(roomId: string, userId: string, role: Role | null): void {
    for (const visitor of this.#deps.visitors.all()) {
      if (visitor.session.userId !== userId || visitor.access.document.roomId !== roomId) continue;
      const { room } = visitor.access.standing;
      if (room) this.#judge(visitor, { ...room, role });
    }
  }

  #roomChanged(roomId: string, isArchived: boolean): void {
    for (const visitor of this.#deps.visitors.all()) {
      const { room } = visitor.access.standing;
      if (visitor.access.document.roomId === roomId && room) this.#judge(visitor, { ...room, isArchived });
    }
  }

  #judge(visitor: Visitor, room: NonNullable<Visitor["access"]["standing"]["room"]>): void {
    const standing = { ...visitor.access.standing, room };
    if (documentRoleOf(standing) !== visitor.access.role) this.#evict(visitor);
    else visitor.access = { ...visitor.access, standing };
  }

  /** Out first, then looked up: what may come of it is for the next join. */
  #evict(visitor: Visitor): void {
    this.#deps.close(visitor);
    this.#find(visitor)
      .then((found) => this.#deps.tell(visitor, codeOf(found)))
      .catch((error) => {
        this.#deps.tell(visitor, "role_changed");
        this.#deps.onFault(error);
      });
  }

  async #lookAgain(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      await Promise.all(this.#deps.visitors.all().map((visitor) => this.#lookAt(visitor)));
    } catch (error) {
      this.#deps.onFault(error);
    } finally {
      this.#isLooking = false;
    }
  }

  async #lookAt(visitor: Visitor): Promise<void> {
    const found = await this.#find(visitor);
    const { visitors, close, tell } = this.#deps;
    const isHere = visitors.find(visitor.session, visitor.documentId) === visitor;
    if (!isHere || (found?.role ?? null) === visitor.access.role) return;
    close(visitor);
    tell(visitor, codeOf(found));
  }

  #find({ session, documentId }: Visitor): ReturnType<DocumentGuard["find"]> {
    return this.#deps.guard.find({ userId: session.userId, isAdmin: session.isAdmin, documentId });
  }
}

function codeOf(found: Awaited<ReturnType<DocumentGuard["find"]>>): EvictionCode {
  if (!found || found.standing.isTrashed) return "deleted";
  return found.role === null ? "forbidden" : "role_changed";
}
