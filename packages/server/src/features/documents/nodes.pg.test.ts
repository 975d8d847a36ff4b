import { createTestStorage, eventually, Inbox, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as Y from "yjs";
import { judgeUpdate } from "./gate/gate.ts";
import { type ContentStep, changeContent, contentStep, seenOf } from "./open-test-content.ts";
import { compactDocument, rebuildDocument } from "./open-test-document.ts";
import { openTestEditor, TestEditor } from "./open-test-editor.ts";

/** Two nodes on one Postgres; Ann is at the first, Bob at the second. */
let first: TestServer;
let second: TestServer;
let documentId: string;

beforeAll(async () => {
  const storage = await createTestStorage();
  const settings = { jwtSecret: "one secret for both of them, long enough" };
  first = await startTestServer({ storage, settings });
  second = await startTestServer({ storage, settings });
  await (await second.connect("bob")).disconnect();
  const ann = await first.connect("ann");
  documentId = (await requestOk(ann, "create_document", { title: "Plan" })).document.id;
  await requestOk(ann, "set_document_role", { documentId, userId: "bob", role: "edit" });
});
afterAll(async () => {
  await second?.close({ keepsStorage: true });
  await first?.close();
});

test("[DOC-1] [SEQ-1] editors on two nodes write at once and end with the same", async () => {
  const ann = await openTestEditor(first, "ann", documentId);
  const bob = await openTestEditor(second, "bob", documentId);
  const seqs: number[] = [];
  for (let round = 0; round < 20; round++) {
    ann.text.insert(0, `a${round} `);
    bob.text.insert(bob.text.length, `b${round} `);
    if (round === 10) await compactDocument(first.running.database, documentId);
    seqs.push(...(await Promise.all([ann.flush(), bob.flush()])).flat());
  }
  expect(new Set(seqs).size).toBe(40);
  await eventually(() => expect(ann.text.toString()).toBe(bob.text.toString()), { timeoutMs: 10_000 });
  const rebuilt = await rebuildDocument(first.running.database, documentId);
  expect(rebuilt.position).toBe(Math.max(...seqs));
  expect(ann.seen).toEqual([...ann.seen].sort((a, b) => a - b));
});

const move = fc.record({
  who: fc.nat(1),
  kind: fc.constantFrom("change", "change", "change", "send", "send", "twice", "cut", "compact"),
  content: contentStep,
});

/** Somebody who writes at either node, whichever they come to next. */
class Wanderer {
  readonly doc = new Y.Doc();
  readonly acknowledged: Uint8Array[] = [];
  readonly #name: string;
  #visits = 0;
  #editor: TestEditor | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  change(step: ContentStep): void {
    changeContent(this.doc, step);
  }

  async come(id: string): Promise<void> {
    if (this.#editor?.socket.connected) return;
    const node = this.#visits++ % 2 === (this.#name === "ann" ? 0 : 1) ? first : second;
    this.#editor = new TestEditor(await node.connect(this.#name), id, this.doc);
    await this.#editor.join();
  }

  async send(times = 1): Promise<void> {
    for (const update of this.#editor?.unsent.splice(0) ?? []) {
      for (let n = 0; n < times; n++) await this.#editor?.send(update);
      this.acknowledged.push(update);
    }
  }

  /** The connection ends with everything on its way. */
  cut(): void {
    for (const update of this.#editor?.unsent.splice(0) ?? [])
      this.#editor?.socket.emit("collaborative_edit", { documentId: this.#editor.documentId, update });
    this.#editor?.socket.disconnect();
  }
}

test("[DOC-1] [DOC-3] at two nodes, whatever is cut off, sent twice or compacted meanwhile: all have the same, and all that was acknowledged is in it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 40 }), async (moves) => {
      const owner = await first.connect("ann");
      const { id } = (await requestOk(owner, "create_document", { title: "Plan" })).document;
      await requestOk(owner, "set_document_role", { documentId: id, userId: "bob", role: "edit" });
      owner.disconnect();
      const { database } = first.running;
      const people = [new Wanderer("ann"), new Wanderer("bob")] as const;
      const compacting: Promise<void>[] = [];
      // At most ten joins of one person and document come at once.
      let cuts = 0;
      for (const { who, kind, content } of moves) {
        const person = people[who === 0 ? 0 : 1];
        await person.come(id);
        if (kind === "change") person.change(content);
        if (kind === "send") await person.send();
        if (kind === "twice") await person.send(2);
        if (kind === "cut" && cuts++ < 6) person.cut();
        if (kind === "compact") compacting.push(compactDocument(database, id));
      }
      for (const person of [...people, ...people]) {
        await person.come(id);
        await person.send();
      }
      await Promise.all(compacting);
      const rebuilt = await rebuildDocument(database, id);
      const whole = new Y.Doc();
      Y.applyUpdate(whole, rebuilt.encodeSince());
      for (const [userId, { doc, acknowledged }] of [
        ["ann", people[0]],
        ["bob", people[1]],
      ] as const) {
        await eventually(() => expect(seenOf(doc)).toEqual(seenOf(whole)), { timeoutMs: 10_000 });
        for (const update of acknowledged)
          expect(judgeUpdate({ update, userId, maxBytes: 1e9 }, rebuilt)).toEqual({ kind: "duplicate" });
      }
      for (const person of people) person.cut();
    }),
    { numRuns: Number(process.env.FUZZ_TRIES ?? 10) },
  );
}, 120_000);

