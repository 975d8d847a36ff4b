// Stores a long document by the server's own writer, edit by edit, and looks at what it takes before and after it is
// compacted; then opens large ones on a server. A process of its own, on the server's core; started by
// ../../long-document.ts, which it answers.
import { requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { Random } from "../../../faults/random.ts";
import { systemClock } from "../../../packages/server/src/adapters/system-clock.ts";
import type { Database } from "../../../packages/server/src/database/database.ts";
import { Background } from "../../../packages/server/src/features/documents/background/background.ts";
import { Compaction } from "../../../packages/server/src/features/documents/compaction.ts";
import { ContentStore } from "../../../packages/server/src/features/documents/content.store.ts";
import { DocumentWriter } from "../../../packages/server/src/features/documents/lane/document-writer.ts";
import type { DocumentItem } from "../../../packages/server/src/features/documents/lane/items.ts";
import { LiveDocument } from "../../../packages/server/src/features/documents/live-document.ts";
import { ChatStreams } from "../../../packages/server/src/hot-path/chat-lane/read-streams.ts";
import { Hubs } from "../../../packages/server/src/hot-path/hubs.ts";
import type { Failure } from "../../load/orders.ts";
import { Samples, Tally } from "../../load/samples.ts";
import { median } from "../../quantiles.ts";
import type { Keeping, LongDocumentOrder, LongDocumentReport } from "./orders.ts";
import { contentOf, Typing } from "./typing.ts";

const documentId = "long";
const loads = 3;
/** After so many the oldest of those that are kept holds everything that was written before. */
const snapshotsKept = 3;

class Keeper {
  readonly #order: LongDocumentOrder;
  readonly #server: TestServer;
  readonly #database: Database;
  readonly #random: Random;
  readonly #writer: DocumentWriter;
  readonly #content: ContentStore;
  readonly #typing: Typing;
  readonly #failures = new Tally();

  constructor(order: LongDocumentOrder, server: TestServer) {
    this.#order = order;
    this.#server = server;
    this.#database = server.running.database;
    this.#random = new Random(order.seed);
    this.#typing = new Typing(order.authors, this.#random);
    this.#content = new ContentStore({ database: this.#database, onFault: failing });
    const about = { database: this.#database, nodeId: "bench", clock: systemClock };
    const hubs = new Hubs({
      ...about,
      source: new ChatStreams(this.#database),
      topics: { connectionCount: () => 0 },
      delivery: { deliver: () => undefined, cut: () => undefined },
    });
    this.#writer = new DocumentWriter({ ...about, hubs, onCommitted: () => undefined, onDue: () => undefined });
  }

  async run(): Promise<LongDocumentReport> {
    const { edits, authors } = this.#order;
    for (let author = 0; author < authors; author++) (await this.#server.connect(nameOf(author))).disconnect();
    await this.#commit([created(documentId)]);
    const startedMs = performance.now();
    await this.#write(edits);
    const seconds = (performance.now() - startedMs) / 1_000;
    const before = await this.#look();
    const compactMs = await this.#compact(documentId);
    for (let n = 1; n < snapshotsKept; n++) {
      await this.#write(1);
      await this.#compact(documentId);
    }
    const after = await this.#look();
    const opened = await this.#openLarge();
    await this.#writer.close();
    const failures = this.#failures.toRecord();
    return { kind: "kept", editsPerSecond: edits / seconds, before, compactMs, after, ...opened, failures };
  }

  async #write(edits: number): Promise<void> {
    for (let left = edits; left > 0; left -= this.#order.batchItems) {
      const count = Math.min(left, this.#order.batchItems);
      await this.#commit(Array.from({ length: count }, () => this.#nextEdit()));
    }
  }

  #nextEdit(): DocumentItem {
    const { author, clientId, known, to, update } = this.#typing.next();
    const clients = to > known ? [{ clientId, known, to }] : [];
    const judged = { documentId, roomId: null, fence: 0, roomFence: null };
    return { op: "update", ...judged, userId: nameOf(author), update, clients, sentBy: "", at: Date.now() };
  }

  async #commit(items: readonly DocumentItem[]): Promise<void> {
    const outcomes = await this.#writer.commit(items.map((item) => ({ item, pair: undefined })));
    for (const { status } of outcomes) if (status !== "ok") this.#failures.add(status);
  }

  async #look(): Promise<Keeping> {
    const [stored] = await this.#database.query<{ rows: number; bytes: number }>(
      `SELECT count(*)::int AS rows, coalesce(sum(bytes), 0)::int AS bytes FROM (
         SELECT length(update) AS bytes FROM document_updates WHERE document_id = $1
         UNION ALL SELECT length(state) FROM document_snapshots WHERE document_id = $1) kept`,
      [documentId],
    );
    const times: { readMs: number; applyMs: number; heapBytes: number }[] = [];
    for (let n = 0; n < loads; n++) times.push(await this.#load());
    const middle = (pick: (load: (typeof times)[number]) => number): number => median(times.map(pick));
    return {
      ...(stored ?? { rows: 0, bytes: 0 }),
      readMs: middle(({ readMs }) => readMs),
      applyMs: middle(({ applyMs }) => applyMs),
      heapBytes: middle(({ heapBytes }) => heapBytes),
    };
  }

  /** In one go, to see what it costs; a server does it in slices. */
  async #load(): Promise<Omit<Keeping, "rows" | "bytes">> {
    const heapBefore = heapBytes();
    const startedMs = performance.now();
    let stored = await this.#content.read(documentId);
    const readMs = performance.now() - startedMs;
    if (!stored) throw new Error("the document is gone");
    const copy = new LiveDocument(documentId, stored);
    const applyMs = performance.now() - startedMs - readMs;
    // What was read is not kept beside what was made of it.
    stored = undefined;
    const used = heapBytes() - heapBefore;
    copy.close();
    return { readMs, applyMs, heapBytes: used };
  }

  async #compact(id: string): Promise<number> {
    const background = new Background(systemClock);
    const about = { content: this.#content, background, clock: systemClock, onCompacted: () => undefined };
    const compaction = new Compaction({ ...about, documents: { find: () => undefined }, onFault: failing });
    const startedMs = performance.now();
    compaction.request(id);
    await compaction.idle();
    const tookMs = performance.now() - startedMs;
    await background.close();
    return tookMs;
  }

  /** Each of its own, so that it comes from the database once and from memory the second time. */
  async #openLarge(): Promise<Pick<LongDocumentReport, "coldMs" | "warmMs" | "openedBytes">> {
    const [cold, warm] = [new Samples(), new Samples()];
    let bytes = 0;
    for (let n = 0; n < this.#order.openings; n++) {
      const id = `large-${n}`;
      const seed = contentOf(this.#order.openedBytes, this.#random);
      await this.#commit([{ ...created(id), seed }]);
      await this.#compact(id);
      for (const samples of [cold, warm]) {
        const socket = await this.#server.connect(nameOf(0));
        const startedMs = performance.now();
        const { update } = await requestOk(socket, "join_document", { documentId: id });
        samples.add(performance.now() - startedMs);
        bytes = update.length;
        socket.disconnect();
      }
    }
    return { coldMs: cold.toArray(), warmMs: warm.toArray(), openedBytes: bytes };
  }
}

const nameOf = (author: number): string => `author-${author}`;

function created(id: string): Extract<DocumentItem, { op: "create" }> {
  const whose = { userId: nameOf(0), roomId: null, roomFence: null, nonce: undefined, seed: undefined };
  return { op: "create", documentId: id, title: "Long", ...whose, at: Date.now() };
}

function heapBytes(): number {
  if (!globalThis.gc) throw new Error("start it with --expose-gc");
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function failing(error: unknown): void {
  throw error;
}

process.once("message", async (order: LongDocumentOrder) => {
  try {
    const server = await startTestServer();
    process.send?.(await new Keeper(order, server).run());
    await server.close();
  } catch (error) {
    process.send?.({ kind: "failed", error: String(error) } satisfies Failure);
  }
});
