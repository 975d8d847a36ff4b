import { Inbox, request, requestOk, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestServer;
let olga: TestSocket;
let ann: Inbox;
let out: Inbox;
beforeAll(async () => {
  server = await startTestServer({ settings: { notificationsPerMinute: 0 } });
  await server.connect("root");
  olga = await server.connect({ userId: "olga", username: "Olga" });
  ann = new Inbox(await server.connect("ann"));
  out = new Inbox(await server.connect("out"));
});
afterAll(() => server?.close());

async function makeRoom(): Promise<string> {
  const { room } = await requestOk(olga, "create_room", { name: "Team", type: "private" });
  await requestOk(olga, "add_member", { roomId: room.id, userId: "ann" });
  (await ann.settle()).clear();
  return room.id;
}

const listenFor = (inbox: Inbox, ...keywords: string[]) => requestOk(inbox.socket, "set_preferences", { keywords });
const post = async (roomId: string, content: string, socket = olga) =>
  (await requestOk(socket, "chat_message", { roomId, content })).message;

test("[NOTE-19] a word that a member listens for tells them like a mention, once, and nobody outside of the room", async () => {
  const roomId = await makeRoom();
  const { preferences } = await listenFor(ann, "Deploy", "release plan");
  expect(preferences.keywords).toEqual(["Deploy", "release plan"]);
  await listenFor(out, "deploy");
  await requestOk(olga, "set_preferences", { keywords: ["deploy"] });
  const message = await post(roomId, "we DEPLOY the release plan");
  const [told, ...others] = await ann.take("notification");
  expect(others).toEqual([]);
  expect(told).toMatchObject({
    type: "mention",
    title: "Olga used a word of yours in Team",
    content: "we DEPLOY the release plan",
    channels: { sound: true, desktop: true },
    metadata: { roomId, messageId: message.id, seq: message.seq },
  });
  expect(await out.take("notification")).toEqual([]);
  await post(roomId, "redeployed");
  await post(roomId, "deploy", ann.socket);
  expect((await ann.settle()).of("notification")).toEqual([]);
  const why = await requestOk(ann.socket, "explain_notification", { messageId: message.id });
  expect(why).toMatchObject({
    trigger: "mention",
    channels: [{ channel: "inApp", isDue: true, reasons: ["keyword"] }, {}, {}, {}, {}],
  });
});

test("[NOTE-19] an edit that keeps the word keeps the record, one that does not takes it back; no words, nothing", async () => {
  const roomId = await makeRoom();
  await listenFor(ann, "deploy");
  const { id: messageId } = await post(roomId, "deploy nwo");
  await requestOk(olga, "edit_message", { messageId, content: "deploy now" });
  expect((await ann.settle()).of("notification_deleted")).toEqual([]);
  await requestOk(olga, "edit_message", { messageId, content: "later" });
  expect(await ann.take("notification_deleted")).toHaveLength(1);
  await listenFor(ann);
  await post(roomId, "deploy");
  expect(await ann.take("notification")).toEqual([]);
});

test("[NOTE-19] a mention is told as one, levels and mutes hold, and too many or empty words are refused", async () => {
  const roomId = await makeRoom();
  await listenFor(ann, "deploy");
  await post(roomId, "@ann deploy");
  expect((await ann.take("notification")).map(({ title }) => title)).toEqual(["Olga mentioned you in Team"]);
  await requestOk(ann.socket, "set_room_preferences", { roomId, level: "none" });
  await post(roomId, "deploy");
  expect(await ann.take("notification")).toEqual([]);
  for (const keywords of [
    Array.from({ length: 21 }, (_, n) => `word ${n}`),
    [""],
    ["!?"],
    ["x".repeat(51)],
    ["a\nb"],
  ]) {
    expect(await request(ann.socket, "set_preferences", { keywords })).toMatchObject({
      ok: false,
      error: { code: "bad_request" },
    });
  }
});
