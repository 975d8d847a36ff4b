import type { CommandInput, CommandName, CommandReply, Document, EventPayload } from "@mirage/protocol";
import { leaveFormats } from "@mirage/protocol/leave-formats";
import { limits } from "@mirage/protocol/limits";
import { Awareness } from "y-protocols/awareness";
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector } from "yjs";
import type { ConnectionState } from "../connection/connection-state.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import { asRealtimeError, RealtimeError } from "../lib/error.ts";
import { DerivedStore } from "../lib/store.ts";
import type { Realtime } from "../realtime.ts";
import type { Span } from "../rooms/position.ts";
import { CommentFeed } from "./comment-feed.ts";
import { Cursors } from "./cursors.ts";
import type { DocumentState } from "./document-handle.ts";
import type { DocumentFacts, DocumentStorage } from "./document-storage.ts";
import { viewDocument } from "./document-view.ts";
import { LocalCopy } from "./local-copy.ts";
import { StreamPositions } from "./stream-positions.ts";
import { firstSyncState, isLarge, next, type SyncEffect, type SyncEvent, type SyncState } from "./sync-machine.ts";
import { asBytes, isEmptyUpdate } from "./update-bytes.ts";

/** A burst of edits is shown at most this often. */
const frameMs = 16;
/** What is missing for so long will not come by itself. */
const holeWaitMs = 2_000;

/** What a document needs of the client it belongs to. */
export interface DocumentHost {
  realtime: Pick<Realtime, "request" | "fetch">;
  clock: Clock;
  random: () => number;
  storage: Promise<DocumentStorage>;
}

/** One document: carries out the effects of its machine and feeds it what happens. */
export class SyncedDocument {
  readonly id: string;
  readonly doc = new Doc();
  readonly awareness = new Awareness(this.doc);
  readonly comments: CommentFeed;
  readonly state: DerivedStore<DocumentState>;
  readonly #host: DocumentHost;
  readonly #copy: LocalCopy;
  readonly #cursors: Cursors;
  readonly #positions = new StreamPositions();
  #sync: SyncState = firstSyncState;
  #facts: Partial<DocumentFacts> = {};
  /** What the server had at the last joining. */
  #serverVector: Uint8Array = new Uint8Array();
  #timer: Timer | undefined;
  #holeTimer: Timer | undefined;

