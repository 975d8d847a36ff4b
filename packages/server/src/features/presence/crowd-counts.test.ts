import { limits } from "@mirage/protocol";
import { FakeClock, requestOk, startTestServer, type TestServer } from "@mirage/testing";
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

/** A room of more than 200 people, most of whom are not here. */
async function makeCrowd(owner: TestDevice): Promise<string> {
  const { room } = await requestOk(owner.socket, "create_room", { name: "hall" });
  const { running } = server;
  const names = Array.from({ length: limits.crowdMembers }, (_, i) => `${room.id}p${i}`);
  await running.database.query(
    "INSERT INTO users (id, username, username_key) SELECT n, n, n FROM unnest($1::text[]) AS n",
    [names],
  );
  await running.database.query("INSERT INTO streams (id) SELECT 'user:' || n FROM unnest($1::text[]) AS n", [names]);
  for (const userId of names) await requestOk(owner.socket, "add_member", { roomId: room.id, userId });
  clock.advance(2_000);
  return room.id;
}

test("[PRES-7] in a room of more than 200 a number is told to those who have it open, once a second", async () => {
  const { olga, ann, bob, cat } = people.name("olga", "ann", "bob", "cat");
  const olgas = await people.open(olga);
  const roomId = await makeCrowd(olgas);
  const [anns, bobs] = [await people.open(ann), await people.open(bob)];
  for (const { socket } of [anns, bobs]) await requestOk(socket, "join_room", { roomId });
  clock.advance(1_000);
  await olgas.inbox.settle();
  // She has not opened it.
  expect(olgas.inbox.of("room_presence")).toEqual([]);
  expect((await anns.inbox.take("room_presence")).at(-1)).toEqual({ roomId, online: 3 });

  const [annsToo, cats] = [await people.open(ann), await people.open(cat)];
  await requestOk(cats.socket, "join_room", { roomId });
  await people.choose(bobs, { status: "offline" });
  await people.choose(olgas, { status: "dnd" });
  await anns.inbox.settle();
  anns.inbox.clear();
  await people.leave(cats, cat);
  annsToo.socket.disconnect();
  clock.advance(10_000);
  expect(await anns.inbox.take("room_presence")).toEqual([{ roomId, online: 2 }]);
  // Nobody was told of anybody by name, whatever they did.
  expect(anns.inbox.names.filter((name) => name.startsWith("user_o"))).toEqual([]);
});

test("[PRES-2] [PRES-10] when a crowd becomes a room of 200, its people see each other, and the other way round", async () => {
  const { olga, ann } = people.name("olga", "ann");
  const olgas = await people.open(olga);
  const roomId = await makeCrowd(olgas);
  await requestOk(olgas.socket, "join_room", { roomId });
  const anns = await people.open(ann);
  await requestOk(anns.socket, "join_room", { roomId });
  clock.advance(300);
  for (const { inbox } of [olgas, anns]) (await inbox.settle()).clear();
  // One of 202 leaves and nothing happens; with the next one they are 200.
  for (const gone of ["p0", "p1"]) {
    expect(await people.changes(olgas)).toEqual([]);
    await requestOk(olgas.socket, "remove_member", { roomId, userId: `${roomId}${gone}` });
    clock.advance(300);
  }
  expect(await people.changes(olgas)).toMatchObject([{ userId: ann, status: "online" }]);
  expect(await people.changes(anns)).toMatchObject([{ userId: olga, status: "online" }]);
  await requestOk(olgas.socket, "add_member", { roomId, userId: `${roomId}p0` });
  clock.advance(1_000);
  expect(await anns.inbox.take("room_presence")).toEqual([{ roomId, online: 2 }]);
});
