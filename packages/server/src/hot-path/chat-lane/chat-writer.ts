import type { Message } from "@mirage/protocol";
import { type Database, DatabaseError } from "../../database/database.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Change } from "../change.ts";
import type { BatchWriter, Write } from "../group-commit.ts";
import type { Hubs } from "../hubs.ts";
import { Writer } from "../writer.ts";
import { type CommitResult, decodeBatch } from "./decode-batch.ts";
import { encodeBatch } from "./encode-batch.ts";
import { type ChatItem, type ChatOutcome, streamsOf } from "./items.ts";
import { leavesTheApp } from "./notices.ts";
import { type MessageRow, toMessage } from "./rows.ts";

export interface ChatWriterOptions {
  database: Database;
  /** Unique for this process. */
  nodeId: string;
  /** Each lane has a writer's row of its own. */
  lane: "chat" | "bulk";
  hubs: Hubs;
  /** Sees every change of this node's commits, before anyone is answered. */
  onCommitted: (changes: readonly Change[]) => void;
  /** How long it took from the commit until the batch was on its way to this node's listeners, in milliseconds. */
  onDelivered?: (durationMs: number) => void;
  /** A room job was stored. */
  onJobs?: () => void;
  /** Something was stored that is due to people who are away. */
  onDue?: () => void;
  clock: Clock;
}

/** Commits batches of the chat lane by one call of the database's `commit_chat_v1`, then hands their changes on. */
export class ChatWriter implements BatchWriter<ChatItem, ChatOutcome> {
  readonly #options: ChatWriterOptions;
  readonly #writer: Writer;

  constructor(options: ChatWriterOptions) {
    this.#options = options;
    this.#writer = new Writer(options.database, `${options.nodeId}/${options.lane}`);
  }

  async commit(batch: readonly Write<ChatItem>[]): Promise<readonly ChatOutcome[]> {
    const { streams, steps } = encodeBatch(batch);
    const [row] = await this.#writer.commit<{ result: CommitResult }>(
      "SELECT commit_chat_v1($1, $2, $3, $4::text[], $5::jsonb) AS result",
      [streams, steps],
    );
    if (!row) throw new Error("commit_chat_v1 answered nothing");
    try {
      const { outcomes, changes } = decodeBatch(batch, streams, row.result);
      const committedAtMs = this.#options.clock.monotonicMs();
      this.#options.onCommitted(changes);
      this.#options.hubs.accept(changes);
      this.#options.onDelivered?.(this.#options.clock.monotonicMs() - committedAtMs);
      if (batch.some(({ item }) => "job" in item && item.job !== undefined)) this.#options.onJobs?.();
      if (batch.some(({ item }) => "notices" in item && leavesTheApp(item.notices))) this.#options.onDue?.();
      return outcomes;
    } catch (cause) {
      // It has committed: running it again because of a fault of ours would be wrong, so it counts as an answer lost.
      throw new DatabaseError("a committed batch could not be handed on", { connectionLost: true, cause });
    }
  }

  async settle(batch: readonly Write<ChatItem>[]): Promise<readonly ChatOutcome[] | undefined> {
    if ((await this.#writer.settle()) === "never") return undefined;
    const outcomes = await this.#readBack(batch);
    // As after any commit: listeners first, then the answers.
    await this.#options.hubs.repair(new Set(batch.flatMap(({ item }) => streamsOf(item))));
    return outcomes;
  }

  async close(): Promise<void> {
    await this.#writer.close();
  }

  /** The batch committed but its answer was lost: what each item did is read from what is stored now. */
  async #readBack(batch: readonly Write<ChatItem>[]): Promise<ChatOutcome[]> {
    const ids = batch.flatMap(({ item }) => ("messageId" in item ? [item.messageId] : []));
    const rows = await this.#options.database.query<MessageRow>(
      "SELECT * FROM message_state WHERE id = ANY ($1::text[])",
      [ids],
    );
    const messages = new Map(rows.map((row) => [row.id, toMessage(row)]));
    const outcomes: ChatOutcome[] = [];
    for (const { item } of batch) outcomes.push(await this.#readBackOne(item, messages));
    return outcomes;
  }

  /** What shows no trace is `stale`: judged and run once more, which changes nothing where it had been done. */
  async #readBackOne(item: ChatItem, messages: Map<string, Message>): Promise<ChatOutcome> {
    if (item.op === "create") {
      const [room] = await this.#options.database.query<{ id: string }>(
        "SELECT id FROM rooms WHERE id = $1 OR direct_key = $2",
        [item.roomId, item.directKey ?? null],
      );
      return room ? { status: "ok", roomId: room.id } : { status: "stale" };
    }
    if (item.op === "member") {
      const [member] = await this.#options.database.query<{ role: string | null }>(
        "SELECT role FROM members WHERE room_id = $1 AND user_id = $2",
        [item.roomId, item.userId],
      );
      return { status: (member?.role ?? null) === item.role ? "ok" : "stale" };
    }
    if (!("messageId" in item)) return { status: "stale" };
    const message = messages.get(item.messageId);
    if (!message) return item.op === "send" ? await this.#readBackUnsent(item) : { status: "stale" };
    return hasHappened(item, message) ? { status: "ok", seq: message.seq, message } : { status: "stale" };
  }

  /** A send of a committed batch that is not there was a repeat, or was refused inside the batch. */
  async #readBackUnsent(item: Extract<ChatItem, { op: "send" }>): Promise<ChatOutcome> {
    if (item.nonce === undefined) return { status: "stale" };
    const [earlier] = await this.#options.database.query<MessageRow & { body_hash: string }>(
      `SELECT s.*, m.body_hash FROM messages m JOIN message_state s ON s.id = m.id
       WHERE nonce_key(m.room_id, m.user_id, m.nonce) = nonce_key($1, $2, $3) AND m.nonce IS NOT NULL`,
      [item.roomId, item.userId, item.nonce],
    );
    if (!earlier) return { status: "stale" };
    return earlier.body_hash === item.bodyHash
      ? { status: "duplicate", message: toMessage(earlier) }
      : { status: "nonce_conflict" };
  }
}

/** Whether a message shows that this was done to it. */
function hasHappened(item: Extract<ChatItem, { messageId: string }>, message: Message): boolean {
  if (item.op === "send") return true;
  if (item.op === "edit") return message.content === item.content;
  if (item.op === "delete") return message.deleted === true;
  return item.op === "pin" && (message.pinned === true) === item.on;
}