  constructor(id: string, host: DocumentHost) {
    this.id = id;
    this.#host = host;
    const { storage, clock } = host;
    this.#copy = new LocalCopy({
      documentId: id,
      storage,
      stored: (edit) => this.#handle({ type: "stored", id: edit }),
    });
    this.#cursors = new Cursors({
      awareness: this.awareness,
      clock,
      // A cursor may be lost: the next one is told by its next move.
      send: (clientId, state) => this.#tell("cursor_update", { documentId: id, clientId, state }),
    });
    this.comments = new CommentFeed({ documentId: id, realtime: host.realtime, clock });
    this.state = new DerivedStore(() => viewDocument(this.#sync, this.#facts), { clock, minIntervalMs: frameMs });
    this.doc.on("update", this.#onUpdate);
    this.doc.on("afterTransaction", leaveFormats);
    this.#load();
  }

  /** Whether closing it now would leave nothing undone that could be done now. */
  get isIdle(): boolean {
    const { status, queue, isConnected } = this.#sync;
    if (status === "loading") return false;
    return queue.length === 0 || !isConnected || status === "refused";
  }

  takeConnection({ status, user }: ConnectionState): void {
    if (user?.username && !this.awareness.getLocalState()?.user) this.#cursors.identify(user);
    if (status === "online") {
      if (!this.#sync.isConnected) this.#handle({ type: "connected" });
    } else if (status !== "connecting" || this.#sync.isConnected) this.#handle({ type: "unreachable" });
  }

  takeEdit({ update, seq }: EventPayload<"collaborative_edit">): void {
    this.#takeContent(update);
    this.#note({ seq });
  }

  takeComment({ comment, ...span }: EventPayload<"comment_updated">): void {
    this.comments.take(comment);
    this.#note(span);
  }

  takeDocument({ document, ...span }: EventPayload<"document_updated">): void {
    const known = this.#facts.document;
    if (known) this.#describe({ ...known, ...document });
    this.#note(span);
    // An event is for everybody: what one may do oneself must be asked for.
    this.#host.realtime.request("get_document", { documentId: this.id }).then(
      (reply) => {
        this.#describe(reply.document);
        this.#handle({ type: "role_changed", role: reply.document.role });
      },
      () => undefined,
    );
  }

  takeCursor(event: EventPayload<"cursor_update">): void {
    this.#cursors.take(event);
  }

  takeEviction({ code }: EventPayload<"document_evicted">): void {
    if (code === "role_changed") {
      this.#handle({ type: "readmitted" });
      return;
    }
    const isGone = code === "deleted";
    const message = isGone ? "This document was deleted" : "This document is not for you any more";
    this.#handle({ type: "evicted", error: new RealtimeError(isGone ? "not_found" : "forbidden", message) });
  }

  discard(): Promise<void> {
    return this.#copy.discard();
  }

  /** Resolves when everything is kept. */
  close(): Promise<void> {
    this.#cursors.close();
    this.comments.stop();
    this.#handle({ type: "close" });
    this.#holeTimer?.cancel();
    this.doc.off("update", this.#onUpdate);
    this.doc.destroy();
    return this.#copy.settle();
  }

  async #load(): Promise<void> {
    const { updates, edits, facts } = await this.#copy.load();
    if (this.#sync.status === "closed") return;
    if (facts) this.#facts = facts;
    this.doc.transact(() => {
      for (const update of updates) applyUpdate(this.doc, update, this);
    }, this);
    this.#handle({ type: "loaded", edits, hasCopy: updates.length > 0 || facts !== undefined });
  }

  /** Whatever did not come from the server or from this device is an edit of one's own. */
  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === this) return;
    this.#handle({ type: "edited", edit: this.#copy.addOwn(update) });
  };

  #takeContent(bytes: Uint8Array | ArrayBuffer): void {
    const update = asBytes(bytes);
    if (isEmptyUpdate(update)) return;
    applyUpdate(this.doc, update, this);
    this.#copy.addOthers(update);
  }

  #handle(event: SyncEvent): void {
    const before = this.#sync;
    const { state, effects } = next(before, event, this.#host.random);
    this.#sync = state;
    if (state.status !== before.status) this.#timer?.cancel();
    if (before.isConnected && !state.isConnected) {
      this.#cursors.lost();
      this.comments.stop();
    }
    this.state.changed();
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: SyncEffect): void {
    switch (effect.do) {
      case "join":
        this.#join(effect.run);
        break;
      case "send":
        this.#send(effect.id, effect.run);
        break;
      case "repair":
        this.#repair();
        break;
      case "renew_client_id":
        this.doc.clientID = Math.floor(this.#host.random() * 2 ** 32);
        this.#cursors.rename(this.doc.clientID);
        break;
      case "forget":
        this.#copy.forget();
        break;
      case "leave":
        this.#tell("leave_document", { documentId: this.id });
        break;
      case "set_timer":
        this.#timer = this.#host.clock.after(effect.afterMs, () => this.#handle({ type: "timer" }));
        break;
    }
  }

  #join(run: number): void {
    const stateVector = encodeStateVector(this.doc);
    // Where that many people have written it is cheaper to read everything.
    const known = stateVector.byteLength <= limits.stateVectorBytes ? { stateVector } : {};
    this.#host.realtime
      .request("join_document", { documentId: this.id, ...known, clientId: this.doc.clientID })
      .then((reply) => this.#takeJoined(run, reply))
      .catch((error: unknown) => this.#handle({ type: "join_failed", run, error: asRealtimeError(error) }));
  }

  #takeJoined(run: number, reply: CommandReply<"join_document">): void {
    if (this.#sync.status !== "joining" || this.#sync.run !== run) return;
    this.#takeContent(reply.update);
    this.#serverVector = asBytes(reply.stateVector);
    this.#positions.reset(reply.seq);
    this.#watchHole();
    this.#describe({ ...reply.document, role: reply.role });
    this.#cursors.joined(reply.awareness);
    this.comments.joined(reply.epoch);
    this.#handle({ type: "joined", run, role: reply.role });
  }

  #send(id: number, run: number): void {
    const update = this.#copy.findUpdate(id);
    if (!update) return;
    this.#deliver(update).then(
      ({ seq }) => {
        this.#note({ seq });
        this.#copy.confirm(id);
        this.#handle({ type: "confirmed", id });
      },
      (error: unknown) => this.#handle({ type: "edit_failed", id, run, error: asRealtimeError(error) }),
    );
  }

  /** What is too large for one message of the socket goes over HTTP; the socket hears of it as of anybody's edit. */
  async #deliver(update: Uint8Array): Promise<{ seq: number }> {
    const { realtime } = this.#host;
    if (!isLarge(update.byteLength)) return realtime.request("collaborative_edit", { documentId: this.id, update });
    const headers = { "content-type": "application/octet-stream" };
    const path = `/api/v1/documents/${encodeURIComponent(this.id)}/updates`;
    const response = await realtime.fetch(path, { method: "POST", headers, body: asBytes(update) });
    return (await response.json()) as { seq: number };
  }

  #repair(): void {
    const ids = this.#sync.queue.map(({ id }) => id);
    const edit = this.#copy.replace(ids, encodeStateAsUpdate(this.doc, this.#serverVector));
    this.#handle({ type: "repaired", ids, edits: [edit] });
  }

  #describe(document: Document): void {
    const facts = { document, role: document.role, reachedAt: this.#host.clock.now() };
    this.#facts = facts;
    this.#copy.describe(facts);
    this.state.changed();
  }

  #note(span: Span): void {
    this.#positions.note(span);
    this.#watchHole();
  }

  /** What is on its way fills a hole in a moment; what does not come is asked for by joining again. */
  #watchHole(): void {
    if (!this.#positions.hasHole) {
      this.#holeTimer?.cancel();
      this.#holeTimer = undefined;
      return;
    }
    this.#holeTimer ??= this.#host.clock.after(holeWaitMs, () => {
      this.#holeTimer = undefined;
      this.#handle({ type: "missed" });
    });
  }

  /** Says something that may be lost. */
  #tell<Name extends CommandName>(name: Name, input: CommandInput<Name>): void {
    this.#host.realtime.request(name, input).catch(() => undefined);
  }
}
