import { limits, Refusal } from "@mirage/protocol";
import { type DocumentAccess, type DocumentGuard, fencesOf } from "../../access/document-access.ts";
import { requireDocumentRight } from "../../access/document-rights.ts";
import type { Session } from "../../access/session.ts";
import type { GroupCommit } from "../../hot-path/group-commit.ts";
import { PairOrder } from "../../hot-path/pair-order.ts";
import type { TimeSlices } from "../../lib/time-slices.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DocumentMetrics } from "./documents-metrics.ts";
import { type Judged, judgeUpdate, judgingUpdate, type Verdict } from "./gate/gate.ts";
import { bytesOf, type DocumentItem, type DocumentOutcome } from "./lane/items.ts";
import type { LiveDocument } from "./live-document.ts";
import type { LiveDocuments } from "./live-documents.ts";
import { badUpdate, documentFull, requireDone } from "./refusals.ts";
import type { Visitor } from "./visitors.ts";

export interface EditingDeps {
  guard: DocumentGuard;
  documents: LiveDocuments;
  lane: GroupCommit<DocumentItem, DocumentOutcome>;
  clock: Clock;
  /** Where large updates are judged. */
  slices: TimeSlices;
  metrics: DocumentMetrics;
  /** An update of this node's was committed. */
  onEdited: (session: Session, access: DocumentAccess) => void;
  /** Something was refused because there is no room for it. */
  onFull: (documentId: string) => void;
}

export interface Edit {
  documentId: string;
  update: Uint8Array;
  maxBytes: number;
  /**
   * The open document that it comes from, which has it already; its access spares the look-up. Absent: the update was made
   * elsewhere, and goes to whoever asked for it, too.
   */
  visitor?: Visitor | undefined;
}

/** Everybody draws client ids anew each time they come: a document has room for so many. */
const maxClients = 50_000;
/** What is full may still be made smaller, within reason. */
const fullBytes = limits.documentBytes + limits.restUpdateBytes;

/** A larger update is judged in slices. */
const smallBytes = 4 * 1024;

/** Edits of one connection to one document keep their order. */
const pairOf = ({ connectionId }: Session, documentId: string): string => `${connectionId} ${documentId}`;

/** Everything in the update is there already. */
class Known extends Error {}

/**
 * Takes one update from its receipt to its answer:
 *
 *     in order, for each connection and document ─▶ may they? ─▶ gate ─▶ lane: durable, numbered ─▶ hub ─▶ copy, listeners
 *                                                    ▲                    │ something came in between
 *                                                    └── copy to the head ┘
 *
 * The next one of the same connection waits until this one is in the copy, since it may stand on it.
 */
export class Editing {
  readonly #deps: EditingDeps;
  readonly #order = new PairOrder();

  constructor(deps: EditingDeps) {
    this.#deps = deps;
  }

  /** Work on a document that must not change places with edits of the same connection. */
  inOrder<Result>(session: Session, documentId: string, work: () => Promise<Result>): Promise<Result> {
    return this.#order.run(pairOf(session, documentId), work, (result) => Promise.resolve(result));
  }

  /** Judges and commits; call it `inOrder`. @throws Refusal */
  async commit(session: Session, edit: Edit): Promise<{ seq: number; duplicate?: boolean }> {
    const { metrics } = this.#deps;
    try {
      const taken = await this.#commit(session, edit);
      metrics.taken(taken.duplicate ? "duplicate" : "stored");
      return taken;
    } catch (error) {
      if (error instanceof Refusal) metrics.refused(error.code);
      throw error;
    }
  }

  async #commit(session: Session, edit: Edit): Promise<{ seq: number; duplicate?: boolean }> {
    const { documents, lane, onEdited } = this.#deps;
    const { documentId, visitor } = edit;
    let access = visitor?.access ?? (await this.#deps.guard.require(session, documentId, "edit"));
    requireDocumentRight(access.standing, "edit");
    const copy = (): Promise<LiveDocument> => documents.open(documentId);
    const judge = async () => this.#judge({ session, edit, access }, await copy());
    const judgeAgain = async () => {
      access = await this.#deps.guard.require(session, documentId, "edit");
      if (visitor) visitor.access = access;
      await (await copy()).hub?.repair();
      return await judge();
    };
    try {
      const item = await judge();
      const pair = pairOf(session, documentId);
      const options = { bytes: bytesOf(item), stream: `doc:${documentId}`, pair, judge: judgeAgain };
      const { seq } = requireDone(await lane.submit(item, options));
      await documents.find(documentId)?.hub?.whenCaughtUp();
      onEdited(session, access);
      return { seq };
    } catch (error) {
      if (error instanceof Known) return { seq: (await copy()).position, duplicate: true };
      throw error;
    }
  }

  async #judge(
    { session, edit, access }: { session: Session; edit: Edit; access: DocumentAccess },
    copy: LiveDocument,
  ): Promise<DocumentItem> {
    const { documentId, update, maxBytes, visitor } = edit;
    const { userId } = session;
    const judged = { update, userId, maxBytes };
    let verdict = await this.#verdictOn(judged, copy);
    if (verdict.kind === "ahead") {
      // Another node may have what it stands on, and this copy not yet.
      await copy.hub?.repair();
      verdict = await this.#verdictOn(judged, copy);
    }
    if (verdict.kind === "ahead") throw badUpdate(verdict.reason);
    if (verdict.kind === "refused" && verdict.code === "bad_update") throw badUpdate(verdict.reason);
    if (verdict.kind === "refused") throw new Refusal(verdict.code, `This update cannot be taken: ${verdict.reason}`);
    if (verdict.kind === "duplicate") throw new Known();
    const { clients } = verdict;
    const isFull = clients.length > 0 && (copy.isFull || copy.clientCount + clients.length > maxClients);
    if (isFull || copy.bytes > fullBytes) {
      this.#deps.onFull(documentId);
      throw documentFull();
    }
    const { roomId } = access.document;
    const at = this.#deps.clock.now();
    const judgedBy = { documentId, roomId, ...fencesOf(access, "edit") };
    return { op: "update", ...judgedBy, userId, update, clients, at, sentBy: visitor?.session.connectionId };
  }

  async #verdictOn(judged: Judged, copy: LiveDocument): Promise<Verdict> {
    await copy.settling();
    if (judged.update.length <= smallBytes) return judgeUpdate(judged, copy);
    return await this.#deps.slices.run(judgingUpdate(judged, copy));
  }
}
