import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeServer, type Interception } from "../testing/fake-server.ts";
import { pass, startClient, type TestClient, texts } from "../testing/test-client.ts";
import type { NewOutboxEntry, OutboxStorage } from "./outbox-storage.ts";

const open: TestClient[] = [];
let server: FakeServer;

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  server = new FakeServer();
  server.addRoom("general", "ann", "bob");
  server.addRoom("side", "ann", "bob");
});

afterEach(() => {
  for (const { realtime } of open.splice(0)) realtime.close();
  vi.unstubAllGlobals();
});

/** A page of Ann's browser: all of them share one database. */
async function openTab(options: { storage?: "indexeddb" | OutboxStorage; userId?: string } = {}): Promise<TestClient> {
  const client = await startClient(server, "ann", { storage: "indexeddb", userId: "ann", ...options });
  open.push(client);
  client.realtime.room("general").open();
  await server.settle();
  return client;
}

function closeTab(client: TestClient): void {
  open.splice(open.indexOf(client), 1);
  client.realtime.close();
}

const general = ({ realtime }: TestClient) => realtime.room("general");
const shown = (client: TestClient) => texts(general(client).state.get());
const stored = () => server.room("general").messages.map(({ content }) => content);
const onSend = (interception: (content: unknown) => Interception) => {
  server.intercept = ({ name, input }) => (name === "chat_message" ? interception(input.content) : undefined);
};
const limited = { code: "rate_limited", message: "Rate limit exceeded", retryable: true, retryAfterMs: 5_000 } as const;
const moderated = { code: "moderated", message: "Message violates community guidelines", retryable: false } as const;

/** The database answers in its own time. */
const shows = (client: TestClient, expected: string[]) =>
  expect.poll(async () => server.settle().then(() => shown(client)), { interval: 5, timeout: 5_000 }).toEqual(expected);

