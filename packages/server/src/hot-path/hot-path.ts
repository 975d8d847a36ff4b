/**
 * The road of a change, from a use case that has judged it to every screen:
 *
 *   submit ─▶ PairOrder ─▶ GroupCommit ───▶ commit_chat_v1 ─▶ Hubs ─────▶ Topics ─▶ connections
 *             in order     in batches       durable, numbered   in order,   one write each per tick
 *             per pair     (Writer: even    and fenced, one     no gaps    ─▶ then the sender is answered
 *                          if answers fail) transaction
 * Nothing is handed on or answered before its commit. Each stage is one file of this folder; chat-lane/ says what the rows are.
 */
import type { Database } from "../database/database.ts";
import type { Clock } from "../ports/clock.ts";
import type { Change } from "./change.ts";
import { ChatLane } from "./chat-lane/chat-lane.ts";
import { type ChatItem, type ChatOutcome, primaryStream } from "./chat-lane/items.ts";
import { overloaded } from "./group-commit.ts";
import type { Delivery } from "./hub.ts";
import { Hubs } from "./hubs.ts";
import { PairOrder } from "./pair-order.ts";
import { type ReadSince, StreamSources } from "./stream-sources.ts";
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
  readDocument?: ReadSince;
  onJobs?: () => void;
  onDue?: () => void;
}

export class HotPath {
  /** The streams that somebody on this node listens to. */
  readonly hubs: Hubs;
  readonly #order = new PairOrder();
  readonly #chat: ChatLane;
  readonly #bulk: ChatLane;

  constructor(options: HotPathOptions) {
    this.hubs = new Hubs({ ...options, source: new StreamSources(options) });
    const world = { ...options, hubs: this.hubs, onFault: options.delivery.onFault };
    this.#chat = new ChatLane({ ...world, lane: "chat" });
    this.#bulk = new ChatLane({ ...world, lane: "bulk", maxBatchItems: 1, onBatch: undefined });
  }

  /**
   * Commits one change and delivers it; resolves after both. `judge` makes the item from what is known of rights now, and
   * is asked again when they have changed by the time of the commit. Changes of one `pair` keep the order of these calls.
   * @throws whatever `judge` refuses with; `unavailable`, `overloaded` (trying again helps).
   */
  submit(judge: () => Promise<ChatItem>, pair: string): Promise<ChatOutcome> {
    if (this.#chat.isFull) return Promise.reject(overloaded());
    return this.#order.run(pair, judge, async (item) => {
      const stream = primaryStream(item);
      const outcome = await this.#chat.submit(item, { stream, pair, judge });
      // Takes time only where another node's change is still missing before this one.
      await this.hubs.find(stream)?.whenCaughtUp();
      return outcome;
    });
  }

  /** Commits one slice of something large, between batches of the chat. @throws `unavailable`, `overloaded`: trying again helps. */
  submitBulk = (item: ChatItem): Promise<ChatOutcome> => this.#chat.giveWay().then(() => this.#bulk.submit(item));

  /** Holds later changes of a pair back until some work is done that they may depend on. */
  hold<Result>(pair: string, work: () => Promise<Result>): Promise<Result> {
    return this.#order.run(pair, work, (result) => Promise.resolve(result));
  }

  async close(): Promise<void> {
    await Promise.all([this.#chat.close(), this.#bulk.close()]);
    this.hubs.close();
  }
}
