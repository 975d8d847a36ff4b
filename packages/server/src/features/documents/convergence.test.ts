import { eventually, FakeClock, requestOk, startTestServer, type TestServer, type TestStorage } from "@mirage/testing";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import * as Y from "yjs";
import { judgeUpdate } from "./gate/gate.ts";
import { type ContentStep, changeContent, contentStep, seenOf } from "./open-test-content.ts";
import { compactDocument, rebuildDocument } from "./open-test-document.ts";
import { TestEditor } from "./open-test-editor.ts";

const clock = new FakeClock(Date.now());
let server: TestServer | undefined;
let storage: TestStorage | undefined;

afterAll(async () => {
  await server?.close();
});

const step = fc.record({
  kind: fc.constantFrom(
    ...["change", "change", "change", "flush", "flush", "repeat", "reorder", "drop", "offline", "return"],
    ...["compact", "idle", "restart"],
  ),
  who: fc.nat(3),
  content: contentStep,
});
type Step = { kind: string; who: number; content: ContentStep };

async function start(): Promise<TestServer> {
  server = await startTestServer({ clock, settings: { jwtSecret: "x".repeat(32) }, ...(storage ? { storage } : {}) });
  storage = server.storage;
  return server;
}

/** Somebody with a document that outlives their connections. */
class Person {
  readonly name: string;
  readonly doc = new Y.Doc();
  readonly acknowledged: Uint8Array[] = [];
  editor: TestEditor | undefined;

  constructor(name: string) {
    this.name = name;
  }

  async return(documentId: string): Promise<void> {
    if (this.editor?.socket.connected || !server) return;
    this.editor = new TestEditor(await server.connect(this.name), documentId, this.doc);
    await this.join();
  }

  /** So often that it is no flood. */
  async join(): Promise<void> {
    clock.advance(1_000);
    await this.editor?.join();
  }

  /** Sends what waits in the wrong order; what is refused for it goes with the next join. */
  async reorder(): Promise<void> {
    const { editor } = this;
    if (!editor?.socket.connected) return;
    const sent = editor.unsent.splice(0).reverse();
    const codes = await Promise.all(sent.map((update) => editor.tryToSend(update)));
    this.acknowledged.push(...sent.filter((_, index) => codes[index] === undefined));
    if (codes.some((code) => code !== undefined)) await this.join();
  }

  /** `isLost`: the connection ends before anything can be answered. */
  async flush({ isLost = false, times = 1 } = {}): Promise<void> {
    const { editor } = this;
    if (!editor?.socket.connected) return;
    const sent = editor.unsent.splice(0).flatMap((update) => Array<Uint8Array>(times).fill(update));
    if (isLost) {
      for (const update of sent) editor.socket.emit("collaborative_edit", { documentId: editor.documentId, update });
      // Some of it is on its way, and nobody will be told.
      await new Promise((resolve) => setImmediate(resolve));
      editor.socket.disconnect();
      return;
    }
    for (const update of sent) {
      const answer = editor.send(update);
      await answer;
      this.acknowledged.push(update);
    }
  }
}

class World {
  readonly people: Person[];
  documentId = "";
  /** They go on beside everything else. */
  #compacting: Promise<void>[] = [];

  constructor(count: number) {
    this.people = Array.from({ length: count }, (_, index) => new Person(`p${index}`));
  }

  async open(): Promise<void> {
    const owner = await (server ?? (await start())).connect("p0");
    this.documentId = (await requestOk(owner, "create_document", { title: "Plan" })).document.id;
    for (const { name } of this.people.slice(1)) {
      (await server?.connect(name))?.disconnect();
      await requestOk(owner, "set_document_role", { documentId: this.documentId, userId: name, role: "edit" });
    }
    owner.disconnect();
    for (const person of this.people) await person.return(this.documentId);
  }

  async take({ kind, who, content }: Step): Promise<void> {
    const person = this.people[who % this.people.length];
    if (!person || !server) throw new Error("nobody");
    if (kind === "change") changeContent(person.doc, content);
    if (kind === "flush") await person.flush();
    if (kind === "repeat") await person.flush({ times: 2 });
    if (kind === "reorder") await person.reorder();
    if (kind === "drop") await person.flush({ isLost: true });
    if (kind === "offline") person.editor?.socket.disconnect();
    if (kind === "return") await person.return(this.documentId);
    if (kind === "compact") this.#compacting.push(compactDocument(server.running.database, this.documentId));
    if (kind === "idle") {
      for (const { editor } of this.people) editor?.socket.disconnect();
      await clock.advanceAsync(70_000);
    }
    if (kind === "restart") {
      await this.compacted();
      await server.close({ keepsStorage: true });
      await start();
    }
  }

  async compacted(): Promise<void> {
    await Promise.all(this.#compacting.splice(0));
  }

  /** Everybody comes back and sends what they have; then all replicas, and the database, are the same. */
  async settle(): Promise<void> {
    for (const person of this.people) {
      await person.return(this.documentId);
      await person.flush();
    }
    await this.compacted();
    const database = server?.running.database;
    if (!database) throw new Error("no server");
    const rebuilt = await rebuildDocument(database, this.documentId);
    const expected = new Y.Doc();
    Y.applyUpdate(expected, rebuilt.encodeSince());
    const seen = seenOf(expected);
    for (const { doc, acknowledged, name } of this.people) {
      await eventually(() => expect(seenOf(doc)).toEqual(seen));
      for (const update of acknowledged)
        expect(judgeUpdate({ update, userId: name, maxBytes: 1e9 }, rebuilt)).toEqual({ kind: "duplicate" });
    }
  }

  close(): void {
    for (const { editor } of this.people) editor?.socket.disconnect();
  }
}

test("[DOC-1] [DOC-3] whatever is lost, sent twice or in another order, cut off, compacted meanwhile or restarted: all have the same, and all that was acknowledged is in it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 4 }),
      fc.array(step, { minLength: 5, maxLength: 40 }),
      async (count, steps) => {
        const world = new World(count);
        await world.open();
        try {
          for (const taken of steps) await world.take(taken);
          await world.settle();
        } finally {
          await world.compacted();
          world.close();
        }
      },
    ),
    { numRuns: Number(process.env.FUZZ_TRIES ?? 12) },
  );
}, 120_000);
