import { Inbox, requestOk, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestServer;
let olga: TestSocket;
const inboxes = new Map<string, Inbox>();

beforeAll(async () => {
  server = await startTestServer();
  await server.connect("root");
  olga = await server.connect({ userId: "olga", username: "Olga" });
  for (const [userId, username] of [
    ["ann", "Ann"],
    ["ann2", "ann"],
    ["bob", "Böb Smith"],
    ["out", "Outsider"],
  ]) {
    if (userId && username) inboxes.set(userId, new Inbox(await server.connect({ userId, username })));
  }
});
afterAll(() => server?.close());

const inboxOf = (userId: string): Inbox => {
  const inbox = inboxes.get(userId);
  if (!inbox) throw new Error(`nobody is called ${userId}`);
  return inbox;
};

async function makeRoom(): Promise<string> {
  const { room } = await requestOk(olga, "create_room", { name: "room", type: "private" });
  for (const userId of ["ann", "ann2", "bob"]) await requestOk(olga, "add_member", { roomId: room.id, userId });
  for (const inbox of inboxes.values()) (await inbox.settle()).clear();
  return room.id;
}

async function told(): Promise<string[]> {
  const people: string[] = [];
  for (const [userId, inbox] of inboxes) {
    const mentions = await inbox.take("mention");
    people.push(...mentions.map(() => userId));
  }
  return people;
}

const post = async (roomId: string, content: string, socket = olga) =>
  (await requestOk(socket, "chat_message", { roomId, content })).message;

test("[NOT-1] each person mentioned is told once, whether they have the room open or not", async () => {
  const roomId = await makeRoom();
  const tab = new Inbox(await server.connect({ userId: "bob", username: "Böb Smith" }));
  const content = `@ANN and @ann, @böb smith, @outsider, @olga ${"…".repeat(200)}`;
  const message = await post(roomId, content);
  expect(new Set(message.mentions?.users)).toEqual(new Set(["ann", "ann2", "bob"]));
  const [mention] = (await inboxOf("bob").settle()).of("mention");
  expect(mention).toEqual({
    roomId,
    messageId: message.id,
    mentionedBy: "Olga",
    mentionedById: "olga",
    content: [...content].slice(0, 100).join(""),
    userSeq: expect.any(Number),
  });
  expect(await tab.take("mention")).toEqual([mention]);
  expect(await told()).toEqual(["ann", "ann2", "bob"]);
  const { user } = await requestOk(inboxOf("bob").socket, "resume", {
    user: { epoch: (await requestOk(olga, "list_rooms", {})).epoch, seq: (mention?.userSeq ?? 0) - 1 },
  });
  expect(user.notifications).toMatchObject([
    {
      type: "mention",
      content: mention?.content,
      read: false,
      seq: mention?.userSeq,
      metadata: { messageId: message.id },
    },
  ]);
});

test("[NOT-2] nobody is called from inside code, an address or by being nobody", async () => {
  const roomId = await makeRoom();
  for (const content of [
    "`@ann`",
    "```\n@ann\n```",
    "mail me@ann.example",
    "https://x.example/@ann",
    "@nobody",
    "@annabel",
  ]) {
    expect([content, (await post(roomId, content)).mentions]).toEqual([content, undefined]);
  }
  expect(await told()).toEqual([]);
});

test("[NOT-1] an edit tells only those it names anew", async () => {
  const roomId = await makeRoom();
  const { id: messageId } = await post(roomId, "Hello @ann");
  expect(await told()).toEqual(["ann", "ann2"]);
  await requestOk(olga, "edit_message", { messageId, content: "Hello @Ann and @Böb Smith" });
  expect(await told()).toEqual(["bob"]);
  await requestOk(olga, "edit_message", { messageId, content: "Hello @Böb Smith" });
  await requestOk(olga, "edit_message", { messageId, content: "Hello @ann" });
  expect(await told()).toEqual([]);
});

test("[ACC-5] `@everyone` and `@here` call all from a moderator, and nobody from a member", async () => {
  const roomId = await makeRoom();
  const ann = inboxOf("ann").socket;
  const powerless = await post(roomId, "@everyone @here", ann);
  expect(powerless).not.toHaveProperty("mentions");
  expect(await told()).toEqual([]);
  const everyone = await post(roomId, "@everyone come");
  expect(everyone.mentions).toEqual({ users: [], everyone: true });
  expect(await told()).toEqual(["ann", "ann2", "bob"]);
  await requestOk(olga, "set_role", { roomId, userId: "ann", role: "moderator" });
  const here = await post(roomId, "@here come", ann);
  expect(here.mentions).toMatchObject({ here: true });
  expect((await told()).sort()).toEqual(["ann2", "bob"]);
});

test("[MOD-1] what is deleted stands in no notification either, whoever was told", async () => {
  const roomId = await makeRoom();
  const epoch = (await requestOk(olga, "list_rooms", {})).epoch;
  const bob = inboxOf("bob");
  const { id: first } = await post(roomId, "secret plan @everyone");
  const { id: second } = await post(roomId, "secret name @Böb Smith");
  await requestOk(olga, "edit_message", { messageId: second, content: "nobody" });
  const seq = (bob.of("mention").at(0)?.userSeq ?? 1) - 1;
  const missed = async () => JSON.stringify(await requestOk(bob.socket, "resume", { user: { epoch, seq } }));
  expect(await missed()).toContain("secret");
  for (const messageId of [first, second]) await requestOk(olga, "delete_message", { messageId });
  expect(await missed()).not.toContain("secret");
});

test("[MOD-1] what is deleted stands in no record of those either who were called and are shown none", async () => {
  const roomId = await makeRoom();
  const { socket } = inboxOf("bob");
  await requestOk(socket, "set_preferences", { channels: { mention: { inApp: false } } });
  const { id: messageId } = await post(roomId, "secret @Böb Smith");
  expect(await told()).toEqual(["bob"]);
  const kept = async () =>
    JSON.stringify(
      await server.running.database.query("SELECT title, content, metadata FROM notifications WHERE cause = $1", [
        `message:${messageId}`,
      ]),
    );
  expect(await kept()).toContain("secret");
  await requestOk(olga, "delete_message", { messageId });
  expect(await kept()).not.toMatch(/secret|Olga/);
  await requestOk(socket, "set_preferences", { channels: { mention: { inApp: true } } });
});

test("[NOT-1] an edit leaves `@here` with those who were here when it was said", async () => {
  const roomId = await makeRoom();
  const [ann, bob] = [inboxOf("ann"), inboxOf("bob")];
  await requestOk(bob.socket, "presence_update", { status: "offline" });
  const { id: messageId } = await post(roomId, "@here lnuch");
  expect(await told()).toEqual(["ann", "ann2"]);
  await requestOk(ann.socket, "presence_update", { status: "offline" });
  await requestOk(bob.socket, "presence_update", { status: "online" });
  const { message } = await requestOk(olga, "edit_message", { messageId, content: "@here lunch" });
  expect(new Set(message.mentions?.users)).toEqual(new Set(["ann", "ann2"]));
  expect(await told()).toEqual([]);
  const { notifications } = await requestOk(ann.socket, "get_notifications", { limit: 1 });
  expect(notifications).toMatchObject([{ type: "mention", metadata: { messageId } }]);
  await requestOk(ann.socket, "presence_update", { status: "online" });
});