test("[DOC-5] what stands on another node's update is taken, although this node has not heard of it", async () => {
  const ann = await openTestEditor(first, "ann", documentId);
  await openTestEditor(second, "bob", documentId);
  ann.text.insert(0, "just now ");
  const [update] = ann.unsent.splice(0);
  if (!update) throw new Error("nothing was written");
  await ann.send(update);
  // The same device goes on at the other node at once, with everything that it has.
  ann.socket.disconnect();
  const again = new TestEditor(await second.connect("ann"), documentId, ann.doc);
  await again.join();
  again.text.insert(5, "right ");
  await again.flush();
  const bob = await openTestEditor(first, "bob", documentId);
  await eventually(() => expect(bob.text.toString()).toMatch(/^just right now /));
});

test("[DOC-5] whoever comes from another node sends nothing of others, although this node has not heard of it", async () => {
  await openTestEditor(second, "bob", documentId);
  const bob = await openTestEditor(first, "bob", documentId);
  const ann = await openTestEditor(first, "ann", documentId);
  for (let round = 0; round < 5; round++) {
    bob.text.insert(0, `${round} `);
    await bob.flush();
    await eventually(() => expect(ann.text.toString()).toBe(bob.text.toString()), { intervalMs: 1 });
    const elsewhere = new TestEditor(await second.connect("ann"), documentId, ann.doc);
    await elsewhere.join();
    expect(elsewhere.unsent).toEqual([]);
    elsewhere.socket.disconnect();
  }
});

test("[ACC-1] [DOC-11] a role that is taken away at one node is gone at the other within two seconds", async () => {
  const ann = await first.connect("ann");
  const bob = await openTestEditor(second, "bob", documentId);
  const inbox = new Inbox(bob.socket);
  await requestOk(ann, "set_document_role", { documentId, userId: "bob", role: null });
  bob.text.insert(0, "too late");
  expect(await bob.tryToSend(bob.unsent[0] ?? new Uint8Array())).toMatch(/not_found|bad_update/);
  await requestOk(ann, "set_document_role", { documentId, userId: "bob", role: "view" });
  const reader = await openTestEditor(second, "bob", documentId);
  const readers = new Inbox(reader.socket);
  await requestOk(ann, "set_document_role", { documentId, userId: "bob", role: null });
  const startedAtMs = performance.now();
  await eventually(() => expect(readers.of("document_evicted")).toEqual([{ documentId, code: "forbidden" }]));
  expect(performance.now() - startedAtMs).toBeLessThan(2_000);
  expect(inbox.of("collaborative_edit")).toEqual([]);
});

test("[ACC-1] [DOC-11] whoever is removed from the room at one node is out of its documents at the other", async () => {
  const ann = await first.connect("ann");
  const { room } = await requestOk(ann, "create_room", { name: "hall", type: "private" });
  await requestOk(ann, "add_member", { roomId: room.id, userId: "bob" });
  const made = await requestOk(ann, "create_document", { title: "Hall", roomId: room.id });
  const bob = await openTestEditor(second, "bob", made.document.id);
  const inbox = new Inbox(bob.socket);
  await requestOk(ann, "remove_member", { roomId: room.id, userId: "bob" });
  bob.text.insert(0, "too late");
  expect(await bob.tryToSend(bob.unsent[0] ?? new Uint8Array())).toMatch(/not_found|bad_update/);
  const cat = await second.connect("bob");
  await expect(requestOk(cat, "join_document", { documentId: made.document.id })).rejects.toThrow(/not_found/);
  expect((await rebuildDocument(first.running.database, made.document.id)).position).toBe(0);
  expect(inbox.of("collaborative_edit")).toEqual([]);
});
