import { describe, expect, it } from "vitest";
import { FakeServer } from "../testing/fake-server.ts";
import { pass, startClient, texts } from "../testing/test-client.ts";

function makeServer(): FakeServer {
  const server = new FakeServer();
  server.addRoom("general", "ann", "bob");
  server.addRoom("side", "ann", "bob");
  return server;
}

const say = (server: FakeServer, roomId: string, content: string) => server.post(roomId, "bob", { content });

describe("rooms", () => {
  it("[CLI-1] every room of one's own is followed, with its unread count and last message", async () => {
    const server = makeServer();
    say(server, "general", "before");
    const { realtime } = await startClient(server, "ann");
    const later = say(server, "side", "later");
    await server.settle();
    const { status, rooms } = realtime.rooms.get();
    expect(status).toBe("ready");
    expect(rooms.map(({ id, unread, lastMessage }) => [id, unread, lastMessage?.content])).toEqual([
      ["side", 1, "later"],
      ["general", 1, "before"],
    ]);
    server.bury("side", later.id);
    await server.settle();
    expect(realtime.rooms.get().rooms.find(({ id }) => id === "side")?.unread).toBe(0);
    expect(server.countCalls("resume")).toBe(1);
  });

  it("[CAT-1] what was missed while away comes with one resume: new, changed and deleted", async () => {
    const server = makeServer();
    const [first, second] = [say(server, "general", "one"), say(server, "general", "two")];
    const client = await startClient(server, "ann");
    const room = client.realtime.room("general");
    room.open();
    await server.settle();
    expect(texts(room.state.get())).toEqual(["one", "two"]);
    server.cut();
    server.change("general", first.id, { content: "one, edited", edited: true });
    server.bury("general", second.id);
    say(server, "general", "three");
    say(server, "side", "elsewhere");
    await pass(client, server, 1_000);
    expect(texts(room.state.get())).toEqual(["one, edited", "(deleted)", "three"]);
    expect(server.countCalls("resume")).toBe(2);
    expect(server.countCalls("join_room")).toBe(1);
    expect(client.realtime.rooms.get().rooms.map(({ id, unread }) => [id, unread])).toEqual([
      ["side", 1],
      ["general", 2],
    ]);
  });

  it("[CAT-2] what is too far away starts afresh from the newest page, with the older ones to load", async () => {
    const server = makeServer();
    say(server, "general", "old");
    const client = await startClient(server, "ann");
    const room = client.realtime.room("general");
    room.open();
    await server.settle();
    server.cut();
    for (let count = 1; count <= 60; count++) say(server, "general", `n${count}`);
    await pass(client, server, 1_000);
    expect(texts(room.state.get())).toEqual(Array.from({ length: 50 }, (_, index) => `n${index + 11}`));
    expect(room.state.get().hasMoreBefore).toBe(true);
    const loading = room.loadBefore();
    await server.settle();
    await loading;
    expect(texts(room.state.get())).toHaveLength(61);
    expect(room.state.get().hasMoreBefore).toBe(false);
  });

  it("[CAT-1] rooms that did not fit into an answer are asked for again", async () => {
    const server = makeServer();
    server.roomsInAnswer = 1;
    const { realtime } = await startClient(server, "ann");
    say(server, "general", "a");
    say(server, "side", "b");
    await server.settle();
    expect(realtime.rooms.get().rooms.map(({ unread }) => unread)).toEqual([1, 1]);
    expect(server.countCalls("resume")).toBe(2);
  });

  it("[FAN-1] a gap is not shown; it is asked for and filled", async () => {
    const server = makeServer();
    const { realtime } = await startClient(server, "ann");
    const room = realtime.room("general");
    room.open();
    await server.settle();
    const seen: string[][] = [];
    room.state.subscribe(() => seen.push(texts(room.state.get())));
    server.mangle = () => ({ copies: 0, ahead: 0 });
    say(server, "general", "lost");
    server.mangle = () => ({ copies: 1, ahead: 0 });
    say(server, "general", "seen");
    await server.settle();
    expect(texts(room.state.get())).toEqual(["lost", "seen"]);
    expect(seen.some((shown) => shown.includes("seen") && !shown.includes("lost"))).toBe(false);
  });

  it("[FAN-1] an event that covers earlier positions is no gap, and is shown once", async () => {
    const server = makeServer();
    const { realtime } = await startClient(server, "ann");
    const room = realtime.room("general");
    room.open();
    await server.settle();
    server.mangle = () => ({ copies: 0, ahead: 0 });
    const message = say(server, "general", "first");
    const edited = server.change("general", message.id, { content: "second" });
    server.mangle = () => ({ copies: 2, ahead: 0 });
    server.emit("general", "message_updated", { ...edited, from: message.seq });
    await server.settle();
    expect(texts(room.state.get())).toEqual(["second"]);
    expect(room.state.get().unread).toBe(1);
    expect(server.countCalls("resume")).toBe(1);
  });

  it("[CLI-1] what an event and a catch-up both bring is counted once", async () => {
    const server = makeServer();
    const buried = say(server, "general", "one");
    say(server, "general", "two");
    const { realtime } = await startClient(server, "ann");
    const unread = () => realtime.rooms.get().rooms.find(({ id }) => id === "general")?.unread;
    // The tombstone comes behind a later message: the gap is asked for, and then both bring the tombstone.
    server.bury("general", buried.id);
    server.mangle = () => ({ copies: 1, ahead: 1 });
    say(server, "general", "three");
    await server.settle();
    expect(unread()).toBe(2);
  });

  it("[CLI-1] a marker moves the count by what is known here, not by a number of another moment", async () => {
    const server = makeServer();
    const first = say(server, "general", "one");
    say(server, "general", "two");
    const client = await startClient(server, "ann");
    const room = client.realtime.room("general");
    room.open();
    await server.settle();
    server.mangle = () => ({ copies: 0, ahead: 0 });
    say(server, "general", "not seen yet");
    room.markRead(first.seq);
    await pass(client, server, 500);
    expect(room.state.get().unread).toBe(1);
    server.mangle = () => ({ copies: 1, ahead: 0 });
    say(server, "general", "seen");
    await server.settle();
    expect(room.state.get().unread).toBe(3);
    server.emitToUser("ann", "read_marker", { roomId: "general", seq: 4, unread: 0, mentions: 0 });
    await server.settle();
    expect(room.state.get().unread).toBe(0);
  });

  it("[CLI-2] the line above what is new stays where it was while the room is open", async () => {
    const server = makeServer();
    const first = say(server, "general", "read");
    server.room("general").readSeqs.set("ann", first.seq);
    const unread = say(server, "general", "unread");
    const client = await startClient(server, "ann");
    const room = client.realtime.room("general");
    const leave = room.open();
    await server.settle();
    expect(room.state.get()).toMatchObject({ unread: 1, firstUnreadSeq: unread.seq });
    room.markRead();
    expect(room.state.get()).toMatchObject({ unread: 0, firstUnreadSeq: unread.seq });
    say(server, "general", "more");
    room.markRead(first.seq);
    await pass(client, server, 500);
    expect(server.room("general").readSeqs.get("ann")).toBe(unread.seq);
    leave();
    await pass(client, server, 6_000);
    expect(room.state.get().status).toBe("loading");
    expect(client.realtime.rooms.get().rooms.find(({ id }) => id === "general")?.unread).toBe(1);
    expect(server.countCalls("leave_room")).toBe(0);
  });

  it("[CLI-3] a mark made before the list is known waits for it and takes nothing from the line", async () => {
    const server = makeServer();
    const unread = say(server, "general", "unread");
    server.intercept = ({ name }) => (name === "list_rooms" ? "lose" : undefined);
    const client = await startClient(server, "ann");
    const room = client.realtime.room("general");
    room.open();
    await server.settle();
    room.markRead();
    await pass(client, server, 1_000);
    expect(server.countCalls("mark_read")).toBe(0);
    server.intercept = () => undefined;
    client.realtime.refreshRooms().catch(() => undefined);
    await pass(client, server, 15_000);
    expect(room.state.get()).toMatchObject({ unread: 0, firstUnreadSeq: unread.seq });
    expect(server.countCalls("mark_read")).toBe(1);
  });

  it("[CLI-4] a change shows at once, and only itself is taken back when it is refused", async () => {
    const server = makeServer();
    const message = server.post("general", "ann", { content: "text" });
    const { realtime } = await startClient(server, "ann");
    const room = realtime.room("general");
    room.open();
    await server.settle();
    server.intercept = ({ name }) =>
      name === "add_reaction" ? { code: "forbidden", message: "Permission denied", retryable: false } : undefined;
    const reacting = room.react(message.id, "👍").catch((error: unknown) => error);
    const editing = room.edit(message.id, "new text");
    expect(room.state.get().items[0]?.message).toMatchObject({
      content: "new text",
      reactions: [{ emoji: "👍", count: 1, users: ["ann"] }],
    });
    await server.settle();
    await editing;
    expect(await reacting).toMatchObject({ code: "forbidden", retryable: false });
    expect(room.state.get().items[0]?.message).toMatchObject({ content: "new text", reactions: [] });
  });

  it("[ACC-1] a room that is taken away keeps nothing", async () => {
    const server = makeServer();
    say(server, "general", "secret");
    const { realtime } = await startClient(server, "ann");
    const room = realtime.room("general");
    room.open();
    await server.settle();
    server.emitToUser("ann", "room_removed", { roomId: "general" });
    await server.settle();
    expect(room.state.get()).toMatchObject({ status: "refused", refusal: { code: "not_found" }, items: [] });
    expect(realtime.rooms.get().rooms.map(({ id }) => id)).toEqual(["side"]);
  });

  it("[ACC-1] a room that one lost while away is refused, and one that was given appears", async () => {
    const server = makeServer();
    const client = await startClient(server, "ann");
    client.realtime.room("general").open();
    await server.settle();
    server.cut();
    server.room("general").memberIds.delete("ann");
    await pass(client, server, 1_000);
    expect(client.realtime.room("general").state.get().status).toBe("refused");
    const added = server.addRoom("new", "ann");
    const room = { id: "new", name: "new", type: "private", memberCount: 1 };
    server.emitToUser("ann", "room_added", { room });
    await server.settle();
    server.post(added.id, "bob", { content: "welcome" });
    await server.settle();
    const row = client.realtime.rooms.get().rooms.find(({ id }) => id === "new");
    expect(row).toMatchObject({ unread: 1, lastMessage: { content: "welcome" } });
  });

  it("[CLI-1] a room that is added while the list is being read stays, and stays loaded", async () => {
    const server = makeServer();
    server.addRoom("hall", "bob");
    const client = await startClient(server, "carl", { autoConnect: false });
    server.intercept = ({ name }) => {
      // Opening the room makes carl a member, after the list was read and before its answer is taken in.
      if (name !== "join_room") return undefined;
      server.room("hall").memberIds.add("carl");
      const room = { id: "hall", name: "hall", type: "public", memberCount: 2 };
      server.emitToUser("carl", "room_added", { room });
      return undefined;
    };
    const hall = client.realtime.room("hall");
    hall.open();
    client.realtime.connect();
    await server.settle();
    await pass(client, server, 1_000);
    expect(hall.state.get().status).toBe("ready");
    expect(client.realtime.rooms.get().rooms.map(({ id }) => id)).toEqual(["hall"]);
  });

  it("[FAN-3] typing ends by its word, by the message, or by itself after 6 s", async () => {
    const server = makeServer();
    const client = await startClient(server, "ann");
    const room = client.realtime.room("general");
    room.open();
    await server.settle();
    const bob = { roomId: "general", userId: "bob", username: "BOB" };
    server.signal("typing_start", bob);
    server.signal("typing_start", { ...bob, userId: "ann", username: "ANN" });
    await server.settle();
    expect(room.state.get().typing).toEqual([{ userId: "bob", username: "BOB" }]);
    await pass(client, server, 6_000);
    expect(room.state.get().typing).toEqual([]);
    server.signal("typing_start", bob);
    await server.settle();
    say(server, "general", "done");
    await server.settle();
    expect(room.state.get().typing).toEqual([]);
    for (let key = 0; key < 10; key++) room.typing();
    await pass(client, server, 2_000);
    room.typing();
    room.stopTyping();
    expect([server.countCalls("typing_start"), server.countCalls("typing_stop")]).toEqual([2, 1]);
  });

  it("[CLI-5] history can be left and come back to without losing what was said meanwhile", async () => {
    const server = makeServer();
    for (let count = 1; count <= 200; count++) say(server, "general", `n${count}`);
    const { realtime } = await startClient(server, "ann");
    const room = realtime.room("general");
    room.open();
    await server.settle();
    const jumping = room.loadAround(60);
    await server.settle();
    await jumping;
    expect(room.state.get()).toMatchObject({ hasMoreBefore: true, hasMoreAfter: true });
    say(server, "general", "meanwhile");
    await server.settle();
    expect(texts(room.state.get())).not.toContain("meanwhile");
    while (room.state.get().hasMoreAfter) {
      const loading = room.loadAfter();
      await server.settle();
      await loading;
    }
    const seqs = room.state.get().items.map(({ message }) => message.seq);
    expect(seqs).toEqual(Array.from({ length: 201 - (seqs[0] ?? 0) + 1 }, (_, index) => index + (seqs[0] ?? 0)));
    expect(texts(room.state.get()).at(-1)).toBe("meanwhile");
  });
});
