import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeStateVector } from "yjs";
import { FakeDocuments } from "../testing/fake-documents.ts";
import { FakeServer, type Interception } from "../testing/fake-server.ts";
import { pass } from "../testing/test-client.ts";
import { openPage, type TestPage } from "../testing/test-documents.ts";
import { createMemoryDocuments } from "./memory-documents.ts";

const userIds = ["ann", "bob", "cay"] as const;

/** One thing that somebody does, or that happens to their connection or their page. */
const step = fc.record({
  kind: fc.constantFrom("insert", "insert", "insert", "delete", "move", "cut", "reload", "offline", "online", "settle"),
  who: fc.nat({ max: userIds.length - 1 }),
  pick: fc.nat({ max: 10_000 }),
});
type Step = { kind: string; who: number; pick: number };

/** For each event: lost, repeated, or let past by others. */
const fate = fc.record({ copies: fc.constantFrom(1, 1, 1, 0, 2), ahead: fc.constantFrom(0, 0, 1, 3) });
/** For each edit: taken, refused for now or for no reason, lost, or its answer lost. */
const reception = fc.constantFrom("", "", "", "", "overloaded", "rate_limited", "bad_update", "lose", "lose_answer");

function receive(what: string): Interception {
  if (what === "lose" || what === "lose_answer") return what;
  if (what === "") return undefined;
  return { code: what as "overloaded", message: what, retryable: what !== "bad_update" };
}

class Editors {
  readonly server = new FakeServer();
  readonly fake = new FakeDocuments(this.server);
  readonly pages: TestPage[] = [];
  readonly marks: string[] = [];
  readonly #kept = userIds.map(() => createMemoryDocuments());

  async start(): Promise<void> {
    this.fake.add("plan", ...userIds);
    for (const [index] of userIds.entries()) this.pages[index] = await this.#open(index);
  }

  async take({ kind, who, pick }: Step): Promise<void> {
    const page = this.pages[who];
    if (!page) return;
    const { doc } = page.handle;
    const text = doc.getText("content");
    if (kind === "insert") {
      const mark = `m${this.marks.length}`;
      this.marks.push(mark);
      doc.transact(() => {
        text.insert(pick % (text.length + 1), mark);
        // A list of all that was ever written: what is in it twice or not at all was merged wrongly.
        doc.getArray("marks").push([mark]);
      });
    }
    if (kind === "delete" && text.length > 0) text.delete(pick % text.length, 1);
    if (kind === "move" && text.length > 3) {
      doc.transact(() => {
        text.insert(0, "moved");
        text.delete(1, 2);
      });
    }
    if (kind === "cut") this.server.cut();
    if (kind === "offline") this.server.refusal = { message: "unreachable" };
    if (kind === "online") this.server.refusal = undefined;
    if (kind === "reload") {
      await this.server.settle();
      page.close();
      this.pages[who] = await this.#open(who);
    }
    if (kind === "settle") await pass(page, this.server, 250);
  }

  /** Everything works again; everybody has had time. Whoever was refused for good tries again on a new connection. */
  async end(): Promise<void> {
    this.server.mangle = () => ({ copies: 1, ahead: 0 });
    this.server.intercept = () => undefined;
    this.server.refusal = undefined;
    await this.#passAll();
    // A lost event is found out by the next one.
    this.fake.rename("plan", "Done");
    await this.#passAll();
    if (this.pages.some(({ handle }) => handle.state.get().phase === "refused")) this.server.cut();
    await this.#passAll();
  }

  async #passAll(): Promise<void> {
    for (let turn = 0; turn < 40; turn++) for (const page of this.pages) await pass(page, this.server, 1_000);
  }

  close(): void {
    for (const page of this.pages) page.close();
  }

  #open(index: number): Promise<TestPage> {
    return openPage(this.server, userIds[index] ?? "", { storage: this.#kept[index] ?? "memory" });
  }
}

it("[CLI-22] whatever is lost, refused, repeated or reloaded on the way, all editors end with the same document", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 50 }),
      fc.array(fate, { minLength: 1, maxLength: 30 }),
      fc.array(reception, { minLength: 1, maxLength: 30 }),
      async (steps, fates, receptions) => {
        const editors = new Editors();
        let eventCount = 0;
        let editCount = 0;
        await editors.start();
        editors.server.mangle = () => fates[eventCount++ % fates.length] ?? { copies: 1, ahead: 0 };
        editors.server.intercept = ({ name }) =>
          name === "collaborative_edit" ? receive(receptions[editCount++ % receptions.length] ?? "") : undefined;
        for (const next of steps) await editors.take(next);
        await editors.end();
        const { doc } = editors.fake.document("plan");
        for (const { handle } of editors.pages) {
          expect(handle.state.get()).toMatchObject({ phase: "live", save: { kind: "saved", pending: 0 } });
          expect(handle.doc.getText("content").toString()).toBe(doc.getText("content").toString());
          expect(encodeStateVector(handle.doc)).toEqual(encodeStateVector(doc));
        }
        expect([...doc.getArray<string>("marks").toArray()].sort()).toEqual([...editors.marks].sort());
        editors.close();
      },
    ),
    { numRuns: 40 },
  );
});
