import {
  connect,
  FakeClock,
  followRoom,
  Inbox,
  request,
  requestOk,
  startTestServer,
  type TestServer,
  type TestSocket,
} from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const clock = new FakeClock(Date.now());
let server: TestServer;
let olga: TestSocket;

beforeAll(async () => {
  server = await startTestServer({ clock });
  await server.connect("root");
  olga = await server.connect("olga");
});
afterAll(() => server?.close());

async function makeRoom() {
  const { room } = await requestOk(olga, "create_room", { name: "room", type: "public" });
  const reader = await followRoom(server, "olga", room.id);
  const ann = await connect(server, "ann");
  await requestOk(ann, "join_room", { roomId: room.id });
  await reader.inbox.settle();
  reader.inbox.clear();
  const typing = async () => {
    await reader.inbox.settle();
    const names = reader.inbox.names.filter((name) => name.startsWith("typing_"));
    reader.inbox.clear();
    return names;
  };
  // Each test begins after the 2 s in which a person is relayed once.
  await clock.advanceAsync(10_000);
  return { roomId: room.id, reader, ann, typing };
}

test("[TYP-1] typing goes to the others in the room, with who and where", async () => {
  const { roomId, reader, ann } = await makeRoom();
  const own = new Inbox(ann);
  const tab = new Inbox(await server.connect("ann"));
  await requestOk(tab.socket, "join_room", { roomId });
  await requestOk(ann, "typing_start", { roomId });
  await requestOk(ann, "typing_start", { roomId });
  await requestOk(ann, "typing_stop", { roomId });
  await reader.inbox.settle();
  expect(reader.inbox.of("typing_start")).toEqual([{ roomId, userId: "ann", username: "ann" }]);
  expect(reader.inbox.of("typing_stop")).toEqual([{ roomId, userId: "ann", username: "ann" }]);
  for (const inbox of [own, tab]) expect(await inbox.take("typing_start")).toEqual([]);
  await reader.check();
});

test("[TYP-1] it ends by itself 6 s after the last start", async () => {
  const { roomId, ann, typing } = await makeRoom();
  await requestOk(ann, "typing_start", { roomId });
  await clock.advanceAsync(4_000);
  await requestOk(ann, "typing_start", { roomId });
  await clock.advanceAsync(5_000);
  expect(await typing()).toEqual(["typing_start", "typing_start"]);
  await clock.advanceAsync(1_100);
  expect(await typing()).toEqual(["typing_stop"]);
});

test("[TYP-1] it ends with the message, with closing the room, with the connection and with membership", async () => {
  const { roomId, reader, ann, typing } = await makeRoom();
  await requestOk(ann, "typing_start", { roomId });
  await requestOk(ann, "chat_message", { roomId, content: "done" });
  await reader.inbox.settle();
  expect(reader.inbox.namesBesidePresence).toEqual(["typing_start", "typing_stop", "chat_message"]);
  reader.inbox.clear();

  await clock.advanceAsync(10_000);
  await requestOk(ann, "typing_start", { roomId });
  await requestOk(ann, "leave_room", { roomId });
  expect(await typing()).toEqual(["typing_start", "typing_stop"]);

  await clock.advanceAsync(10_000);
  const lost = await connect(server, "ann");
  await requestOk(lost, "typing_start", { roomId });
  lost.disconnect();
  await expect.poll(() => reader.inbox.names).toContain("typing_stop");
  reader.inbox.clear();

  await clock.advanceAsync(10_000);
  await requestOk(ann, "typing_start", { roomId });
  await requestOk(olga, "remove_member", { roomId, userId: "ann" });
  expect(await typing()).toEqual(["typing_start", "typing_stop"]);
  expect(await request(ann, "typing_start", { roomId })).toMatchObject({ ok: false, error: { code: "forbidden" } });
  expect(await typing()).toEqual([]);
});

test("[ACC-3] typing in an archived room is refused as a message there is, and told to nobody", async () => {
  const { roomId, ann, typing } = await makeRoom();
  await requestOk(ann, "typing_start", { roomId });
  expect(await typing()).toEqual(["typing_start"]);
  await clock.advanceAsync(10_000);
  await typing();
  await requestOk(olga, "archive_room", { roomId });
  const archived = { ok: false, error: { code: "archived", message: "Room is archived", retryable: false } };
  expect(await request(ann, "chat_message", { roomId, content: "too late" })).toEqual(archived);
  expect(await request(ann, "typing_start", { roomId })).toEqual(archived);
  expect(await request(ann, "typing_stop", { roomId })).toEqual(archived);
  expect(await typing()).toEqual([]);
});
