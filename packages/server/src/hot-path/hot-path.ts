/**
 * The road of a change, from a use case that has judged it to every screen:
 *
 *   submit ─▶ PairOrder ─▶ GroupCommit ───▶ commit_chat_v1 ─▶ Hubs ─────▶ Topics ─▶ connections
 *             in order     in batches       durable, numbered   in order,   one write each per tick
 *             per pair     (Writer: even    and fenced, one     no gaps    ─▶ then the sender is answered
 *                          if answers fail) transaction
 *
 * Nothing is handed on or answered before its transaction has committed. Each stage is one file of this folder:
 * pair-order, waiting-queue, group-commit, writer, hub (with ring), hubs; chat-lane/ says what the rows are.
 */
import type { Database } from "../database/database.ts";
import type { Clock } from "../ports/clock.ts";
import type { Change } from "./change.ts";
import { ChatWriter } from "./chat-lane/chat-writer.ts";
import { type ChatItem, type ChatOutcome, primaryStream } from "./chat-lane/items.ts";
import { ChatStreams } from "./chat-lane/read-streams.ts";
import { GroupCommit, overloaded } from "./group-commit.ts";
import type { Delivery } from "./hub.ts";
import { Hubs } from "./hubs.ts";
import { PairOrder } from "./pair-order.ts";
import type { Topics } from "./topics.ts";

export interface HotPathOptions {
  database: Database;
  clock: Clock;
  nodeId: string;
  topics: Topics;
  delivery: Delivery;
  /** Sees what this node commits before it is delivered and answered. */
  onCommitted: (changes: readonly Change[]) => void;
  onBatch?: (items: number, durationMs: number) => void;
  /** Milliseconds from the commit of a batch until it is on its way to this node's listeners. */
  onDelivered?: (durationMs: number) => void;
  /** A room job was stored. */
  onJobs?: () => void;
}

export class HotPath {
  /** The streams that somebody on this node listens to. */
  readonly hubs: Hubs;
  readonly #order = new PairOrder();
  readonly #writer: ChatWriter;
  readonly #commit: GroupCommit<ChatItem, ChatOutcome>;
  readonly #bulkWriter: ChatWriter;
  readonly #bulk: GroupCommit<ChatItem, ChatOutcome>;

  constructor(options: HotPathOptions) {
    this.hubs = new Hubs({ ...options, source: new ChatStreams(options.database) });
    const { clock, delivery } = options;
    this.#writer = new ChatWriter({ ...options, lane: "chat", hubs: this.hubs });
    this.#commit = new GroupCommit(this.#writer, { ...options, onFault: delivery.onFault });
    this.#bulkWriter = new ChatWriter({ ...options, lane: "bulk", hubs: this.hubs });
    this.#bulk = new GroupCommit(this.#bulkWriter, { clock, onFault: delivery.onFault, maxBatchItems: 1 });
  }

  /**
   * Commits one change and delivers it; resolves after both. `judge` makes the item from what is known of rights now, and
   * is asked again when they have changed by the time of the commit. Changes of one `pair` keep the order of these calls.
   * @throws whatever `judge` refuses with; `unavailable`, `overloaded` (trying again helps).
   */
  submit(judge: () => Promise<ChatItem>, pair: string): Promise<ChatOutcome> {
    if (this.#commit.isFull) return Promise.reject(overloaded());
    return this.#order.run(pair, judge, async (item) => {
      const stream = primaryStream(item);
      const outcome = await this.#commit.submit(item, { bytes: sizeOf(item), stream, pair, judge });
      // Takes time only where another node's change is still missing before this one.
      await this.hubs.find(stream)?.whenCaughtUp();
      return outcome;
    });
  }

  /**
   * Commits one slice of something large, past the chat: in a lane of its own, between whose commits the chat's come.
   * @throws `unavailable`, `overloaded` (trying again helps).
   */
  submitBulk(item: ChatItem): Promise<ChatOutcome> {
    return this.#bulk.submit(item, { bytes: sizeOf(item) });
  }

  /** Holds later changes of a pair back until some work is done that they may depend on. */
  hold<Result>(pair: string, work: () => Promise<Result>): Promise<Result> {
    return this.#order.run(pair, work, (result) => Promise.resolve(result));
  }

  /** Commits what waits, then stops. */
  async close(): Promise<void> {
    await Promise.all([this.#commit.close(), this.#bulk.close()]);
    this.hubs.close();
    await Promise.all([this.#writer.close(), this.#bulkWriter.close()]);
  }
}

/** About how much of a batch an item takes; the text is most of it. */
const sizeOf = (item: ChatItem): number => 300 + ("content" in item ? 2 * item.content.length : 0);
