/** Documents through the real server: what the fake one could have wrong. */
import "fake-indexeddb/auto";
import { type SpawnedServer, signToken, spawnServer, startTestServer, type TestServer } from "@mirage/testing";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { Doc, encodeStateVector } from "yjs";
import { createSocketioTransport } from "../connection/socketio-transport.ts";
import { createRealtime, type Realtime } from "../index.ts";
import { CuttableTransport } from "../testing/cuttable-transport.ts";
import { textOf, write } from "../testing/test-documents.ts";
import { type DocumentHandle, type Documents, type DocumentsOptions, openDocuments } from "./index.ts";
import { createMemoryDocuments } from "./memory-documents.ts";

interface Page {
  realtime: Realtime;
  documents: Documents;
  transport: CuttableTransport;
}

const pages: Page[] = [];
let server: TestServer | SpawnedServer | undefined;
/** Each test has people of its own: they share one database in this process. */
let testCount = 0;

afterEach(async () => {
  for (const page of pages.splice(0)) close(page);
  if (server) await ("remove" in server ? server.remove() : server.close());
  server = undefined;
  testCount += 1;
});

function close({ realtime, documents }: Page): void {
  documents.close();
  realtime.close();
}

function openPage(name: string, options: DocumentsOptions = {}): Page {
  if (!server) throw new Error("no server");
  const { url, jwtSecret } = server;
  const transport = new CuttableTransport(createSocketioTransport({ url, transports: ["websocket"] }));
  const userId = `${name}-${testCount}`;
  const getToken = async () => signToken({ userId, username: name }, jwtSecret);
  const realtime = createRealtime({ url, getToken, storage: "memory", transport });
  const page = { realtime, transport, documents: openDocuments(realtime, { storage: "memory", userId, ...options }) };
  pages.push(page);
  return page;
}

/** A document in the public room, which all of them are in: everybody may edit it. */
async function createDocument(by: Page, ...others: Page[]): Promise<string> {
  for (const { realtime } of [by, ...others]) await realtime.request("join_room", { roomId: "general" });
  const { document } = await by.realtime.request("create_document", { title: "Plan", roomId: "general" });
  return document.id;
}

/** A busy machine may take its time. */
const soon = (look: () => unknown) => expect.poll(look, { timeout: 30_000 });
const phaseOf = ({ state }: DocumentHandle) => state.get().phase;
const saveOf = ({ state }: DocumentHandle) => state.get().save;
const cursorsIn = ({ awareness, doc }: DocumentHandle) =>
  [...awareness.getStates()].filter(([id]) => id !== doc.clientID).map(([, state]) => state);

async function settle(handles: readonly DocumentHandle[]): Promise<void> {
  await soon(() => handles.map(phaseOf)).toEqual(handles.map(() => "live"));
  await soon(() => handles.map((handle) => saveOf(handle).pending)).toEqual(handles.map(() => 0));
  const [first] = handles;
  if (!first) return;
  await soon(() => handles.map(textOf)).toEqual(handles.map(() => textOf(first)));
  const vectors = () => handles.map(({ doc }) => [...encodeStateVector(doc)].sort().join());
  await soon(vectors).toEqual(handles.map(() => vectors()[0]));
}

