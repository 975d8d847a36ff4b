import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakeDocuments } from "../testing/fake-documents.ts";
import { FakeServer } from "../testing/fake-server.ts";
import { pass } from "../testing/test-client.ts";
import { openPage as open, type TestPage } from "../testing/test-documents.ts";

const pages: TestPage[] = [];
let server: FakeServer;

beforeEach(() => {
  server = new FakeServer();
  new FakeDocuments(server).add("plan", "ann", "bob");
});

afterEach(() => {
  for (const page of pages.splice(0)) page.close();
});

async function openPage(userId: string): Promise<TestPage> {
  const page = await open(server, userId);
  pages.push(page);
  return page;
}

function closePage(page: TestPage): void {
  pages.splice(pages.indexOf(page), 1);
  page.close();
}

const cursorsIn = (page: TestPage) =>
  [...page.handle.awareness.getStates()].filter(([id]) => id !== page.handle.doc.clientID).map(([, state]) => state);

it("[CLI-24] a cursor is shown under the name that the server gives it, whatever its owner says", async () => {
  const ann = await openPage("ann");
  ann.handle.awareness.setLocalState({ user: { name: "The Boss", color: "url(evil)" }, cursor: { anchor: 1 } });
  const bob = await openPage("bob");
  await pass(ann, server, 250);
  expect(cursorsIn(bob)).toMatchObject([{ user: { id: "ann", name: "ANN" }, cursor: { anchor: 1 } }]);
  ann.handle.awareness.setLocalStateField("cursor", { anchor: 2 });
  await pass(ann, server, 250);
  const [shown] = cursorsIn(bob);
  expect(shown).toMatchObject({ user: { name: "ANN", color: expect.stringMatching(/^#/) }, cursor: { anchor: 2 } });
});

it("[CLI-24] it goes with its connection, and nobody is there without one's own", async () => {
  const ann = await openPage("ann");
  const bob = await openPage("bob");
  await pass(ann, server, 250);
  expect([cursorsIn(ann).length, cursorsIn(bob).length]).toEqual([1, 1]);
  closePage(ann);
  await server.settle();
  expect(cursorsIn(bob)).toEqual([]);
  await openPage("ann");
  await pass(bob, server, 250);
  expect(cursorsIn(bob)).toHaveLength(1);
  server.refusal = { message: "unreachable" };
  server.cut();
  expect(cursorsIn(bob)).toEqual([]);
});

it("[CLI-24] a burst of moves is told a few times, the last place always", async () => {
  const ann = await openPage("ann");
  const bob = await openPage("bob");
  await pass(ann, server, 1_000);
  const before = server.countCalls("cursor_update");
  for (let anchor = 0; anchor < 50; anchor++) {
    ann.handle.awareness.setLocalStateField("cursor", { anchor });
    ann.clock.advance(10);
  }
  await pass(ann, server, 250);
  expect(server.countCalls("cursor_update") - before).toBeLessThanOrEqual(7);
  expect(cursorsIn(bob)).toMatchObject([{ cursor: { anchor: 49 } }]);
});

it("[CLI-24] nobody who is silent is taken for gone, and nothing is told to say that one is there", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "Date"] });
  try {
    const ann = await openPage("ann");
    const bob = await openPage("bob");
    await pass(ann, server, 250);
    const before = server.countCalls("cursor_update");
    vi.advanceTimersByTime(120_000);
    await server.settle();
    expect([cursorsIn(ann).length, cursorsIn(bob).length]).toEqual([1, 1]);
    expect(server.countCalls("cursor_update")).toBe(before);
  } finally {
    vi.useRealTimers();
  }
});
