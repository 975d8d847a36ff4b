import { type Database, DatabaseError } from "../../database/database.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Change } from "../change.ts";
import { encodeNotices, encodeWithdrawals } from "../chat-lane/encode-notices.ts";
import { leavesTheApp } from "../chat-lane/notices.ts";
import { type OwnRows, ownChanges } from "../chat-lane/notification-rows.ts";
import type { BatchWriter, Write } from "../group-commit.ts";
import type { Hubs } from "../hubs.ts";
import type { Topic } from "../topics.ts";
import { Writer } from "../writer.ts";
import { type CommentItem, type CommentOutcome, streamsOf } from "./items.ts";
import { type CommentRow, commentChange, toComment } from "./rows.ts";

export interface CommentWriterOptions {
  database: Database;
  /** Unique for this process. */
  nodeId: string;
  hubs: Hubs;
  /** Sees every change of this node's commits, before anyone is answered. */
  onCommitted: (changes: readonly Change[]) => void;
  /** Something was stored that is due to people who are away. */
  onDue?: (() => void) | undefined;
  clock: Clock;
}

/** What `commit_comments_v1` returns: an outcome for each item, and what it changed, as it is now. */
interface CommitResult {
  results: { i: number; status: CommentOutcome["status"]; id: string }[];
  /** Every comment that an outcome speaks of; `isChanged`: in this batch. */
  comments: (CommentRow & { is_changed: boolean })[] | null;
  own: OwnRows | null;
}

/** Commits comments, with what people are told of them, by one call of the database's `commit_comments_v1`. */
export class CommentWriter implements BatchWriter<CommentItem, CommentOutcome> {
  readonly #options: CommentWriterOptions;
  readonly #writer: Writer;

  constructor(options: CommentWriterOptions) {
    this.#options = options;
    this.#writer = new Writer(options.database, `${options.nodeId}/comments`);
  }

  async commit(batch: readonly Write<CommentItem>[]): Promise<readonly CommentOutcome[]> {
    const { streams, items } = encodeBatch(batch);
    const [row] = await this.#writer.commit<{ result: CommitResult }>(
      "SELECT commit_comments_v1($1, $2, $3, $4::text[], $5::jsonb) AS result",
      [streams, items],
    );
    if (!row) throw new Error("commit_comments_v1 answered nothing");
    try {
      const changes = changesOf(row.result);
      this.#options.onCommitted(changes);
      this.#options.hubs.accept(changes);
      if (batch.some(({ item }) => leavesTheApp(item.notices))) this.#options.onDue?.();
      return outcomesOf(batch, row.result);
    } catch (cause) {
      // It has committed: running it again because of a fault of ours would be wrong, so it counts as an answer lost.
      throw new DatabaseError("a committed batch could not be handed on", { connectionLost: true, cause });
    }
  }

  async settle(batch: readonly Write<CommentItem>[]): Promise<readonly CommentOutcome[] | undefined> {
    if ((await this.#writer.settle()) === "never") return undefined;
    const ids = batch.map(({ item }) => item.commentId);
    const rows = await this.#options.database.query<CommentRow>(
      "SELECT * FROM comment_state WHERE id = ANY ($1::text[])",
      [ids],
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    await this.#options.hubs.repair(new Set(batch.flatMap(({ item }) => streamsOf(item))));
    // What shows no trace is judged and run once more, which changes nothing where it had been done.
    return batch.map(({ item }) => {
      const row = byId.get(item.commentId);
      return row && hasHappened(item, row) ? { status: "ok", comment: toComment(row) } : { status: "stale" };
    });
  }

  async close(): Promise<void> {
    await this.#writer.close();
  }
}

function encodeBatch(batch: readonly Write<CommentItem>[]): { streams: Topic[]; items: string } {
  const places = new Map<Topic, number>();
  for (const { item } of batch) {
    for (const stream of streamsOf(item)) if (!places.has(stream)) places.set(stream, places.size + 1);
  }
  const place = (stream: Topic): number => places.get(stream) ?? 0;
  const all = batch.map(({ item }) => item);
  const items = batch.map(({ item, pair }, i) => ({
    i,
    pair,
    s: place(`doc:${item.documentId}`),
    ...encodeItem(item),
    notices: encodeNotices(all, [i], place),
    withdrawals: encodeWithdrawals(all, [i], place),
  }));
  return { streams: [...places.keys()], items: JSON.stringify(items) };
}

function encodeItem(item: CommentItem): Record<string, unknown> {
  const { op, commentId: id, userId: user, fence: f, room } = item;
  const base = { op, id, user, f, room: room?.roomId, rf: room?.fence, at: new Date(item.at).toISOString() };
  switch (item.op) {
    case "add": {
      const { username, content, threadId: thread, anchor, quote, mentionedIds: mentioned, nonce } = item;
      const { start, end } = anchor ?? {};
      const text = { username, content, thread, start, end, quote, mentioned };
      return { ...base, ...text, nonce, hash: item.bodyHash, max: item.maxComments };
    }
    case "edit":
      return { ...base, content: item.content, mentioned: item.mentionedIds, known: knownIds(item) };
    case "delete":
      return { ...base, known: knownIds(item) };
    case "resolve":
      return { ...base, resolved: item.resolved };
  }
}

/** Who may have been told of a comment, so far as its item knows; should there be anyone else, it is `stale`. */
function knownIds({ withdrawal }: Extract<CommentItem, { op: "edit" | "delete" }>): string[] {
  return [...withdrawal.userIds, ...(withdrawal.keptIds ?? [])];
}

function changesOf({ comments, own }: CommitResult): Change[] {
  const changed = (comments ?? []).filter((row) => row.is_changed).map(commentChange);
  return [...changed.sort((a, b) => a.position - b.position), ...ownChanges(own)];
}

function outcomesOf(batch: readonly Write<CommentItem>[], { results, comments }: CommitResult): CommentOutcome[] {
  const byId = new Map((comments ?? []).map((row) => [row.id, row]));
  const byIndex = new Map(results.map((result) => [result.i, result]));
  return batch.map((_, i) => {
    const result = byIndex.get(i);
    if (!result) throw new Error("the batch's answer is shorter than the batch");
    const { status, id } = result;
    if (status !== "ok" && status !== "duplicate") return { status };
    const row = byId.get(id);
    if (!row) throw new Error("a changed comment was not read back");
    return { status, comment: toComment(row) };
  });
}

/** Whether a comment shows that this was done to it. */
function hasHappened(item: CommentItem, row: CommentRow): boolean {
  if (item.op === "add") return true;
  if (item.op === "edit") return row.content === item.content;
  if (item.op === "delete") return row.deleted_at !== null;
  return (row.resolved_at !== null) === item.resolved;
}
