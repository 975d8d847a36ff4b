import type { Database } from "../../database/database.ts";
import type { Change } from "../change.ts";
import type { BatchWriter, Write } from "../group-commit.ts";
import type { Hubs } from "../hubs.ts";
import { Writer } from "../writer.ts";
import { type CommitResult, decodeBatch } from "./decode-batch.ts";
import { encodeBatch } from "./encode-batch.ts";
import { type ChatItem, type ChatOutcome, streamsOf } from "./items.ts";
import { type MessageRow, toMessage } from "./rows.ts";

export interface ChatWriterOptions {
  database: Database;
  /** Unique for this process. */
  nodeId: string;
  hubs: Hubs;
  /** Sees every change of this node's commits, before anyone is answered. */
  onCommitted: (changes: readonly Change[]) => void;
}

/** Commits batches of the chat lane by one call of the database's `commit_chat_v1`, then hands their changes on. */
export class ChatWriter implements BatchWriter<ChatItem, ChatOutcome> {
  readonly #options: ChatWriterOptions;
  readonly #writer: Writer;

  constructor(options: ChatWriterOptions) {
    this.#options = options;
    this.#writer = new Writer(options.database, `${options.nodeId}/chat`);
  }

  async commit(batch: readonly Write<ChatItem>[]): Promise<readonly ChatOutcome[]> {
    const { streams, items } = encodeBatch(batch);
    const [row] = await this.#writer.commit<{ result: CommitResult }>(
      "SELECT commit_chat_v1($1, $2, $3, $4::text[], $5::jsonb) AS result",
      [streams, items],
    );
    if (!row) throw new Error("commit_chat_v1 answered nothing");
    const { outcomes, changes } = decodeBatch(batch, streams, row.result);
    this.#options.onCommitted(changes);
    await this.#options.hubs.accept(changes);
    return outcomes;
  }

  async settle(batch: readonly Write<ChatItem>[]): Promise<readonly ChatOutcome[] | undefined> {
    if ((await this.#writer.settle()) === "never") return undefined;
    const outcomes = await this.#readBack(batch);
    this.#options.hubs.repair(new Set(batch.flatMap(({ item }) => streamsOf(item))));
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

  async #readBackOne(item: ChatItem, messages: Map<string, ReturnType<typeof toMessage>>): Promise<ChatOutcome> {
    if (item.op === "create") {
      const [room] = await this.#options.database.query<{ id: string }>(
        "SELECT id FROM rooms WHERE id = $1 OR direct_key = $2",
        [item.roomId, item.directKey ?? null],
      );
      return room ? { status: "ok", roomId: room.id } : { status: "not_found" };
    }
    if (!("messageId" in item)) return { status: "ok" };
    const message = messages.get(item.messageId);
    if (message) return { status: "ok", seq: message.seq, message };
    return item.op === "send" ? await this.#readBackUnsent(item) : { status: "not_found" };
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
