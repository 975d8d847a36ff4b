/** The client against the real server: what the fake one could have wrong. */
import { startTestServer, type TestServer } from "@mirage/testing";
import { afterEach, describe, expect, it } from "vitest";
import { createRealtime, type Realtime } from "./index.ts";
import { texts } from "./testing/test-client.ts";

const clients: Realtime[] = [];
let server: TestServer;

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server.close();
});

function connect(userId: string): Realtime {
  const { url } = server;
  const getToken = async () => server.signToken({ userId, username: userId });
  const client = createRealtime({ url, getToken, storage: "memory" });
  clients.push(client);
  return client;
}

/** A busy machine may take its time. */
const soon = (look: () => unknown) => expect.poll(look, { timeout: 15_000 });

/** Ann and Bob, both with the general room open. */
async function meet() {
  const ann = connect("ann");
  const inAnns = ann.room("general");
  inAnns.open();
  await soon(() => inAnns.state.get().status).toBe("ready");
  const bob = connect("bob");
  const inBobs = bob.room("general");
  inBobs.open();
  await soon(() => [inBobs.state.get().status, bob.rooms.get().rooms.length]).toEqual(["ready", 1]);
  return { ann, bob, inAnns, inBobs };
}

const written = (name: string) => Array.from({ length: 10 }, (_, index) => `${name} ${index}`);

describe("client and server", { timeout: 60_000 }, () => {
  it("[CAT-1] two people talk: messages, changes, typing, unread counts, rooms given and taken", async () => {
    server = await startTestServer();
    const { ann, bob, inAnns, inBobs } = await meet();
    for (const content of written("ann")) inAnns.send({ content });
    for (const content of written("bob")) inBobs.send({ content });
    await soon(() => texts(inAnns.state.get()).length).toBe(20);
    await soon(() => texts(inBobs.state.get())).toEqual(texts(inAnns.state.get()));
    expect(texts(inAnns.state.get()).filter((text) => text.startsWith("ann"))).toEqual(written("ann"));
    expect(ann.rooms.get().rooms[0]).toMatchObject({ unread: 10 });
    inAnns.markRead();
    await soon(() => ann.rooms.get().rooms[0]).toMatchObject({ unread: 0 });

    const own = inBobs.state.get().items.find(({ message }) => message.userId === "bob")?.message.id ?? "";
    const change = inBobs.edit(own, "edited");
    await inBobs.react(own, "👍");
    await change;
    const changed = { content: "edited", reactions: [{ emoji: "👍", count: 1, users: ["bob"] }] };
    await soon(() => inAnns.state.get().items.find(({ message }) => message.id === own)?.message).toMatchObject(
      changed,
    );
    inBobs.typing();
    await soon(() => inAnns.state.get().typing).toEqual([{ userId: "bob", username: "bob" }]);

    const { room } = await bob.request("create_room", { name: "Plans", type: "private" });
    await bob.request("add_member", { roomId: room.id, userId: "ann" });
    const listed = () => ann.rooms.get().rooms.find(({ id }) => id === room.id);
    await soon(() => listed()?.role).toBe("member");
    bob.room(room.id).send({ content: "for @ann" });
    await soon(listed).toMatchObject({ unread: 1, mentions: 1, lastMessage: { content: "for @ann" } });
    await bob.request("remove_member", { roomId: room.id, userId: "ann" });
    await soon(listed).toBeUndefined();
  });

  it("[SRCH-3] what one person wrote just now is found by the other, and shown where it stands", async () => {
    server = await startTestServer();
    const { ann, bob, inAnns, inBobs } = await meet();
    for (const content of written("bob")) inBobs.send({ content });
    await soon(() => texts(inAnns.state.get())).toEqual(written("bob"));
    const { hits, nextCursor } = await ann.search({ query: "bob 7" });
    expect([hits.map(({ excerpt }) => excerpt), nextCursor]).toEqual([["bob 7"], null]);
    await inAnns.loadAround(hits[0]?.seq ?? 0);
    expect(inAnns.state.get().items.map(({ message }) => message.id)).toContain(hits[0]?.messageId);
    await expect(bob.search({ query: "!" })).rejects.toMatchObject({ code: "bad_request" });
  });

  it("[DRN-1] a restart of the server loses nothing: what was written meanwhile is sent, in order and once", async () => {
    server = await startTestServer();
    const { inAnns, inBobs } = await meet();
    inAnns.send({ content: "before" });
    await soon(() => texts(inBobs.state.get())).toEqual(["before"]);
    const { port, storage, jwtSecret } = server;
    await server.close({ keepsStorage: true });
    for (const content of written("ann")) inAnns.send({ content });
    const pending = written("ann").map((content) => `${content} (pending)`);
    await soon(() => texts(inAnns.state.get())).toEqual(["before", ...pending]);
    server = await startTestServer({ storage, settings: { port, jwtSecret } });
    for (const client of clients) client.reconnectNow();
    const expected = ["before", ...written("ann")];
    await soon(() => texts(inAnns.state.get())).toEqual(expected);
    await soon(() => texts(inBobs.state.get())).toEqual(expected);
  });
});
