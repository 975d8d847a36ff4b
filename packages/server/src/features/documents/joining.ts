import { type CommandPayload, type CommandReply, limits, Refusal } from "@mirage/protocol";
import type { DocumentAccess, DocumentGuard } from "../../access/document-access.ts";
import type { Session } from "../../access/session.ts";
import type { Topic, Topics } from "../../hot-path/topics.ts";
import { TokenBuckets } from "../../lib/token-bucket.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Activity } from "./activity.ts";
import type { ContentStore } from "./content.store.ts";
import type { Cursors } from "./cursors.ts";
import type { Describe } from "./describe.ts";
import type { EditRate } from "./edit-rate.ts";
import type { Editing } from "./editing.ts";
import { isStateVector } from "./gate/read-update.ts";
import type { LiveDocument } from "./live-document.ts";
import type { LiveDocuments } from "./live-documents.ts";
import type { RightsWatch } from "./rights-watch.ts";
import type { Visitor, Visitors } from "./visitors.ts";

export interface JoiningDeps {
  guard: DocumentGuard;
  documents: LiveDocuments;
  content: Pick<ContentStore, "claim">;
  editing: Editing;
  rate: EditRate;
  /** Off: everybody may join as often as they like. */
  isRateLimited: boolean;
  visitors: Visitors;
  cursors: Cursors;
  activity: Activity;
  watch: RightsWatch;
  topics: Topics;
  clock: Clock;
  epoch: string;
  describe: Describe;
  /** Somebody has opened a document. */
  onJoined: (session: Session, documentId: string) => void;
}

/** Encoding a document costs: each person may have each one so often. */
const joinRate = { perSecond: 1, capacity: 10 };
/** Client ids that one connection may point with, and claim by pointing, in one document. */
const clientIdsOfVisitor = 4;
/** An answer of a megabyte has left by then. */
const prepareAfterMs = 250;
/** Times that a document may change a lot while somebody is about to be answered what is in it. */
const maxTries = 10;
/** Refusals after which nothing that was sent behind the update can be taken: the client has to join again. */
const closing = new Set(["bad_update", "too_large", "forbidden", "not_found", "client_id_taken", "document_full"]);

/** Who has a document open on a connection: coming, editing, pointing, going. */
export class Joining {
  readonly #deps: JoiningDeps;
  readonly #joins = new TokenBuckets(joinRate);

  constructor(deps: JoiningDeps) {
    this.#deps = deps;
  }