describe("documents and server", { timeout: 120_000 }, () => {
  it("[CLI-22] two people write at once and end with the same text", async () => {
    server = await startTestServer();
    const [ann, bob] = [openPage("ann"), openPage("bob")];
    const id = await createDocument(ann, bob);
    const handles = [ann.documents.open(id), bob.documents.open(id)] as const;
    await soon(() => handles.map(phaseOf)).toEqual(["live", "live"]);
    for (let turn = 0; turn < 40; turn++) {
      for (const [index, { doc }] of handles.entries()) {
        const text = doc.getText("content");
        text.insert((turn * 7) % (text.length + 1), `${"ab"[index]}${turn} `);
      }
    }
    await settle(handles);
    const lengths = Array.from({ length: 40 }, (_, turn) => 2 * `a${turn} `.length);
    expect(textOf(handles[0])).toHaveLength(lengths.reduce((sum, length) => sum + length, 0));
    expect(handles[0].state.get()).toMatchObject({ role: "edit", document: { title: "Plan" } });
  });

  it("[CLI-21] what was written offline with the page closed merges once, by the next page, after a restart of the server", async () => {
    const first = await startTestServer();
    server = first;
    const kept = { storage: "indexeddb" } as const;
    const [ann, bob] = [openPage("ann", kept), openPage("bob")];
    const id = await createDocument(ann, bob);
    const [inAnns, inBobs] = [ann.documents.open(id), bob.documents.open(id)];
    write(inAnns, "Before. ");
    await settle([inAnns, inBobs]);
    const { port, storage, jwtSecret } = first;
    await first.close({ keepsStorage: true });
    await soon(() => phaseOf(inAnns)).toBe("offline");
    for (const word of ["Off", "line. "]) write(inAnns, word);
    expect(saveOf(inAnns)).toEqual({ kind: "offline", pending: 2 });
    pages.splice(pages.indexOf(ann), 1);
    close(ann);
    write(inBobs, "Bob. ");
    server = await startTestServer({ storage, settings: { port, jwtSecret } });
    bob.realtime.reconnectNow();
    const again = openPage("ann", kept).documents.open(id);
    await settle([again, inBobs]);
    for (const words of ["Before. ", "Offline. ", "Bob. "]) expect(textOf(again).split(words)).toHaveLength(2);
  });

  it("[CLI-20] an edit that meets a hole is refused; the page joins again, and nothing is lost", async () => {
    server = await startTestServer();
    const ann = openPage("ann");
    const id = await createDocument(ann);
    const storage = createMemoryDocuments();
    const doc = new Doc();
    doc.on("update", (update: Uint8Array) => void storage.addOwn(id, update));
    for (const word of ["one ", "two ", "three"]) write({ doc }, word);
    await storage.confirm([(await storage.load(id)).unsent[0]?.key ?? 0]);
    const holed = openPage("ann", { storage }).documents.open(id);
    const inAnns = ann.documents.open(id);
    await settle([holed, inAnns]);
    expect(textOf(inAnns)).toBe("one two three");
    expect((await storage.load(id)).unsent).toEqual([]);
  });

  it("[CLI-22] the server is killed while people write; what they wrote is there once, and in the same places for all", async () => {
    const spawned = await spawnServer();
    server = spawned;
    const some = ["ann", "bob", "cay"].map((name) => openPage(name));
    const [ann, ...others] = some;
    if (!ann) return;
    const id = await createDocument(ann, ...others);
    const handles = some.map(({ documents }) => documents.open(id));
    await settle(handles);
    const marks: string[] = [];
    const writeAll = (turns: number) => {
      for (let turn = 0; turn < turns; turn++) {
        for (const [index, handle] of handles.entries()) {
          const mark = `${index}:${marks.length} `;
          marks.push(mark);
          handle.doc.getArray("marks").push([mark]);
          write(handle, mark);
        }
      }
    };
    const pendingAtKill: number[] = [];
    for (let kill = 0; kill < 3; kill++) {
      writeAll(15);
      // Some of it is confirmed, some committed and not yet answered, some on its way.
      const written = 30;
      const isUnderWay = () => handles.some((handle) => saveOf(handle).pending < written);
      await expect.poll(isUnderWay, { timeout: 30_000, interval: 1 }).toBe(true);
      pendingAtKill.push(...handles.map((handle) => saveOf(handle).pending));
      await spawned.kill();
      writeAll(5);
      await spawned.start();
      for (const { realtime } of some) realtime.reconnectNow();
      await settle(handles);
    }
    expect(Math.max(...pendingAtKill)).toBeGreaterThan(0);
    for (const { doc } of handles) expect(doc.getArray<string>("marks").toArray().sort()).toEqual([...marks].sort());
    expect(textOf(handles[0] as DocumentHandle).length).toBe(marks.join("").length);
  });

  it("[CLI-25] an edit of more than 256 KiB arrives in its place", async () => {
    server = await startTestServer();
    const [ann, bob] = [openPage("ann"), openPage("bob")];
    const id = await createDocument(ann, bob);
    const handles = [ann.documents.open(id), bob.documents.open(id)] as const;
    await soon(() => handles.map(phaseOf)).toEqual(["live", "live"]);
    const large = "x".repeat(400_000);
    for (const text of ["before ", large, " after"]) write(handles[0], text);
    await settle(handles);
    expect(textOf(handles[1])).toBe(`before ${large} after`);
  });

  it("[CLI-24] a cursor has the name of its owner, and goes when the connection goes", async () => {
    server = await startTestServer();
    const [ann, bob] = [openPage("ann"), openPage("bob")];
    const id = await createDocument(ann, bob);
    const handles = [ann.documents.open(id), bob.documents.open(id)] as const;
    await soon(() => handles.map(phaseOf)).toEqual(["live", "live"]);
    handles[0].awareness.setLocalState({ user: { name: "The Boss" }, cursor: { anchor: 3 } });
    const owned = { user: { id: `ann-${testCount}`, name: "ann" }, cursor: { anchor: 3 } };
    await soon(() => cursorsIn(handles[1])).toMatchObject([owned]);
    ann.transport.cut();
    await soon(() => cursorsIn(handles[1])).toEqual([]);
    ann.realtime.reconnectNow();
    await soon(() => cursorsIn(handles[1])).toMatchObject([owned]);
    pages.splice(pages.indexOf(ann), 1);
    close(ann);
    await soon(() => cursorsIn(handles[1])).toEqual([]);
  });

  it("[CLI-23] whoever loses the right keeps what they wrote on show, and nobody else gets it", async () => {
    server = await startTestServer();
    const [ann, bob] = [openPage("ann"), openPage("bob")];
    await bob.realtime.request("join_room", { roomId: "general" });
    const { document } = await ann.realtime.request("create_document", { title: "Mine" });
    const role = (given: "edit" | "view" | null) =>
      ann.realtime.request("set_document_role", { documentId: document.id, userId: `bob-${testCount}`, role: given });
    await role("edit");
    const handles = [ann.documents.open(document.id), bob.documents.open(document.id)] as const;
    write(handles[1], "by both ");
    await settle(handles);
    await role("view");
    await soon(() => handles[1].state.get().role).toBe("view");
    expect(phaseOf(handles[1])).toBe("live");
    write(handles[1], "too late");
    await soon(() => handles[1].state.get()).toMatchObject({ phase: "refused", error: { code: "forbidden" } });
    expect([textOf(handles[1]), textOf(handles[0])]).toEqual(["by both too late", "by both "]);
    await role("edit");
    await settle(handles);
    expect(textOf(handles[0])).toBe("by both too late");
    await role(null);
    await soon(() => phaseOf(handles[1])).toBe("refused");
    expect(textOf(handles[1])).toBe("by both too late");
  });

  it("[CLI-22] some people write and lose their connections at random, and end with the same document", async () => {
    server = await startTestServer();
    const some = ["ann", "bob", "cay", "dan"].map((name) => openPage(name));
    const [ann, ...others] = some;
    if (!ann) return;
    const step = fc.record({
      who: fc.nat({ max: some.length - 1 }),
      kind: fc.constantFrom("insert", "insert", "insert", "delete", "cut", "pause"),
      pick: fc.nat({ max: 10_000 }),
    });
    for (const { realtime } of others) await realtime.request("join_room", { roomId: "general" });
    const play = async (steps: readonly { who: number; kind: string; pick: number }[]) => {
      const id = await createDocument(ann);
      const handles = some.map(({ documents }) => documents.open(id));
      const marks: string[] = [];
      for (const { who, kind, pick } of steps) {
        const [page, handle] = [some[who], handles[who]];
        if (!page || !handle) continue;
        const text = handle.doc.getText("content");
        if (kind === "insert") {
          marks.push(`m${marks.length}`);
          text.insert(pick % (text.length + 1), `m${marks.length} `);
          handle.doc.getArray("marks").push([`m${marks.length - 1}`]);
        }
        if (kind === "delete" && text.length > 2) text.delete(pick % (text.length - 2), 2);
        if (kind === "cut") page.transport.cut();
        if (kind === "pause") {
          // After many cuts in a row the wait for the next attempt is longer than a request waits.
          page.realtime.reconnectNow();
          await page.realtime.request("get_document", { documentId: id });
        }
      }
      for (const { realtime } of some) realtime.reconnectNow();
      await settle(handles);
      for (const { doc } of handles) expect(doc.getArray<string>("marks").toArray().sort()).toEqual([...marks].sort());
      for (const handle of handles) handle.close();
    };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 80 }), (steps) => play(steps)),
      { numRuns: 6, endOnFailure: true },
    );
  });
});
