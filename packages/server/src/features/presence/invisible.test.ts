import { FakeClock, type Inbox, requestOk, signToken, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestPeople, type TestDevice } from "./open-test-people.ts";

const clock = new FakeClock(Date.now());
let server: TestServer;
let people: ReturnType<typeof openTestPeople>;

beforeAll(async () => {
  server = await startTestServer({ clock });
  people = openTestPeople(server, clock);
});
afterAll(() => server?.close());

/** Ann is invisible, Bob shares a room with her. */
async function openPair(): Promise<{ ann: string; bob: string; anns: TestDevice; bobs: TestDevice; roomId: string }> {
  const { ann, bob } = people.name("ann", "bob");
  const [anns, bobs] = [await people.open(ann), await people.open(bob)];
  const roomId = await people.makeRoom(bobs, anns);
  await requestOk(bobs.socket, "join_room", { roomId });
  await people.choose(anns, { status: "offline", text: "Hiding", emoji: "🙈" });
  for (const { inbox } of [anns, bobs]) (await inbox.settle()).clear();
  return { ann, bob, anns, bobs, roomId };
}

const namesAbout = (inbox: Inbox): string[] =>
  inbox.names.filter((name) => name.startsWith("user_") || name.startsWith("typing_") || name === "presence_changed");

test("[PRES-5] becoming invisible looks like going, and showing oneself like coming", async () => {
  const { ann, bob } = people.name("ann", "bob");
  const [anns, annsToo, bobs] = [await people.open(ann), await people.open(ann), await people.open(bob)];
  const roomId = await people.makeRoom(bobs, anns);
  await requestOk(bobs.socket, "join_room", { roomId });
  (await annsToo.inbox.settle()).clear();
  const hidAt = clock.now();
  const answer = await people.choose(anns, { status: "offline", text: "Hiding" });
  expect(answer).toMatchObject({ status: "offline", text: "Hiding" });
  await bobs.inbox.settle();
  expect(namesAbout(bobs.inbox)).toEqual(["user_left_room", "user_offline", "presence_changed"]);
  const [seen] = await people.changes(bobs);
  expect(seen).toEqual({ userId: ann, username: ann, status: "offline", lastSeen: expect.any(String) });
  expect(Date.parse(seen?.lastSeen ?? "")).toBeGreaterThanOrEqual(hidAt);
  // One's own devices know.
  expect(await people.changes(annsToo)).toEqual([{ userId: ann, username: ann, status: "offline", text: "Hiding" }]);
  await people.choose(anns, { status: "online" });
  expect(namesAbout(await bobs.inbox.settle())).toEqual(["user_joined_room", "user_online", "presence_changed"]);
});

test("[PRES-5] whatever an invisible person opens, closes, writes, sets or loses, nobody is told that they are here", async () => {
  const { ann, anns, bobs, roomId } = await openPair();
  await requestOk(anns.socket, "leave_room", { roomId });
  await requestOk(anns.socket, "join_room", { roomId });
  await requestOk(anns.socket, "typing_start", { roomId });
  await requestOk(anns.socket, "typing_stop", { roomId });
  await requestOk(anns.socket, "presence_update", { status: "away", automatic: true });
  await people.choose(anns, { status: "offline", text: "Still hiding" });
  const second = await people.open(ann);
  await requestOk(second.socket, "join_room", { roomId });
  await people.makeRoom(anns, bobs);
  second.socket.disconnect();
  await people.leave(anns, ann);
  clock.advance(60_000);
  const back = await people.open(ann);
  await requestOk(back.socket, "resume", { rooms: [{ roomId, since: null }] });
  clock.advance(1_000);
  expect(namesAbout(await bobs.inbox.settle())).toEqual([]);
});

test("[PRES-5] no answer shows an invisible person: not the page, the members, whoever follows them, nor `@here`", async () => {
  const { ann, bob, anns, bobs, roomId } = await openPair();
  const page = await requestOk(bobs.socket, "join_room", { roomId });
  expect(page.online).toEqual([bob]);
  expect(page.members.find(({ userId }) => userId === ann)?.status).toBe("offline");
  expect(await people.statuses(bobs, roomId)).toEqual({ [ann]: "offline", [bob]: "online" });
  const [watched] = (await requestOk(bobs.socket, "watch_presence", { userIds: [ann] })).users;
  expect(watched).toEqual({ userId: ann, username: ann, status: "offline", lastSeen: expect.any(String) });
  const { message } = await requestOk(bobs.socket, "chat_message", { roomId, content: "@here now" });
  expect(message.mentions).toEqual({ users: [], here: true });
  expect((await anns.inbox.settle()).names).not.toContain("mention");
  // It looks just the same when she has really gone.
  await people.leave(anns, ann);
  clock.advance(6_000);
  const { users } = await requestOk(bobs.socket, "watch_presence", { userIds: [ann] });
  expect(users).toEqual([watched]);
});

test("[PRES-5] an administrator who asks who is connected does not see them, the host's back end does", async () => {
  const { ann, bob } = await openPair();
  const listConnected = async (token: string): Promise<string[]> => {
    const answer = await fetch(`${server.url}/api/v1/users/connected`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { users } = (await answer.json()) as { users: { userId: string }[] };
    return users.map(({ userId }) => userId).filter((userId) => [ann, bob].includes(userId));
  };
  const root = { userId: "root", username: "root", roles: ["admin"] };
  expect(await listConnected(signToken(root, server.jwtSecret))).toEqual([bob]);
  expect(await listConnected(server.running.settings.apiKey)).toEqual([ann, bob]);
});

test("[PRES-5] whoever types while they hide stops typing", async () => {
  const { ann, bob } = people.name("ann", "bob");
  const [anns, bobs] = [await people.open(ann), await people.open(bob)];
  const roomId = await people.makeRoom(bobs, anns);
  await requestOk(bobs.socket, "join_room", { roomId });
  (await bobs.inbox.settle()).clear();
  await requestOk(anns.socket, "typing_start", { roomId });
  const answer = requestOk(anns.socket, "presence_update", { status: "offline" });
  clock.advance(300);
  await answer;
  await bobs.inbox.settle();
  expect(bobs.inbox.names.filter((name) => name.startsWith("typing_"))).toEqual(["typing_start", "typing_stop"]);
});