  /** `join_document`: `answer` is called in the tick in which the live stream begins. @throws Refusal */
  join(
    session: Session,
    input: CommandPayload<"join_document">,
    answer: (reply: CommandReply<"join_document">) => void,
  ): Promise<void> {
    const { documentId, stateVector, clientId } = input;
    return this.#deps.editing.inOrder(session, documentId, async () => {
      this.#requirePlace(session, documentId);
      if (stateVector && !isStateVector(stateVector)) throw new Refusal("bad_request", "This is no state vector");
      const { guard, documents } = this.#deps;
      await guard.require(session, documentId, "view");
      const copy = await documents.open(documentId);
      if (clientId !== undefined) await this.#claim(session, copy, clientId);
      const { live, access } = await this.#whenReady(session, { documentId, stateVector });
      // From here to the end nothing waits: what is answered is where the live stream begins.
      answer(this.#contents(live, access, stateVector));
      this.#attach(session, access);
      this.#deps.onJoined(session, documentId);
    });
  }

  leave(session: Session, documentId: string): Promise<void> {
    return this.#deps.editing.inOrder(session, documentId, async () => {
      const visitor = this.#deps.visitors.find(session, documentId);
      if (visitor) this.close(visitor);
    });
  }

  /** `collaborative_edit`. After a refusal about the update the document is not open on this connection any more. */
  async edit(
    session: Session,
    { documentId, update }: CommandPayload<"collaborative_edit">,
  ): Promise<CommandReply<"collaborative_edit">> {
    const { editing, visitors, rate } = this.#deps;
    rate.spendOfConnection(session.connectionId, update.length);
    return await editing.inOrder(session, documentId, async () => {
      const visitor = visitors.find(session, documentId);
      if (!visitor) throw new Refusal("bad_update", "The document is not open on this connection: join it first");
      try {
        return await editing.commit(session, { documentId, update, maxBytes: limits.updateBytes, visitor });
      } catch (error) {
        if (error instanceof Refusal && closing.has(error.code)) this.close(visitor);
        throw error;
      }
    });
  }

  /** `cursor_update`. @throws Refusal */
  async point(session: Session, { documentId, clientId, state }: CommandPayload<"cursor_update">): Promise<void> {
    const { visitors, documents, cursors } = this.#deps;
    const { userId, username, connectionId } = session;
    const visitor = visitors.find(session, documentId);
    const copy = documents.find(documentId);
    if (!visitor || !copy) throw new Refusal("not_found", "Document not found");
    if (copy.ownerOf(clientId) !== userId) {
      if (++visitor.claimCount > clientIdsOfVisitor)
        throw new Refusal("rate_limited", "Too many client ids on one connection");
      await this.#claim(session, copy, clientId);
    }
    // It may have been closed while the claim was stored.
    if (visitors.find(session, documentId) !== visitor) return;
    if (state === null) {
      if (visitor.clientIds.delete(clientId)) cursors.remove({ documentId, clientId, connectionId });
      return;
    }
    visitor.clientIds.add(clientId);
    if (visitor.clientIds.size > clientIdsOfVisitor) this.#forgetFirst(visitor);
    cursors.set({ documentId, clientId, connectionId, person: { userId, username }, state });
  }

  /** The document is not open on this connection any more. */
  close(visitor: Visitor): void {
    const { topics, visitors, cursors, activity } = this.#deps;
    const { session, documentId, clientIds, access } = visitor;
    const { connectionId } = session;
    topics.detach(connectionId, topicOf(documentId));
    visitors.leave(visitor);
    for (const clientId of clientIds) cursors.remove({ documentId, clientId, connectionId });
    clientIds.clear();
    activity.mark(access.document);
  }

  disconnect({ connectionId }: Session): void {
    for (const visitor of this.#deps.visitors.ofConnection(connectionId)) this.close(visitor);
  }

  /** The copy, and the caller's rights, in the tick in which it can be answered from without holding anything up. */
  async #whenReady(
    session: Session,
    { documentId, stateVector }: CommandPayload<"join_document">,
  ): Promise<{ live: LiveDocument; access: DocumentAccess }> {
    const { guard, documents, watch } = this.#deps;
    for (let tries = 0; tries < maxTries; tries++) {
      await documents.find(documentId)?.preparing(stateVector);
      if (stateVector && tries === 0) await this.#catchUp(session, documentId, stateVector);
      const access = await watch.whileUnchanged(() => guard.require(session, documentId, "view"));
      const live = documents.find(documentId);
      if (!live) throw new Refusal("unavailable", "The document was just closed; try again", { retryAfterMs: 200 });
      const isReady = live.preparing(stateVector) === undefined;
      if (isReady) return { live, access };
    }
    throw new Refusal("unavailable", "The document is changing too fast; try again", { retryAfterMs: 1_000 });
  }

  /** Whoever has seen at another node what this one has not heard of would send it as if it was theirs. */
  async #catchUp({ userId }: Session, documentId: string, stateVector: Uint8Array): Promise<void> {
    const copy = this.#deps.documents.find(documentId);
    if (!copy?.isBehind(stateVector, userId)) return;
    await copy.hub?.repair();
    await copy.settling();
  }

  #contents(
    copy: LiveDocument,
    access: DocumentAccess,
    stateVector: Uint8Array | undefined,
  ): CommandReply<"join_document"> {
    const { describe, cursors, epoch } = this.#deps;
    return {
      update: copy.encodeSince(stateVector),
      stateVector: copy.encodeStateVector(),
      seq: copy.position,
      epoch,
      role: access.role,
      document: describe(access),
      awareness: cursors.list(access.document.id),
    };
  }

  #attach(session: Session, access: DocumentAccess): void {
    const { topics, visitors, activity, documents, clock } = this.#deps;
    const topic = topicOf(access.document.id);
    topics.attach(session.connectionId, topic);
    // The connection may have gone while the document was read.
    if (!topics.isAttached(session.connectionId, topic)) return;
    visitors.enter(session, access);
    // Whoever may write will: what was answered as it was stored is applied by then, but not before it is on its way.
    if (access.role === "edit") clock.after(prepareAfterMs, () => documents.prepare(access.document.id));
    activity.mark(access.document);
  }

  #requirePlace(session: Session, documentId: string): void {
    const { visitors, clock, isRateLimited } = this.#deps;
    const isOpen = visitors.find(session, documentId) !== undefined;
    if (!isOpen && visitors.ofConnection(session.connectionId).length >= limits.openDocuments)
      throw new Refusal("rate_limited", `At most ${limits.openDocuments} documents can be open on one connection`);
    const key = `${session.userId} ${documentId}`;
    const retryAfterMs = isRateLimited ? this.#joins.take(key, clock.monotonicMs()) : 0;
    if (retryAfterMs > 0) throw new Refusal("rate_limited", "This document is joined too often", { retryAfterMs });
  }

  /** @throws Refusal `client_id_taken` */
  async #claim({ userId }: Session, copy: LiveDocument, clientId: number): Promise<void> {
    const { content, clock } = this.#deps;
    const owner =
      copy.ownerOf(clientId) ?? (await content.claim({ documentId: copy.id, clientId, userId, at: clock.now() }));
    copy.own(clientId, owner);
    if (owner !== userId)
      throw new Refusal("client_id_taken", "This client id belongs to somebody else; draw another one");
  }

  #forgetFirst({ session: { connectionId }, documentId, clientIds }: Visitor): void {
    const [clientId] = clientIds;
    if (clientId === undefined) return;
    clientIds.delete(clientId);
    this.#deps.cursors.remove({ documentId, clientId, connectionId });
  }
}

const topicOf = (documentId: string): Topic => `doc:${documentId}`;
