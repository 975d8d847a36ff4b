import { type CommandPayload, type CommandReply, type Document, limits, Refusal } from "@mirage/protocol";
import { type DocumentAccess, type DocumentGuard, documentAccessOf, fencesOf } from "../../access/document-access.ts";
import { type DocumentAction, inheritedRole } from "../../access/document-rights.ts";
import type { DocumentTelling } from "../../access/document-telling.ts";
import { can, requireVerdict } from "../../access/rights.ts";
import type { RoomGuard } from "../../access/room-access.ts";
import type { Session } from "../../access/session.ts";
import type { GroupCommit } from "../../hot-path/group-commit.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Describe } from "./describe.ts";
import type { DocumentCursor, DocumentStore } from "./documents.store.ts";
import { bytesOf, type DocumentItem, type DocumentOutcome, type JudgedUpdate } from "./lane/items.ts";
import { requireDone } from "./refusals.ts";
import type { RightsWatch } from "./rights-watch.ts";

export interface DocumentsDeps {
  guard: DocumentGuard;
  rooms: RoomGuard;
  store: DocumentStore;
  telling: Pick<DocumentTelling, "ofDocumentInvite">;
  lane: GroupCommit<DocumentItem, DocumentOutcome>;
  clock: Clock;
  createId: () => string;
  describe: Describe;
  watch: Pick<RightsWatch, "deleted">;
  onDeleted: (documentId: string) => void;
}

type Change = Pick<Extract<DocumentItem, { op: "change" }>, "title" | "trashedAt">;

/** Making documents, finding them, changing what is around their content. */
export class Documents {
  readonly #deps: DocumentsDeps;

  constructor(deps: DocumentsDeps) {
    this.#deps = deps;
  }

  /** `seed`: its first content, stored with it or not at all. @throws Refusal */
  async create(
    session: Session,
    { title, roomId, nonce }: CommandPayload<"create_document">,
    seed?: JudgedUpdate,
  ): Promise<{ document: Document }> {
    const { clock, createId } = this.#deps;
    const { userId } = session;
    const documentId = createId();
    const judge = async (): Promise<DocumentItem> => {
      const roomFence = roomId === undefined ? null : await this.#requireRoom(session, roomId);
      const at = clock.now();
      return { op: "create", documentId, userId, title, roomId: roomId ?? null, roomFence, nonce, seed, at };
    };
    const made = await this.#commit(judge);
    return await this.get(session, made.documentId);
  }

