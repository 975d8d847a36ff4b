import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Doc } from "yjs";
import { FakeDocuments } from "../testing/fake-documents.ts";
import { FakeServer, type Interception } from "../testing/fake-server.ts";
import { pass } from "../testing/test-client.ts";
import { openPage as open, type PageOptions, type TestPage, textOf, write } from "../testing/test-documents.ts";
import { createMemoryDocuments } from "./memory-documents.ts";

const pages: TestPage[] = [];
let server: FakeServer;
let fake: FakeDocuments;

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  server = new FakeServer();
  fake = new FakeDocuments(server);
  fake.add("plan", "ann", "bob");
});

afterEach(() => {
  for (const page of pages.splice(0)) page.close();
  vi.unstubAllGlobals();
});

async function openPage(userId: string, options: PageOptions = {}): Promise<TestPage> {
  const page = await open(server, userId, options);
  pages.push(page);
  return page;
}

function closePage(page: TestPage): void {
  pages.splice(pages.indexOf(page), 1);
  page.close();
}

const phaseOf = ({ handle }: TestPage) => handle.state.get().phase;
const saveOf = ({ handle }: TestPage) => handle.state.get().save;
const served = () => textOf(fake.document("plan"));
const edits = () => server.calls.filter(({ name }) => name === "collaborative_edit");
const onEdit = (interception: (count: number) => Interception) => {
  let count = 0;
  server.intercept = ({ name }) => (name === "collaborative_edit" ? interception(count++) : undefined);
};
const refusal = (code: "bad_update" | "rate_limited" | "forbidden" | "overloaded", retryAfterMs?: number) => ({
  code,
  message: code,
  retryable: code === "rate_limited" || code === "overloaded",
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

/** The database answers in its own time. */
const soon = (look: () => unknown) =>
  expect.poll(async () => server.settle().then(look), { interval: 5, timeout: 5_000 });

describe("documents", () => {
  it("[CLI-22] two editors see each other's words, and what is in a document already", async () => {
    write(fake.document("plan"), "Before. ");
    const ann = await openPage("ann");
    const bob = await openPage("bob");
    expect([phaseOf(ann), phaseOf(bob)]).toEqual(["live", "live"]);
    write(ann.handle, "Ann. ");
    await server.settle();
    write(bob.handle, "Bob.");
    await server.settle();
    expect([textOf(ann.handle), textOf(bob.handle), served()]).toEqual(Array(3).fill("Before. Ann. Bob."));
    expect(ann.handle.state.get()).toMatchObject({ role: "edit", document: { title: "plan" }, save: { pending: 0 } });
  });

  it("[CLI-28] whoever looks on has nothing to save, also where two made the same words bold", async () => {
    fake.add("shared", "ann", "bob");
    fake.setRole("shared", "vic", "view");
    write(fake.document("shared"), "bold words");
    const [ann, bob] = [
      await openPage("ann", { documentId: "shared" }),
      await openPage("bob", { documentId: "shared" }),
    ];
    const vic = await openPage("vic", { documentId: "shared" });
    for (const { handle } of [ann, bob]) handle.doc.getText("content").format(0, 4, { bold: true });
    await server.settle();
    expect(edits()).toHaveLength(2);
    const looked = await openPage("vic", { documentId: "shared" });
    expect([saveOf(vic), saveOf(looked)]).toEqual(Array(2).fill({ kind: "saved", pending: 0 }));
    const words = [{ insert: "bold", attributes: { bold: true } }, { insert: " words" }];
    for (const { handle } of [ann, bob, vic, looked]) expect(handle.doc.getText("content").toDelta()).toEqual(words);
  });

  it("[CLI-20] every edit is a message of its own, in order, kept before it is sent", async () => {
    const ann = await openPage("ann", { storage: "indexeddb" });
    await soon(() => phaseOf(ann)).toBe("live");
    for (const letter of "abcdefghijkl") write(ann.handle, letter);
    expect(saveOf(ann)).toEqual({ kind: "saving", pending: 12 });
    expect(edits()).toHaveLength(0);
    await soon(() => saveOf(ann)).toEqual({ kind: "saved", pending: 0 });
    expect(edits()).toHaveLength(12);
    expect(served()).toBe("abcdefghijkl");
    expect(fake.document("plan").head).toBe(12);
  });

  it("[CLI-20] a refusal leads to joining again, and nothing is lost", async () => {
    const ann = await openPage("ann");
    onEdit((count) => (count === 1 ? refusal("bad_update") : undefined));
    for (const letter of "abcdef") write(ann.handle, letter);
    await pass(ann, server, 1_000);
    expect(served()).toBe("abcdef");
    expect(server.countCalls("join_document")).toBe(2);
    expect([phaseOf(ann), saveOf(ann).pending]).toEqual(["live", 0]);
  });

  it("[CLI-20] an edit that the server will not take by itself is replaced by all that it lacks", async () => {
    // This device has lost the first of two unsent edits: the second meets a hole, however often it is sent.
    const kept = createMemoryDocuments();
    const doc = new Doc();
    doc.on("update", (update: Uint8Array) => void kept.addOwn("plan", update));
    write({ doc }, "one ");
    write({ doc }, "two");
    await kept.confirm([(await kept.load("plan")).unsent[0]?.key ?? 0]);
    const ann = await openPage("ann", { storage: kept });
    await pass(ann, server, 1_000);
    expect([served(), textOf(ann.handle), phaseOf(ann), saveOf(ann).pending]).toEqual([
      "one two",
      "one two",
      "live",
      0,
    ]);
    expect(edits()).toHaveLength(3);
    expect((await kept.load("plan")).unsent).toEqual([]);
  });

  it("[CLI-20] a limit is waited out, and the order stays", async () => {
    const ann = await openPage("ann");
    onEdit((count) => (count === 2 ? refusal("rate_limited", 5_000) : undefined));
    for (const letter of "abcdef") write(ann.handle, letter);
    await pass(ann, server, 4_500);
    expect(saveOf(ann).kind).toBe("saving");
    await pass(ann, server, 1_500);
    expect(served()).toBe("abcdef");
  });

  it("[CLI-20] an answer that is lost leads to a repeat, which changes nothing", async () => {
    const ann = await openPage("ann");
    const bob = await openPage("bob");
    onEdit((count) => (count === 0 ? "lose_answer" : undefined));
    write(ann.handle, "once");
    await pass(ann, server, 15_000);
    expect([served(), textOf(bob.handle), saveOf(ann).pending]).toEqual(["once", "once", 0]);
    expect(edits()).toHaveLength(2);
    expect(fake.document("plan").head).toBe(1);
  });

  it("[CLI-21] what was written offline is there in the next page, shown before there is a connection, and merges once", async () => {
    const first = await openPage("ann", { storage: "indexeddb" });
    write(first.handle, "Online. ");
    await soon(() => saveOf(first).pending).toBe(0);
    server.refusal = { message: "unreachable" };
    server.cut();
    for (const word of ["Off", "line. "]) write(first.handle, word);
    expect([phaseOf(first), saveOf(first)]).toEqual(["offline", { kind: "offline", pending: 2 }]);
    const bobs = fake.document("plan");
    await server.settle();
    closePage(first);
    write(bobs, "Bob. ");
    const second = await openPage("ann", { storage: "indexeddb" });
    await soon(() => textOf(second.handle)).toBe("Online. Offline. ");
    await soon(() => [phaseOf(second), saveOf(second)]).toEqual(["offline", { kind: "offline", pending: 2 }]);
    server.refusal = undefined;
    second.realtime.reconnectNow();
    await soon(() => saveOf(second)).toEqual({ kind: "saved", pending: 0 });
    expect(textOf(second.handle)).toBe(served());
    for (const words of ["Online. ", "Offline. ", "Bob. "]) expect(served().split(words)).toHaveLength(2);
    closePage(second);
    const third = await openPage("ann", { storage: "indexeddb" });
    await soon(() => saveOf(third)).toEqual({ kind: "saved", pending: 0 });
    expect(textOf(third.handle)).toBe(served());
  });

  it("[CLI-21] what a former page could not send goes out although its document is not opened again", async () => {
    fake.add("other", "ann");
    const storage = createMemoryDocuments();
    const first = await openPage("ann", { storage });
    server.refusal = { message: "unreachable" };
    server.cut();
    write(first.handle, "unsent");
    await server.settle();
    closePage(first);
    server.refusal = undefined;
    const second = await openPage("ann", { storage, documentId: "other" });
    await pass(second, server, 1_000);
    expect(served()).toBe("unsent");
    await pass(second, server, 10_000);
    expect(server.calls.at(-1)).toMatchObject({ name: "leave_document", input: { documentId: "plan" } });
  });

  it("[CLI-21] two pages of one browser send what is unsent, and it counts once", async () => {
    const storage = createMemoryDocuments();
    const first = await openPage("ann", { storage });
    server.refusal = { message: "unreachable" };
    server.cut();
    for (const letter of "abc") write(first.handle, letter);
    await server.settle();
    const second = await openPage("ann", { storage });
    write(second.handle, "d");
    server.refusal = undefined;
    for (const { realtime } of [first, second]) realtime.reconnectNow();
    await server.settle();
    expect([served(), textOf(first.handle), textOf(second.handle)]).toEqual(Array(3).fill("abcd"));
    expect(fake.document("plan").head).toBe(4);
    expect([saveOf(first).pending, saveOf(second).pending]).toEqual([0, 0]);
  });

  it("[CLI-22] an edit that never came is asked for, and so is one's own cut-off stream", async () => {
    const ann = await openPage("ann");
    const bob = await openPage("bob");
    let delivered = 0;
    server.mangle = () => ({ copies: delivered++ === 0 ? 0 : 1, ahead: 0 });
    write(ann.handle, "lost ");
    await server.settle();
    write(ann.handle, "found");
    await server.settle();
    expect(textOf(bob.handle)).toBe("");
    await pass(bob, server, 2_500);
    expect(textOf(bob.handle)).toBe("lost found");
  });

  it("[CLI-25] what is too large for a message of the socket goes over HTTP, in its place", async () => {
    const ann = await openPage("ann");
    const asked: string[] = [];
    vi.stubGlobal("fetch", async (path: string, init: { headers: Headers; body: Uint8Array }) => {
      asked.push(path, init.headers.get("content-type") ?? "", init.headers.get("authorization")?.slice(0, 7) ?? "");
      return Response.json(fake.post("plan", "ann", init.body));
    });
    write(ann.handle, "small ");
    write(ann.handle, "x".repeat(300_000));
    write(ann.handle, " small");
    await soon(() => saveOf(ann).pending).toBe(0);
    expect(asked).toEqual(["/api/v1/documents/plan/updates", "application/octet-stream", "Bearer "]);
    expect(edits()).toHaveLength(2);
    expect(served()).toBe(`small ${"x".repeat(300_000)} small`);
  });

  it("[CLI-23] with the right lost, what was written stays to be copied and is not sent", async () => {
    const kept = createMemoryDocuments();
    const ann = await openPage("ann");
    const bob = await openPage("bob", { storage: kept });
    write(bob.handle, "kept by all ");
    await server.settle();
    onEdit(() => "lose");
    write(bob.handle, "never taken");
    await server.settle();
    fake.setRole("plan", "bob", null);
    await server.settle();
    const { phase, error, save } = bob.handle.state.get();
    expect([phase, error?.code, save]).toEqual(["refused", "forbidden", { kind: "offline", pending: 1 }]);
    expect(textOf(bob.handle)).toBe("kept by all never taken");
    server.intercept = () => undefined;
    server.cut();
    await pass(bob, server, 5_000);
    expect(bob.handle.state.get()).toMatchObject({ phase: "refused", error: { code: "not_found" } });
    expect([served(), textOf(ann.handle)]).toEqual(["kept by all ", "kept by all "]);
    expect((await kept.load("plan")).unsent).toHaveLength(1);
  });

  it("[CLI-23] a viewer follows and sends nothing; made an editor they write at once", async () => {
    fake.document("plan").roles.set("bob", "view");
    const ann = await openPage("ann");
    const bob = await openPage("bob");
    write(ann.handle, "for all");
    await server.settle();
    expect([textOf(bob.handle), bob.handle.state.get().role, phaseOf(bob)]).toEqual(["for all", "view", "live"]);
    write(bob.handle, ", too soon");
    expect(bob.handle.state.get()).toMatchObject({ phase: "refused", error: { code: "forbidden" } });
    expect(edits()).toHaveLength(1);
    fake.setRole("plan", "bob", "edit");
    await server.settle();
    expect(bob.handle.state.get()).toMatchObject({ phase: "live", role: "edit" });
    write(bob.handle, ", by all");
    await server.settle();
    expect(textOf(ann.handle)).toBe("for all, too soon, by all");
  });

  it("[CLI-26] of a document that is not one's own any more nothing stays on the device", async () => {
    const kept = createMemoryDocuments();
    const bob = await openPage("bob", { storage: kept });
    write(bob.handle, "secret");
    await server.settle();
    expect((await kept.load("plan")).updates).not.toEqual([]);
    fake.setRole("plan", "bob", null);
    await server.settle();
    expect(await kept.load("plan")).toEqual({ updates: [], unsent: [] });
    expect(textOf(bob.handle)).toBe("secret");
  });

  it("[CLI-26] a discarded copy is gone with its unsent edits; opened again it is the server's", async () => {
    const kept = createMemoryDocuments();
    const ann = await openPage("ann", { storage: kept });
    write(ann.handle, "good ");
    await server.settle();
    onEdit(() => refusal("bad_update"));
    write(ann.handle, "bad");
    await pass(ann, server, 1_000);
    expect(phaseOf(ann)).toBe("refused");
    await ann.handle.discard();
    expect(await kept.load("plan")).toEqual({ updates: [], unsent: [] });
    server.intercept = () => undefined;
    const again = ann.documents.open("plan");
    await server.settle();
    expect([textOf(again), again.state.get().phase]).toEqual(["good ", "live"]);
  });

  it("[CLI-22] a title that changes reaches everybody who has the document open", async () => {
    const ann = await openPage("ann");
    fake.rename("plan", "Plan B");
    await server.settle();
    expect(ann.handle.state.get().document).toMatchObject({ title: "Plan B", role: "edit" });
  });

  it("[CLI-22] handles of one document share it; it stays open for a while after the last, and for as long as it saves", async () => {
    const ann = await openPage("ann");
    const other = ann.documents.open("plan");
    expect(other.doc).toBe(ann.handle.doc);
    ann.handle.close();
    ann.handle.close();
    await pass(ann, server, 10_000);
    expect(server.countCalls("leave_document")).toBe(0);
    onEdit((count) => (count === 0 ? "lose_answer" : undefined));
    write(other, "saving");
    await server.settle();
    other.close();
    await pass(ann, server, 9_000);
    expect(server.countCalls("leave_document")).toBe(0);
    await pass(ann, server, 3_000);
    expect(server.calls.at(-1)?.name).toBe("leave_document");
    expect(server.calls.filter(({ name }) => name === "leave_document" || name === "collaborative_edit")).toHaveLength(
      3,
    );
    expect(ann.documents.open("plan").doc).not.toBe(other.doc);
  });
});
