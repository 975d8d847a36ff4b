import {
  eventually,
  followRoom,
  Inbox,
  request,
  requestOk,
  startTestServer,
  type TestServer,
  type TestSocket,
} from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestServer;
let olga: TestSocket;

beforeAll(async () => {
  server = await startTestServer();
  await server.connect("root");
  olga = await server.connect("olga");
});
afterAll(() => server?.close());

test("[ACC-1] whoever loses a room while opening or resuming it is sent nothing of it", async () => {
  const { room } = await requestOk(olga, "create_room", { name: "room", type: "private" });
  const roomId = room.id;
  const follower = await followRoom(server, "olga", roomId);
  const inboxes: Inbox[] = [];
  for (let i = 0; i < 4; i++) inboxes.push(new Inbox(await server.connect("ann")));
  for (let round = 0; round < 15; round++) {
    await requestOk(olga, "add_member", { roomId, userId: "ann" });
    const opening = inboxes.map(({ socket }, i) =>
      i % 2
        ? request(socket, "join_room", { roomId })
        : request(socket, "resume", { rooms: [{ roomId, since: { epoch: room.epoch, seq: round } }] }),
    );
    const write = request(olga, "chat_message", { roomId, content: `open ${round}` });
    const removal = requestOk(olga, "remove_member", { roomId, userId: "ann" });
    await Promise.all([...opening, write, removal]);
    for (const inbox of inboxes) (await inbox.settle()).clear();
    await requestOk(olga, "chat_message", { roomId, content: "secret" });
    for (const inbox of inboxes) expect(await inbox.take("chat_message")).toEqual([]);
  }
  await follower.check();
});

test("[JOIN-2] opening and closing a room at once leaves it as the last of them says", async () => {
  const { room } = await requestOk(olga, "create_room", { name: "room", type: "public" });
  const roomId = room.id;
  await requestOk(olga, "join_room", { roomId });
  const olgaInbox = new Inbox(olga);
  const ann = await server.connect("ann");
  const inbox = new Inbox(ann);
  const heard = async (): Promise<number> => {
    await inbox.settle();
    inbox.clear();
    await requestOk(olga, "chat_message", { roomId, content: "Hello" });
    return (await inbox.take("chat_message")).length;
  };
  ann.emit("join_room", { roomId });
  await requestOk(ann, "leave_room", { roomId });
  expect(await heard()).toBe(0);
  ann.emit("resume", { rooms: [{ roomId, since: null }] });
  await requestOk(ann, "leave_room", { roomId });
  expect(await heard()).toBe(0);
  ann.emit("join_room", { roomId });
  ann.emit("leave_room", { roomId });
  await requestOk(ann, "join_room", { roomId });
  expect(await heard()).toBe(1);
  await olgaInbox.settle();
  expect(olgaInbox.of("user_joined_room").length).toBe(olgaInbox.of("user_left_room").length);
  ann.emit("join_room", { roomId });
  ann.emit("leave_room", { roomId });
  await requestOk(ann, "resume", { rooms: [{ roomId, since: null }] });
  expect(await heard()).toBe(1);
});

test("[JOIN-2] what is sent right after opening a public room waits until one is a member", async () => {
  const { room } = await requestOk(olga, "create_room", { name: "room", type: "public" });
  const quick = await server.connect("quick");
  quick.emit("join_room", { roomId: room.id });
  const sent = await requestOk(quick, "chat_message", { roomId: room.id, content: "Hello" });
  expect(sent.message.userId).toBe("quick");
});

test("[CAT-4] many rooms resume in one go while all of them are written to", async () => {
  const many = await server.connect("many");
  const rooms: { roomId: string; since: { epoch: string; seq: number } }[] = [];
  for (let i = 0; i < 45; i++) {
    const { room } = await requestOk(olga, "create_room", { name: `${i}`, type: "private" });
    await requestOk(olga, "add_member", { roomId: room.id, userId: "many" });
    rooms.push({ roomId: room.id, since: { epoch: room.epoch, seq: 0 } });
  }
  const write = () => Promise.all(rooms.map(({ roomId }) => requestOk(olga, "chat_message", { roomId, content: "x" })));
  await write();
  const inbox = new Inbox(many);
  const writing = [write(), write(), write()];
  const seqs = new Map<string, number>();
  let asked = rooms;
  await eventually(async () => {
    const answer = await requestOk(many, "resume", { rooms: asked });
    for (const room of answer.rooms) if ("seq" in room) seqs.set(room.roomId, room.seq);
    asked = rooms.filter(({ roomId }) => !seqs.has(roomId));
    return asked.length === 0;
  });
  await Promise.all(writing);
  await inbox.settle();
  for (const { roomId } of rooms) {
    const live = inbox.of("chat_message").filter((message) => message.roomId === roomId);
    const first = seqs.get(roomId) ?? 0;
    expect(live.map((message) => message.seq)).toEqual(Array.from({ length: 5 - first }, (_, i) => first + i + 1));
  }
});

test("[ACC-3] a role that changes again and again holds up nobody", async () => {
  const { room } = await requestOk(olga, "create_room", { name: "room", type: "public" });
  const roomId = room.id;
  const follower = await followRoom(server, "olga", roomId);
  const ann = await server.connect("ann");
  await requestOk(ann, "join_room", { roomId });
  const sends: Promise<unknown>[] = [];
  for (let i = 0; i < 20; i++) {
    sends.push(requestOk(ann, "chat_message", { roomId, content: `ann ${i}` }));
    sends.push(requestOk(olga, "chat_message", { roomId, content: `olga ${i}` }));
    await requestOk(olga, "set_role", { roomId, userId: "ann", role: i % 2 ? "member" : "moderator" });
  }
  await Promise.all(sends);
  await follower.check();
  const ofAnn = follower.inbox.of("chat_message").filter((message) => message.userId === "ann");
  expect(ofAnn.map((message) => message.content)).toEqual(Array.from({ length: 20 }, (_, i) => `ann ${i}`));
});