  /** A document as the caller sees it now. @throws Refusal `not_found` */
  async get(session: Session, documentId: string): Promise<{ document: Document }> {
    return { document: this.#deps.describe(await this.#deps.guard.require(session, documentId, "view")) };
  }

  async list(session: Session, input: CommandPayload<"list_documents">): Promise<CommandReply<"list_documents">> {
    const { store, describe } = this.#deps;
    const { roomId, scope, query, cursor } = input;
    if (roomId !== undefined) {
      const access = await this.#deps.rooms.find(session, roomId);
      requireVerdict(access ? can("read", access.standing) : "not_found");
    }
    const isTrash = scope === "trash";
    const rows = await store.list({ userId: session.userId, roomId, isTrash, query, after: decodeCursor(cursor) });
    const page = rows.slice(0, limits.pageDocuments);
    const documents = page.flatMap((row) => {
      const { role, ...found } = documentAccessOf(row, session);
      return role === null ? [] : [describe({ ...found, role })];
    });
    const last = page.at(-1);
    const isMore = last !== undefined && rows.length > page.length;
    return { documents, nextCursor: isMore ? encodeCursor(last) : null };
  }

  async update(
    session: Session,
    { documentId, title, trashed }: CommandPayload<"update_document">,
  ): Promise<{ document: Document }> {
    if (title !== undefined) await this.#change(session, { documentId, action: "edit" }, { title });
    if (trashed !== undefined) {
      const trashedAt = trashed ? this.#deps.clock.now() : null;
      await this.#change(session, { documentId, action: "trash" }, { trashedAt });
    }
    return await this.get(session, documentId);
  }

  /** @throws Refusal `conflict` for one that is not in the trash. */
  async delete(session: Session, documentId: string): Promise<Record<string, never>> {
    const judge = async (): Promise<DocumentItem> => ({
      op: "delete",
      ...judgedBy(await this.#deps.guard.require(session, documentId, "delete"), "delete"),
      at: this.#deps.clock.now(),
    });
    await this.#commit(judge);
    this.#deps.watch.deleted(documentId);
    this.#deps.onDeleted(documentId);
    return {};
  }

  async setRole(
    session: Session,
    { documentId, userId, role }: CommandPayload<"set_document_role">,
  ): Promise<{ document: Document }> {
    const { guard, store, telling, clock } = this.#deps;
    const judge = async (): Promise<DocumentItem> => {
      const access = await guard.require(session, documentId, "manage");
      if (userId === access.document.ownerId) throw new Refusal("conflict", "The owner's role cannot be changed");
      if (!(await store.hasUser(userId))) throw new Refusal("not_found", "User not found");
      const { title: documentTitle, roomId } = access.document;
      const invite = { documentId, documentTitle, roomId, author: session, userIds: role === null ? [] : [userId] };
      const notices = await telling.ofDocumentInvite(invite);
      return { op: "person", ...judgedBy(access, "manage"), personId: userId, role, notices, at: clock.now() };
    };
    await this.#commit(judge);
    return await this.get(session, documentId);
  }

  async listRoles(session: Session, documentId: string): Promise<CommandReply<"list_document_roles">> {
    await this.#deps.guard.require(session, documentId, "view");
    return { people: await this.#deps.store.listPeople(documentId) };
  }

  async #change(
    session: Session,
    { documentId, action }: { documentId: string; action: DocumentAction },
    change: Change,
  ): Promise<void> {
    const judge = async (): Promise<DocumentItem> => {
      const access = await this.#deps.guard.require(session, documentId, action);
      return { op: "change", ...judgedBy(access, action), ...change };
    };
    await this.#commit(judge);
  }

  async #commit(judge: () => Promise<DocumentItem>): Promise<Extract<DocumentOutcome, { status: "ok" }>> {
    const item = await judge();
    const options = { bytes: bytesOf(item), stream: `doc:${item.documentId}`, judge };
    return requireDone(await this.#deps.lane.submit(item, options));
  }

  /** Whoever may edit a room's documents may put one there. Answers the fence that this was judged by. */
  async #requireRoom(session: Session, roomId: string): Promise<number> {
    const access = await this.#deps.rooms.find(session, roomId);
    const isVisible = access?.role != null;
    requireVerdict(isVisible ? "yes" : "not_found");
    if (!access) throw new Error("a verdict let nobody in");
    if (access.standing.isArchived) requireVerdict("archived");
    requireVerdict(inheritedRole(access.standing) === "edit" ? "yes" : "forbidden");
    return access.fence;
  }
}

function judgedBy(access: DocumentAccess, action: DocumentAction) {
  const { id: documentId, roomId } = access.document;
  return { documentId, roomId, ...fencesOf(access, action) };
}

function encodeCursor({ updated_at: updatedAt, id }: { updated_at: string | Date; id: string }): string {
  const cursor: DocumentCursor = { updatedAt: new Date(updatedAt).toISOString(), id };
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

function decodeCursor(cursor: string | undefined): DocumentCursor | undefined {
  if (cursor === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (isCursor(parsed)) return parsed;
  } catch {
    // Answered below, like whatever else is none.
  }
  throw new Refusal("bad_request", "This cursor is not one that list_documents gave");
}

function isCursor(value: unknown): value is DocumentCursor {
  if (typeof value !== "object" || value === null) return false;
  const { updatedAt, id } = value as Partial<DocumentCursor>;
  const isInstant = typeof updatedAt === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(updatedAt);
  return isInstant && !Number.isNaN(Date.parse(updatedAt)) && typeof id === "string" && /^[\w-]{1,64}$/.test(id);
}