describe("outbox", () => {
  it("[OUT-2] what is written while a room is being opened waits until it is open, which is what makes one a member", async () => {
    server.addRoom("lobby", "bob");
    const client = await openTab();
    let isOpened = false;
    server.intercept = ({ name }) => {
      if (name === "join_room" && !isOpened) return { code: "overloaded", message: "Later", retryable: true };
      if (name === "chat_message" && !isOpened) return { code: "forbidden", message: "Not a member", retryable: false };
      return undefined;
    };
    const lobby = client.realtime.room("lobby");
    lobby.open();
    lobby.send({ content: "early" });
    await pass(client, server, 500);
    expect(texts(lobby.state.get())).toEqual(["early (pending)"]);
    isOpened = true;
    await pass(client, server, 60_000);
    expect(server.room("lobby").messages.map(({ content }) => content)).toEqual(["early"]);
  });

  it("[OUT-1] a message is stored, then shown as pending, then confirmed in its place under the same key", async () => {
    const client = await openTab();
    onSend(() => "lose");
    const clientId = general(client).send({ content: "hello" });
    expect(shown(client)).toEqual([]);
    await shows(client, ["hello (pending)"]);
    expect(general(client).state.get().items[0]).toMatchObject({ key: clientId, message: { seq: 0, userId: "ann" } });
    server.intercept = () => undefined;
    await pass(client, server, 11_000);
    await shows(client, ["hello"]);
    expect(general(client).state.get().items[0]).toMatchObject({ key: clientId, message: { seq: 1 } });
  });

  it("[OUT-2] what was written offline survives a reload and is sent in order, each once", async () => {
    const first = await openTab();
    server.refusal = { message: "unreachable" };
    server.cut();
    for (const content of ["one", "two", "three"]) general(first).send({ content });
    await shows(first, ["one (pending)", "two (pending)", "three (pending)"]);
    closeTab(first);
    const second = await openTab();
    await shows(second, ["one (pending)", "two (pending)", "three (pending)"]);
    server.refusal = undefined;
    await pass(second, server, 60_000);
    expect(stored()).toEqual(["one", "two", "three"]);
    await shows(second, ["one", "two", "three"]);
  });

  it("[ACK-2] a lost answer leads to a repeat with the same nonce, not to a second message", async () => {
    const client = await openTab();
    server.mangle = () => ({ copies: 0, ahead: 0 });
    onSend(() => "lose_answer");
    general(client).send({ content: "hello" });
    await server.settle();
    expect(stored()).toEqual(["hello"]);
    server.cut();
    server.intercept = () => undefined;
    await pass(client, server, 2_000);
    const nonces = server.calls.filter(({ name }) => name === "chat_message").map(({ input }) => input.nonce);
    expect(nonces).toHaveLength(2);
    expect(new Set(nonces).size).toBe(1);
    expect(stored()).toEqual(["hello"]);
    await shows(client, ["hello"]);
  });

  it("[OUT-3] a limit holds the queue back for as long as the server says, other rooms go on", async () => {
    const client = await openTab();
    onSend((content) => (content === "one" ? limited : undefined));
    general(client).send({ content: "one" });
    general(client).send({ content: "two" });
    client.realtime.room("side").send({ content: "aside" });
    await pass(client, server, 4_500);
    expect(server.countCalls("chat_message")).toBe(2);
    expect(server.room("side").messages).toHaveLength(1);
    await shows(client, ["one (pending)", "two (pending)"]);
    server.intercept = () => undefined;
    await pass(client, server, 1_000);
    expect(stored()).toEqual(["one", "two"]);
  });

  it("[OUT-3] a refusal for good fails that message alone; it can be tried again or dropped", async () => {
    const client = await openTab();
    onSend((content) => (content === "bad" || content === "worse" ? moderated : undefined));
    const bad = general(client).send({ content: "bad" });
    const worse = general(client).send({ content: "worse" });
    general(client).send({ content: "good" });
    await shows(client, ["good", "bad (failed)", "worse (failed)"]);
    expect(general(client).state.get().items[1]?.error).toEqual({ code: "moderated", message: moderated.message });
    general(client).discard(worse);
    server.intercept = () => undefined;
    general(client).retry(bad);
    await shows(client, ["good", "bad"]);
    closeTab(client);
    await shows(await openTab(), ["good", "bad"]);
  });

  it("[OUT-4] two tabs show the same queue and one of them sends it", async () => {
    server.refusal = { message: "unreachable" };
    const [first, second] = [await openTab(), await openTab()];
    general(first).send({ content: "from the first" });
    await server.settle();
    general(second).send({ content: "from the second" });
    await expect
      .poll(() => [shown(first), shown(second)], { timeout: 5_000 })
      .toEqual([
        ["from the first (pending)", "from the second (pending)"],
        ["from the first (pending)", "from the second (pending)"],
      ]);
    server.refusal = undefined;
    first.realtime.reconnectNow();
    second.realtime.reconnectNow();
    await server.settle();
    await expect
      .poll(() => [shown(first), shown(second)], { timeout: 5_000 })
      .toEqual([
        ["from the first", "from the second"],
        ["from the first", "from the second"],
      ]);
    expect(stored()).toEqual(["from the first", "from the second"]);
    expect(server.countCalls("chat_message")).toBe(2);
  });

  it("[OUT-4] where there are no locks a lease lets one tab send", async () => {
    vi.stubGlobal("navigator", {});
    const [first, second] = [await openTab(), await openTab()];
    general(first).send({ content: "a" });
    general(second).send({ content: "b" });
    for (let turn = 0; turn < 5; turn++) {
      await pass(first, server, 2_000);
      await pass(second, server, 2_000);
    }
    expect(stored().sort()).toEqual(["a", "b"]);
    expect(server.countCalls("chat_message")).toBe(2);
  });

  it("[OUT-5] one person's unsent messages are never sent by another", async () => {
    server.refusal = { message: "unreachable" };
    const ann = await openTab();
    general(ann).send({ content: "mine" });
    await server.settle();
    closeTab(ann);
    server.refusal = undefined;
    const bob = await startClient(server, "bob", { storage: "indexeddb" });
    open.push(bob);
    await pass(bob, server, 1_000);
    expect(stored()).toEqual([]);
    expect(shown(bob)).toEqual([]);
    await shows(await openTab(), ["mine"]);
  });

  it("[OUT-1] a message is sent even where it cannot be stored", async () => {
    const full = async (_entry: NewOutboxEntry) => {
      throw new Error("quota exceeded");
    };
    const nothing = async () => undefined;
    const client = await openTab({
      storage: {
        list: async () => [],
        add: full,
        update: nothing,
        remove: nothing,
        putFile: nothing,
        getFile: nothing,
        removeFile: nothing,
        exclusively: (run) => run(),
        tell: () => undefined,
        onNews: () => () => undefined,
        close: () => undefined,
      },
    });
    general(client).send({ content: "all the same" });
    await shows(client, ["all the same"]);
  });
});
