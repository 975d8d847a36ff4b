// Commits batches of mixed changes, one after the other, by the server's own writer, with nobody listening and nothing
// before it. A process of its own, on the server's core; started by ../commit.ts, which it answers.
import { openTestDatabase } from "@mirage/testing";
import { Random } from "../../faults/random.ts";
import { systemClock } from "../../packages/server/src/adapters/system-clock.ts";
import type { Database } from "../../packages/server/src/database/database.ts";
import { ChatWriter } from "../../packages/server/src/hot-path/chat-lane/chat-writer.ts";
import type { ChatItem } from "../../packages/server/src/hot-path/chat-lane/items.ts";
import { ChatStreams } from "../../packages/server/src/hot-path/chat-lane/read-streams.ts";
import { Hubs } from "../../packages/server/src/hot-path/hubs.ts";
import type { Failure, Span } from "../load/orders.ts";
import { Samples, Tally } from "../load/samples.ts";
import { subtractSpans } from "../load/subtract-spans.ts";
import { readCpu, readFamilyCpu, readHostCpu } from "../machine/processes.ts";
import { MixedChanges } from "./mixed-changes.ts";
import type { CommitOrder, CommitReport } from "./orders.ts";

class Committer {
  readonly #order: CommitOrder;
  readonly #database: Database;
  readonly #source: MixedChanges;
  readonly #writer: ChatWriter;
  readonly #failures = new Tally();
  readonly #batchMs = new Samples();
  #changes = 0;

  constructor(order: CommitOrder, database: Database) {
    this.#order = order;
    this.#database = database;
    this.#source = new MixedChanges(order, new Random(order.seed));
    const about = { database, nodeId: "bench", clock: systemClock };
    const hubs = new Hubs({
      ...about,
      source: new ChatStreams(database),
      topics: { connectionCount: () => 0 },
      delivery: { deliver: () => undefined, cut: () => undefined },
    });
    this.#writer = new ChatWriter({
      ...about,
      lane: "chat",
      hubs,
      onCommitted: (changes) => this.#source.learn(changes),
    });
  }

  async run(): Promise<CommitReport> {
    const { warmUpSeconds, seconds } = this.#order;
    await addUsers(this.#database, this.#source.userIds);
    for (const room of this.#source.createRooms()) await this.#commit([room]);
    await this.#commitFor(warmUpSeconds);
    const first = this.#look();
    await this.#commitFor(seconds, this.#batchMs);
    const span = subtractSpans(this.#look(), first);
    await this.#writer.close();
    const batchMs = this.#batchMs.toArray();
    return { kind: "committed", changes: span.deliveries, failures: this.#failures.toRecord(), batchMs, span };
  }

  async #commitFor(seconds: number, batchMs?: Samples): Promise<void> {
    const endMs = performance.now() + 1_000 * seconds;
    while (performance.now() < endMs) {
      const items = Array.from({ length: this.#order.batchItems }, () => this.#source.next());
      const startedMs = performance.now();
      await this.#commit(items);
      batchMs?.add(performance.now() - startedMs);
    }
  }

  async #commit(items: readonly ChatItem[]): Promise<void> {
    const outcomes = await this.#writer.commit(items.map((item) => ({ item, pair: undefined })));
    for (const { status } of outcomes) {
      if (status === "ok") this.#changes++;
      else this.#failures.add(status);
    }
  }

  #look(): Span {
    const { postgresPid } = this.#order;
    return {
      seconds: performance.now() / 1_000,
      deliveries: this.#changes,
      reads: 0,
      bytes: 0,
      server: readCpu(process.pid),
      postgresCpu: postgresPid === undefined ? 0 : readFamilyCpu(postgresPid),
      generatorCpu: 0,
      hostCpu: readHostCpu(),
    };
  }
}

async function carryOut(order: CommitOrder): Promise<CommitReport> {
  const { database, close } = await openTestDatabase();
  try {
    return await new Committer(order, database).run();
  } finally {
    await close();
  }
}

async function addUsers(database: Database, ids: readonly string[]): Promise<void> {
  await database.query("INSERT INTO users (id, username, username_key) SELECT id, id, id FROM unnest($1::text[]) id", [
    ids,
  ]);
  await database.query("INSERT INTO streams (id) SELECT 'user:' || id FROM unnest($1::text[]) id", [ids]);
}

process.once("message", (order: CommitOrder) => {
  carryOut(order).then(
    (report) => process.send?.(report),
    (error) => process.send?.({ kind: "failed", error: String(error) } satisfies Failure),
  );
});
