import { randomInt } from "node:crypto";
import { type CommandPayload, type CommandReply, type DocumentVersion, limits, Refusal } from "@mirage/protocol";
import type { DocumentAccess, DocumentGuard } from "../../access/document-access.ts";
import type { Session } from "../../access/session.ts";
import type { Clock } from "../../ports/clock.ts";
import { automaticVersionMs, type Changed } from "./automatic-versions.ts";
import type { Background } from "./background/background.ts";
import type { Editing } from "./editing.ts";
import type { LiveDocument } from "./live-document.ts";
import type { LiveDocuments } from "./live-documents.ts";
import { documentFull } from "./refusals.ts";
import type { VersionStore } from "./versions.store.ts";

export interface VersionsDeps {
  guard: DocumentGuard;
  documents: LiveDocuments;
  editing: Editing;
  store: VersionStore;
  background: Background;
  clock: Clock;
  createId: () => string;
  /** This client id is about to bring back what was there before. */
  onRestoring: (clientId: number) => void;
}

const clientIds = 2 ** 32;

/** Contents that are kept, and gone back to. */
export class Versions {
  readonly #deps: VersionsDeps;

  constructor(deps: VersionsDeps) {
    this.#deps = deps;
  }

  async list(
    session: Session,
    { documentId, cursor }: CommandPayload<"list_versions">,
  ): Promise<CommandReply<"list_versions">> {
    await this.#deps.guard.require(session, documentId, "view");
    const listed = await this.#deps.store.list(documentId, cursor);
    const versions = listed.slice(0, limits.pageVersions);
    const isMore = listed.length > versions.length;
    return { versions, nextCursor: isMore ? (versions.at(-1)?.id ?? null) : null };
  }

  async create(
    session: Session,
    { documentId, name }: CommandPayload<"create_version">,
  ): Promise<CommandReply<"create_version">> {
    const access = await this.#deps.guard.require(session, documentId, "edit");
    return { version: await this.#keep(access, await this.#deps.documents.openReady(documentId), name) };
  }

  async read(
    session: Session,
    { documentId, versionId }: CommandPayload<"read_version">,
  ): Promise<CommandReply<"read_version">> {
    await this.#deps.guard.require(session, documentId, "view");
    return { update: await this.#requireState(documentId, versionId) };
  }

  /** What is there is kept first; then an edit makes it what it was. */
  restore(
    session: Session,
    { documentId, versionId }: CommandPayload<"restore_version">,
  ): Promise<CommandReply<"restore_version">> {
    const { guard, documents, editing, background } = this.#deps;
    return editing.inOrder(session, documentId, async () => {
      const access = await guard.require(session, documentId, "edit");
      const wanted = await this.#requireState(documentId, versionId);
      const copy = await documents.openReady(documentId);
      const present = copy.encodeSince();
      await this.#keep(access, copy);
      const clientId = drawClientId(copy);
      const update = await background.run({ kind: "restore", present, wanted, clientId });
      this.#deps.onRestoring(clientId);
      const { seq } = await editing.commit(session, { documentId, update, maxBytes: limits.documentBytes });
      return { seq };
    });
  }

  /** Keeps what is there now, unless something was kept by itself just before. @throws Refusal */
  async keepChanged({ documentId, userId }: Changed): Promise<void> {
    const { documents, store, clock, createId } = this.#deps;
    const copy = await documents.openReady(documentId);
    const at = clock.now();
    const content = { position: copy.position, state: copy.encodeSince() };
    // Another node, where others edit it, is about to keep the same.
    await store.add({ id: createId(), documentId, userId, at, unlessSince: at - automaticVersionMs / 2, ...content });
  }

  async #keep(access: DocumentAccess, copy: LiveDocument, name?: string): Promise<DocumentVersion> {
    const { store, clock, createId } = this.#deps;
    const { document, userId, fence } = access;
    const content = { position: copy.position, state: copy.encodeSince() };
    const kept = await store.add({
      id: createId(),
      documentId: document.id,
      userId,
      name,
      at: clock.now(),
      fence,
      ...content,
    });
    if (kept) return kept;
    const isFull = (await store.list(document.id, undefined)).length > 0;
    throw isFull ? documentFull() : new Refusal("unavailable", "The document is changing; try again");
  }

  async #requireState(documentId: string, versionId: string): Promise<Uint8Array> {
    const state = await this.#deps.store.readState(documentId, versionId);
    if (!state) throw new Refusal("not_found", "Version not found");
    return state;
  }
}

/** The server writes like any editor, with an id that nobody has. */
function drawClientId(copy: LiveDocument): number {
  for (;;) {
    const clientId = randomInt(clientIds);
    if (copy.ownerOf(clientId) === undefined && copy.clockOf(clientId) === 0) return clientId;
  }
}
