/**
 * Documents of a fake server: it judges updates as the real one does (each writer's without holes, nothing that needs
 * what is not there), keeps one copy each, and unjoins a link whose update it refuses.
 */
import type { Comment, Document, DocumentRole } from "@mirage/protocol";
import type { ErrorCode } from "@mirage/protocol/errors";
import { applyUpdate, Doc, decodeUpdate, encodeStateAsUpdate, encodeStateVector, getState } from "yjs";
import type { RemoteCursor } from "../documents/cursors.ts";
import { type FakeLink, FakeRefusal, type FakeServer } from "./fake-server.ts";

interface FakeDocument {
  id: string;
  title: string;
  doc: Doc;
  head: number;
  roles: Map<string, DocumentRole>;
  joined: Set<FakeLink>;
  cursors: Map<number, RemoteCursor & { link: FakeLink }>;
  comments: Comment[];
}

export class FakeDocuments {
  readonly #server: FakeServer;
  readonly #documents = new Map<string, FakeDocument>();

  constructor(server: FakeServer) {
    this.#server = server;
    server.served.set("join_document", (link, input) => this.#join(link, input));
    server.served.set("collaborative_edit", (link, input) => this.#edit(link, input));
    server.served.set("cursor_update", (link, input) => this.#cursor(link, input));
    server.served.set("list_comments", (link, input) => this.#listComments(this.#at(link, input), input.since));
    server.served.set("get_document", (link, input) => ({ document: this.#describe(link, this.#at(link, input)) }));
    server.served.set("leave_document", (link, input) => this.#leave(link, this.document(String(input.documentId))));
    server.onGone = (link) => {
      for (const document of this.#documents.values()) this.#leave(link, document);
    };
  }

  /** Makes a document that these people may edit. */
  add(id: string, ...editorIds: string[]): FakeDocument {
    const roles = new Map(editorIds.map((userId) => [userId, "edit" as const]));
    const [joined, cursors] = [new Set<FakeLink>(), new Map()];
    const document: FakeDocument = { id, title: id, doc: new Doc(), head: 0, roles, joined, cursors, comments: [] };
    this.#documents.set(id, document);
    return document;
  }

  document(id: string): FakeDocument {
    const document = this.#documents.get(id);
    if (!document) throw refusal("not_found");
    return document;
  }

  /** Gives somebody another role; the connections that had the document open lose it. */
  setRole(id: string, userId: string, role: DocumentRole | null): void {
    const document = this.document(id);
    if (role) document.roles.set(userId, role);
    else document.roles.delete(userId);
    for (const link of document.joined) {
      if (link.userId !== userId) continue;
      this.#leave(link, document);
      const code = role ? "role_changed" : "forbidden";
      this.#server.deliver(link, "document_evicted", { documentId: id, code });
    }
  }

  /** Tells everyone who has it open of another title. */
  rename(id: string, title: string): void {
    const document = this.document(id);
    document.head += 1;
    document.title = title;
    for (const link of document.joined) {
      const { epoch: _1, editors: _2, role: _3, isOwner: _4, ...state } = this.#describe(link, document);
      this.#server.deliver(link, "document_updated", { document: state, seq: document.head });
    }
  }

  /** Makes a comment, or changes the one with this id. */
  comment(id: string, commentId: string, change: Partial<Comment>): void {
    const document = this.document(id);
    document.head += 1;
    const made = { id: commentId, documentId: id, threadId: commentId, content: "", userId: "ann", username: "ANN" };
    const known = document.comments.find((one) => one.id === commentId);
    const at = "2026-01-01T00:00:00.000Z";
    const comment: Comment = { ...made, createdAt: at, ...known, ...change, seq: document.head };
    document.comments = [...document.comments.filter((one) => one !== known), comment];
    for (const link of document.joined) {
      this.#server.deliver(link, "comment_updated", { documentId: id, comment, seq: document.head });
    }
  }

  /** Takes an update as the REST road does: without a connection. */
  post(id: string, userId: string, update: Uint8Array): { seq: number } {
    return this.#commit(this.document(id), { userId, update });
  }

  #at(link: FakeLink, input: Record<string, unknown>): FakeDocument {
    const document = this.document(String(input.documentId));
    if (!document.roles.has(link.userId)) throw refusal("not_found");
    return document;
  }

  #join(link: FakeLink, input: Record<string, unknown>): object {
    const document = this.#at(link, input);
    document.joined.add(link);
    return {
      update: encodeStateAsUpdate(document.doc, input.stateVector as Uint8Array | undefined),
      stateVector: encodeStateVector(document.doc),
      seq: document.head,
      epoch: "d1",
      role: document.roles.get(link.userId),
      document: this.#describe(link, document),
      awareness: [...document.cursors.values()].map(({ link: _, ...cursor }) => cursor),
    };
  }

  #edit(link: FakeLink, input: Record<string, unknown>): object {
    const document = this.#at(link, input);
    try {
      if (!document.joined.has(link)) throw refusal("bad_update");
      if (document.roles.get(link.userId) !== "edit") throw refusal("forbidden");
      return this.#commit(document, { userId: link.userId, update: input.update as Uint8Array, link });
    } catch (error) {
      document.joined.delete(link);
      throw error;
    }
  }

  #commit(document: FakeDocument, edit: { userId: string; update: Uint8Array; link?: FakeLink }): { seq: number } {
    const { doc } = document;
    const { update, userId } = edit;
    for (const { id } of decodeUpdate(update).structs) {
      // Only the first struct of a writer can begin behind a hole: the others follow it.
      if (id.clock > getState(doc.store, id.client) && !isContinued(update, id)) throw refusal("bad_update");
    }
    const trial = new Doc();
    applyUpdate(trial, encodeStateAsUpdate(doc));
    const before = encodeStateAsUpdate(trial);
    applyUpdate(trial, update);
    if (trial.store.pendingStructs || trial.store.pendingDs) throw refusal("bad_update");
    if (Buffer.compare(before, encodeStateAsUpdate(trial)) === 0)
      return Object.assign({ seq: document.head }, { duplicate: true });
    applyUpdate(doc, update);
    document.head += 1;
    const event = { documentId: document.id, update, userId, seq: document.head };
    for (const other of document.joined) {
      if (other !== edit.link) this.#server.deliver(other, "collaborative_edit", event);
    }
    return { seq: document.head };
  }

  /** Two at a time, so that there is more than one page. */
  #listComments({ comments, head }: FakeDocument, since: unknown): object {
    const changed = comments.filter(({ seq }) => seq > Number(since ?? 0));
    const page = changed.slice(0, 2);
    const hasMore = changed.length > page.length;
    return { comments: page, hasMore, seq: hasMore ? page.at(-1)?.seq : head };
  }

  #cursor(link: FakeLink, input: Record<string, unknown>): object {
    const document = this.#at(link, input);
    if (!document.joined.has(link)) throw refusal("bad_request");
    const clientId = Number(input.clientId);
    const state = input.state as RemoteCursor["state"];
    const cursor = { clientId, userId: link.userId, username: link.userId.toUpperCase(), state };
    if (state) document.cursors.set(clientId, { ...cursor, link });
    else document.cursors.delete(clientId);
    this.#relay(document, cursor, link);
    return {};
  }

  #leave(link: FakeLink, document: FakeDocument): object {
    document.joined.delete(link);
    for (const { link: owner, ...cursor } of [...document.cursors.values()]) {
      if (owner !== link) continue;
      document.cursors.delete(cursor.clientId);
      this.#relay(document, { ...cursor, state: null }, link);
    }
    return {};
  }

  #relay(document: FakeDocument, cursor: RemoteCursor, from: FakeLink): void {
    for (const other of document.joined) {
      if (other !== from) this.#server.deliver(other, "cursor_update", { documentId: document.id, ...cursor });
    }
  }

  #describe(link: FakeLink, { id, title, head, roles }: FakeDocument): Document {
    const at = "2026-01-01T00:00:00.000Z";
    return {
      id,
      title,
      roomId: null,
      ownerId: "ann",
      createdAt: at,
      updatedAt: at,
      updatedBy: null,
      trashedAt: null,
      seq: head,
      epoch: "d1",
      editors: [],
      role: roles.get(link.userId) ?? "view",
      isOwner: link.userId === "ann",
    };
  }
}

function isContinued(update: Uint8Array, { client, clock }: { client: number; clock: number }): boolean {
  return decodeUpdate(update).structs.some(({ id, length }) => id.client === client && id.clock + length === clock);
}

function refusal(code: ErrorCode): FakeRefusal {
  return new FakeRefusal({ code, message: code, retryable: false });
}
