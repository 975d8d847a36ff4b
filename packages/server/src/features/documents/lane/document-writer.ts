import type { DocumentRow } from "../../../access/document-access.ts";
import { type Database, DatabaseError } from "../../../database/database.ts";
import type { Change } from "../../../hot-path/change.ts";
import { leavesTheApp } from "../../../hot-path/chat-lane/notices.ts";
import { type OwnRows, ownChanges } from "../../../hot-path/chat-lane/notification-rows.ts";
import type { BatchWriter, Write } from "../../../hot-path/group-commit.ts";
import type { Hubs } from "../../../hot-path/hubs.ts";
import { Writer } from "../../../hot-path/writer.ts";
import { documentChange, editChange } from "./changes.ts";
import { encodeBatch } from "./encode-batch.ts";
import type { DocumentItem, DocumentOutcome } from "./items.ts";

export interface DocumentWriterOptions {
  database: Database;
  /** Unique for this process. */
  nodeId: string;
  hubs: Hubs;
  /** Sees every change of this node's commits, before anyone is answered. */
  onCommitted: (changes: readonly Change[]) => void;
  /** Something was stored that is due to people who are away. */
  onDue: () => void;
}

interface CommitResult {
  results: { status: DocumentOutcome["status"]; seq?: number; id?: string; isNew?: boolean }[];
  documents: DocumentRow[] | null;
  own: OwnRows | null;
}

/** Commits batches of changes to documents by one call of `commit_documents_v1`, then hands them on. */
export class DocumentWriter implements BatchWriter<DocumentItem, DocumentOutcome> {
  readonly #options: DocumentWriterOptions;
  readonly #writer: Writer;

  constructor(options: DocumentWriterOptions) {
    this.#options = options;
    this.#writer = new Writer(options.database, `${options.nodeId}/documents`);
  }

  async commit(batch: readonly Write<DocumentItem>[]): Promise<readonly DocumentOutcome[]> {
    const { documents, people, items, bytes } = encodeBatch(batch);
    const [row] = await this.#writer.commit<{ result: CommitResult }>(
      "SELECT commit_documents_v1($1, $2, $3, $4::text[], $5::text[], $6::jsonb, $7::bytea[]) AS result",
      [documents, people, items, bytes],
    );
    if (!row) throw new Error("commit_documents_v1 answered nothing");
    try {
      const outcomes = row.result.results.map((result, index) => toOutcome(result, batch[index]?.item));
      const own = ownChanges(row.result.own);
      const changes = [...changesOf(batch, outcomes, row.result.documents ?? []), ...own];
      this.#options.onCommitted(changes);
      this.#options.hubs.accept(changes);
      if (batch.some(({ item }) => item.op === "person" && leavesTheApp(item.notices))) this.#options.onDue();
      return outcomes;
    } catch (cause) {
      // It has committed: running it again because of a fault of ours would be wrong, so it counts as an answer lost.
      throw new DatabaseError("a committed batch could not be handed on", { connectionLost: true, cause });
    }
  }

  /** All of it is judged again: what had been done is a duplicate then, or changes nothing. */
  async settle(batch: readonly Write<DocumentItem>[]): Promise<readonly DocumentOutcome[] | undefined> {
    if ((await this.#writer.settle()) === "never") return undefined;
    const outcomes = await this.#readBack(batch);
    await this.#options.hubs.repair(new Set(batch.map(({ item }) => `doc:${item.documentId}` as const)));
    return outcomes;
  }

  async close(): Promise<void> {
    await this.#writer.close();
  }

  async #readBack(batch: readonly Write<DocumentItem>[]): Promise<DocumentOutcome[]> {
    const ids = batch.flatMap(({ item }) => (item.op === "create" || item.op === "delete" ? [item.documentId] : []));
    const rows = await this.#options.database.query<{ id: string }>(
      "SELECT id FROM documents WHERE id = ANY ($1::text[])",
      [ids],
    );
    const present = new Set(rows.map(({ id }) => id));
    return batch.map(({ item }) => {
      const { documentId, op } = item;
      const isDone = op === "create" ? present.has(documentId) : op === "delete" && !present.has(documentId);
      return isDone ? { status: "ok", documentId, seq: 0, isNew: true } : { status: "stale" };
    });
  }
}

function toOutcome(result: CommitResult["results"][number], item: DocumentItem | undefined): DocumentOutcome {
  if (result.status !== "ok") return { status: result.status };
  const documentId = result.id ?? item?.documentId ?? "";
  return { status: "ok", documentId, seq: result.seq ?? 0, isNew: result.isNew ?? true };
}

function changesOf(
  batch: readonly Write<DocumentItem>[],
  outcomes: readonly DocumentOutcome[],
  rows: readonly DocumentRow[],
): Change[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return batch.flatMap(({ item }, index): Change[] => {
    const outcome = outcomes[index];
    if (outcome?.status !== "ok" || !outcome.isNew) return [];
    const { documentId } = item;
    const { seq } = outcome;
    if (item.op === "update") {
      const { update, userId, sentBy } = item;
      return [editChange({ documentId, update, userId, seq }, sentBy)];
    }
    // Nobody listens yet, but it is an edit as well.
    if (item.op === "create")
      return item.seed ? [editChange({ documentId, update: item.seed.update, userId: item.userId, seq })] : [];
    const row = byId.get(documentId);
    if (!row || (item.op !== "change" && item.op !== "person")) return [];
    return [documentChange(row, seq, item.op === "person" ? item.personId : undefined)];
  });
}
