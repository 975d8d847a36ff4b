import type { Database } from "../database/database.ts";
import { ByteBudget } from "../lib/byte-budget.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import type { Change, StreamSource } from "./change.ts";
import { type Delivery, Hub, type HubWorld } from "./hub.ts";
import type { Topic, Topics } from "./topics.ts";

export interface HubsOptions {
  source: StreamSource;
  topics: Pick<Topics, "connectionCount">;
  delivery: Delivery;
  clock: Clock;
  database: Database;
  /** This node's own writers begin with it: what they wrote need not be looked for. */
  nodeId: string;
}

/** Where other nodes may write too, their batch numbers are looked at this often. */
const watchIntervalMs = 250;
/** Every stream is looked at this often, whatever the writers say. */
const sweepIntervalMs = 5_000;
const headsPerRead = 1_000;
/** A hub that nobody listens to is kept this long: somebody may be about to attach with a page read for it. */
const unusedMs = 60_000;
/** What the recent changes of all streams together may take. */
const ringBytes = 64 * 1024 * 1024;
/** Streams whose last commit is remembered although nobody listened, for a page that was being read just then. */
const maxUnheard = 10_000;

/**
 * The hubs of all streams that somebody on this node listens to.
 * A node without a bus finds what others wrote by their writers' batch numbers: one small read, and heads only when a
 * number has moved.
 */
export class Hubs {
  readonly #options: HubsOptions;
  readonly #world: HubWorld;
  readonly #hubs = new Map<Topic, Hub>();
  readonly #openedAtMs = new Map<Topic, number>();
  readonly #unheard = new Map<Topic, number>();
  /** Opened since the last look: another node may have written between the reading of the position and the opening. */
  #fresh = new Set<Topic>();
  readonly #timers: Timer[];
  #writersSeen = "";
  #isWatching = false;

  constructor(options: HubsOptions) {
    this.#options = options;
    this.#world = { ...options, ringBudget: new ByteBudget(ringBytes) };
    const { clock } = options;
    this.#timers = [clock.every(sweepIntervalMs, () => void this.#watch("sweep"))];
    if (this.#mayOthersWrite) this.#timers.push(clock.every(watchIntervalMs, () => void this.#watch("writers")));
  }

  /** The embedded database has one writer, so nothing can come from elsewhere. */
  get #mayOthersWrite(): boolean {
    return this.#options.database.kind === "postgres";
  }

  find(stream: Topic): Hub | undefined {
    return this.#hubs.get(stream);
  }

  /** The stream's hub, made at a position just read where there is none. Repairs up to that position before it answers. */
  async open(stream: Topic, position: number): Promise<Hub> {
    const hub = this.#hubs.get(stream) ?? new Hub(stream, position, this.#world);
    this.#hubs.set(stream, hub);
    this.#openedAtMs.set(stream, this.#options.clock.monotonicMs());
    if (this.#mayOthersWrite) this.#fresh.add(stream);
    // A commit between the reading of the position and this tick found no hub to go to.
    const unheard = this.#unheard.get(stream) ?? 0;
    await hub.reach(Math.max(position, unheard));
    return hub;
  }

  /** Hands on what this node has just committed. Where something of another node's is missing before it, it waits in its hub. */
  accept(changes: readonly Change[]): void {
    for (const [stream, ofStream] of Map.groupBy(changes, (change) => change.stream)) {
      const hub = this.#hubs.get(stream);
      if (hub) hub.accept(ofStream);
      else this.#rememberUnheard(stream, ofStream.at(-1)?.position ?? 0);
    }
  }

  /** Something happened to these streams that this node could not follow; resolves when listeners have it. */
  async repair(streams: Iterable<Topic>): Promise<void> {
    await Promise.all([...streams].map((stream) => this.#hubs.get(stream)?.repair()));
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel();
    for (const hub of this.#hubs.values()) hub.close();
  }

  async #watch(cause: "writers" | "sweep"): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    try {
      if (cause === "sweep") this.#dropUnused();
      const fresh = this.#fresh;
      this.#fresh = new Set();
      const isAny = cause === "sweep" || (await this.#haveOthersWritten());
      await this.#compareHeads([...(isAny ? this.#hubs.keys() : fresh)]);
    } catch (error) {
      this.#options.delivery.onFault?.(error);
    } finally {
      this.#isWatching = false;
    }
  }

  #rememberUnheard(stream: Topic, position: number): void {
    this.#unheard.delete(stream);
    this.#unheard.set(stream, position);
    const [oldest] = this.#unheard.keys();
    if (this.#unheard.size > maxUnheard && oldest !== undefined) this.#unheard.delete(oldest);
  }

  #dropUnused(): void {
    const now = this.#options.clock.monotonicMs();
    for (const [stream, hub] of this.#hubs) {
      if (this.#options.topics.connectionCount(stream) > 0) this.#openedAtMs.set(stream, now);
      else if (now - (this.#openedAtMs.get(stream) ?? 0) > unusedMs) {
        hub.close();
        this.#hubs.delete(stream);
        this.#openedAtMs.delete(stream);
      }
    }
  }

  async #haveOthersWritten(): Promise<boolean> {
    const [row] = await this.#options.database.query<{ seen: string | null }>(
      "SELECT string_agg(node || ' ' || batch, ',' ORDER BY node) AS seen FROM writers WHERE NOT starts_with(node, $1)",
      [this.#options.nodeId],
    );
    const seen = row?.seen ?? "";
    const hasMoved = seen !== this.#writersSeen;
    this.#writersSeen = seen;
    return hasMoved;
  }

  async #compareHeads(streams: readonly Topic[]): Promise<void> {
    for (let start = 0; start < streams.length; start += headsPerRead) {
      const heads = await this.#options.source.readHeads(streams.slice(start, start + headsPerRead));
      for (const [stream, head] of heads) {
        const hub = this.#hubs.get(stream);
        if (hub && hub.last < head) void hub.repair();
      }
    }
  }
}
