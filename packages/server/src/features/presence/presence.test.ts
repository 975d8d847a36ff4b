import type { CommandInput } from "@mirage/protocol";
import { eventually, FakeClock, request, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestPeople, type TestDevice } from "./open-test-people.ts";

const clock = new FakeClock(Date.now());
let server: TestServer;
let people: ReturnType<typeof openTestPeople>;

beforeAll(async () => {
  server = await startTestServer({ clock });
  people = openTestPeople(server, clock);
});
afterAll(() => server?.close());

describe("coming and going", () => {
  test("[PRES-1] a person is here from their first connection to 5 s after their last", async () => {
    const { ann, bob } = people.name("ann", "bob");
    const [anns, bobs] = [await people.open(ann), await people.open(bob)];
    const roomId = await people.makeRoom(anns, bobs);
    const second = await people.open(bob);
    bobs.socket.disconnect();
    await eventually(() =>
      server.running.getConnectedUsers().some((user) => user.userId === bob && user.connections === 1),
    );
    clock.advance(10_000);
    expect((await anns.inbox.settle()).names).toEqual([]);
    expect(await people.statuses(anns, roomId)).toEqual({ [ann]: "online", [bob]: "online" });

    await people.leave(second, bob);
    const leftAt = clock.now();
    clock.advance(4_999);
    expect((await anns.inbox.settle()).names).toEqual([]);
    clock.advance(300);
    await anns.inbox.settle();
    expect(anns.inbox.of("user_offline")).toEqual([{ userId: bob, username: bob, timestamp: expect.any(String) }]);
    expect(await people.changes(anns)).toEqual([
      { userId: bob, username: bob, status: "offline", lastSeen: new Date(leftAt).toISOString() },
    ]);
    expect(await people.statuses(anns, roomId)).toEqual({ [ann]: "online", [bob]: "offline" });
  });

  test("[PRES-3] a reload, and a change that is taken back within 250 ms, are told to nobody", async () => {
    const { ann, bob } = people.name("ann", "bob");
    const [anns, bobs] = [await people.open(ann), await people.open(bob)];
    await people.makeRoom(anns, bobs);
    await people.leave(bobs, bob);
    clock.advance(3_000);
    const again = await server.connect(bob);
    clock.advance(10_000);
    await requestOk(again, "presence_update", { status: "away", automatic: true });
    await requestOk(again, "presence_update", { status: "online", automatic: true });
    clock.advance(1_000);
    expect((await anns.inbox.settle()).names).toEqual([]);
  });

  test("[PRES-3] a choice that is taken back within 250 ms is told to nobody, though each takes as long to be stored", async () => {
    const { ann, bob } = people.name("ann", "bob");
    const [anns, bobs] = [await people.open(ann), await people.open(bob)];
    await people.makeRoom(anns, bobs);
    let isStored = false;
    const choices = (["dnd", "online"] as const).map((status) => requestOk(bobs.socket, "presence_update", { status }));
    const stored = Promise.all(choices).then(() => {
      isStored = true;
    });
    await bobs.inbox.settle();
    await eventually(() => {
      clock.advance(250);
      return isStored;
    });
    await stored;
    clock.advance(1_000);
    expect((await anns.inbox.settle()).names).toEqual([]);
    await people.choose(bobs, { status: "dnd" });
    expect(await people.changes(anns)).toEqual([{ userId: bob, username: bob, status: "dnd" }]);
  });

  test("[PRES-10] whoever opened a room meanwhile hears that a change was taken back within 250 ms", async () => {
    const { ann, bob } = people.name("ann", "bob");
    const [anns, bobs] = [await people.open(ann), await people.open(bob)];
    const roomId = await people.makeRoom(anns, bobs);
    await requestOk(bobs.socket, "presence_update", { status: "away", automatic: true });
    const { members } = await requestOk(anns.socket, "join_room", { roomId });
    expect(members).toContainEqual(expect.objectContaining({ userId: bob, status: "away" }));
    await requestOk(bobs.socket, "presence_update", { status: "online", automatic: true });
    clock.advance(300);
    expect(await people.changes(anns)).toEqual([{ userId: bob, username: bob, status: "online" }]);
  });

  test("[PRES-3] whoever comes is told once to each person, on every device, and not to themselves", async () => {
    const { ann, bob, cat } = people.name("ann", "bob", "cat");
    const [anns, annsToo, bobs] = [await people.open(ann), await people.open(ann), await people.open(bob)];
    await people.makeRoom(anns, bobs);
    await people.makeRoom(anns, bobs);
    await people.leave(bobs, bob);
    clock.advance(6_000);
    for (const { inbox } of [anns, annsToo]) (await inbox.settle()).clear();
    const bobsAgain = await people.open(bob);
    await people.open(cat);
    for (const { inbox } of [anns, annsToo]) {
      await inbox.settle();
      expect(inbox.of("user_online")).toEqual([{ userId: bob, username: bob, timestamp: expect.any(String) }]);
      expect(inbox.of("presence_changed")).toEqual([{ users: [{ userId: bob, username: bob, status: "online" }] }]);
    }
    expect((await bobsAgain.inbox.settle()).names).not.toContain("user_online");
  });

  test("[PRES-3] whoever becomes a member while they are here is told to those who did not see them before", async () => {
    const { ann, bob, cat } = people.name("ann", "bob", "cat");
    const [anns, bobs, cats] = [await people.open(ann), await people.open(bob), await people.open(cat)];
    await people.makeRoom(anns, bobs);
    const roomId = await people.makeRoom(anns, cats);
    await requestOk(bobs.socket, "join_room", { roomId });
    clock.advance(300);
    await anns.inbox.settle();
    expect(anns.inbox.of("user_online")).toEqual([]);
    await cats.inbox.settle();
    expect(cats.inbox.of("user_online").map(({ userId }) => userId)).toEqual([bob]);
    expect((await people.changes(cats)).filter(({ userId }) => userId === bob)).toEqual([
      { userId: bob, username: bob, status: "online" },
    ]);
  });

  test("[PRES-3] however many change, each connection is told at most once in 250 ms", async () => {
    const names = people.name("ann", "bob", "cat", "dan");
    const opened = await Promise.all(Object.values(names).map((name) => people.open(name)));
    await people.makeRoom(...opened);
    const [anns, ...others] = opened;
    if (!anns) throw new Error("nobody");
    (await anns.inbox.settle()).clear();
    for (const { socket } of others) await requestOk(socket, "presence_update", { status: "away", automatic: true });
    clock.advance(250);
    await anns.inbox.settle();
    expect(anns.inbox.of("presence_changed").map(({ users }) => users.length)).toEqual([3]);
  });
});

describe("who is told", () => {
  test("[PRES-2] strangers are told nothing; whoever left is seen no more", async () => {
    const { ann, bob, eve } = people.name("ann", "bob", "eve");
    const [anns, bobs, eves] = [await people.open(ann), await people.open(bob), await people.open(eve)];
    const roomId = await people.makeRoom(anns, bobs, eves);
    await requestOk(eves.socket, "remove_member", { roomId, userId: eve });
    clock.advance(300);
    (await eves.inbox.settle()).clear();
    await people.choose(bobs, { status: "dnd", text: "In a meeting" });
    expect((await eves.inbox.settle()).names).toEqual([]);
    expect((await people.changes(anns)).at(-1)).toMatchObject({ status: "dnd", text: "In a meeting" });
    await people.choose(eves, { status: "away" });
    expect(await people.changes(anns)).toEqual([]);
  });

  test("[PRES-6] whoever is followed is told of without a room in common, on that connection alone", async () => {
    const { ann, bob, cat } = people.name("ann", "bob", "cat");
    const [bobs, anns, annsToo] = [await people.open(bob), await people.open(ann), await people.open(ann)];
    const watch = (userIds: string[]) => requestOk(anns.socket, "watch_presence", { userIds });
    expect((await watch([bob, cat, bob, "nobody"])).users).toEqual([{ userId: bob, username: bob, status: "online" }]);
    await people.choose(bobs, { status: "away" });
    expect(await people.changes(anns)).toEqual([{ userId: bob, username: bob, status: "away" }]);
    expect(await people.changes(annsToo)).toEqual([]);
    expect((await watch([])).users).toEqual([]);
    await people.choose(bobs, { status: "dnd" });
    expect(await people.changes(anns)).toEqual([]);
  });

  test("[PRES-6] of whoever was here before it is answered when; the same over REST, and at most 500 are followed", async () => {
    const { ann, bob } = people.name("ann", "bob");
    const [bobs, anns] = [await people.open(bob), await people.open(ann)];
    await people.leave(bobs, bob);
    const lastSeen = new Date(clock.now()).toISOString();
    clock.advance(6_000);
    // Stored by then, whether it is still in memory or not.
    await eventually(async () => {
      const { users } = await requestOk(anns.socket, "watch_presence", { userIds: [bob] });
      expect(users).toEqual([{ userId: bob, username: bob, status: "offline", lastSeen }]);
    });
    const response = await fetch(`${server.url}/api/v1/commands/watch_presence`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${server.signToken({ userId: ann, username: ann })}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ userIds: [bob] }),
    });
    expect(await response.json()).toMatchObject({ users: [{ userId: bob, status: "offline", lastSeen }] });
    const tooMany = Array.from({ length: 501 }, (_, i) => `u${i}`);
    expect(await request(anns.socket, "watch_presence", { userIds: tooMany })).toMatchObject({
      ok: false,
      error: { code: "bad_request" },
    });
  });
});

describe("choosing", () => {
  test("[PRES-4] a choice shows on all devices, goes before what is observed, and replaces the one before", async () => {
    const { ann, bob } = people.name("ann", "bob");
    const [anns, annsToo, bobs] = [await people.open(ann), await people.open(ann), await people.open(bob)];
    await people.makeRoom(anns, bobs);
    (await annsToo.inbox.settle()).clear();
    const mine = await people.choose(anns, { status: "dnd", text: " Out to lunch ", emoji: ":sandwich:" });
    const shown = { userId: ann, username: ann, status: "dnd", text: "Out to lunch", emoji: "🥪" };
    expect(mine).toEqual(shown);
    for (const device of [annsToo, bobs]) expect(await people.changes(device)).toEqual([shown]);
    await requestOk(annsToo.socket, "presence_update", { status: "away", automatic: true });
    clock.advance(300);
    expect(await people.changes(bobs)).toEqual([]);
    await people.choose(annsToo, { status: "online" });
    expect(await people.changes(bobs)).toEqual([{ userId: ann, username: ann, status: "online" }]);
  });

  test("[PRES-4] a choice is there again after one was away, and clears by itself on time", async () => {
    const { ann, bob } = people.name("ann", "bob");
    const [anns, bobs] = [await people.open(ann), await people.open(bob)];
    const roomId = await people.makeRoom(anns, bobs);
    const expiresAt = new Date(clock.now() + 60_000).toISOString();
    expect(await people.choose(anns, { status: "away", text: "Tea", expiresAt })).toMatchObject({ expiresAt });
    await people.leave(anns, ann);
    clock.advance(6_000);
    await people.open(ann);
    expect(await people.statuses(bobs, roomId)).toMatchObject({ [ann]: "away" });
    (await bobs.inbox.settle()).clear();
    clock.advance(60_000);
    expect(await people.changes(bobs)).toEqual([{ userId: ann, username: ann, status: "online" }]);
  });

  test("[PRES-4] what cannot be shown is refused and changes nothing", async () => {
    const { ann } = people.name("ann");
    const anns = await people.open(ann);
    const refused: CommandInput<"presence_update">[] = [
      { status: "busy" as never },
      { status: "online", text: "x".repeat(101) },
      { status: "online", text: "two\nlines" },
      { status: "online", text: " " },
      { status: "online", emoji: "not an emoji" },
      { status: "online", emoji: "abc" },
      { status: "online", expiresAt: new Date(clock.now() - 1).toISOString() },
      { status: "online", expiresAt: "tomorrow" },
      { status: "dnd", automatic: true },
    ];
    for (const input of refused) {
      const answer = await request(anns.socket, "presence_update", input);
      expect(answer, JSON.stringify(input)).toMatchObject({ ok: false, error: { code: "bad_request" } });
    }
    expect(await people.choose(anns, { status: "online", text: "😀".repeat(100) })).toMatchObject({ status: "online" });
  });

  test("[PRES-11] whoever sits at no device is away, until they sit at one or that one has gone", async () => {
    const { ann, bob } = people.name("ann", "bob");
    const [anns, annsToo, bobs] = [await people.open(ann), await people.open(ann), await people.open(bob)];
    const roomId = await people.makeRoom(anns, bobs);
    const observe = ({ socket }: TestDevice, status: "away" | "online") =>
      requestOk(socket, "presence_update", { status, automatic: true });
    expect((await observe(anns, "away")).presence.status).toBe("online");
    expect((await observe(annsToo, "away")).presence.status).toBe("away");
    expect(await people.statuses(bobs, roomId)).toMatchObject({ [ann]: "away" });
    await observe(annsToo, "online");
    expect(await people.statuses(bobs, roomId)).toMatchObject({ [ann]: "online" });
    annsToo.socket.disconnect();
    await eventually(async () => expect(await people.statuses(bobs, roomId)).toMatchObject({ [ann]: "away" }));
    // A new connection begins with somebody at it.
    await people.open(ann);
    expect(await people.statuses(bobs, roomId)).toMatchObject({ [ann]: "online" });
  });

  test("[PRES-4] over REST a person chooses whether they are connected or not", async () => {
    const { ann, bob } = people.name("ann", "bob");
    const [anns, bobs] = [await people.open(ann), await people.open(bob)];
    await people.makeRoom(anns, bobs);
    const post = async (userId: string, body: object): Promise<unknown> => {
      clock.advance(500);
      const answer = await fetch(`${server.url}/api/v1/commands/presence_update`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${server.signToken({ userId, username: userId })}`,
          "content-type": "application/json",
        },
        body: JSON.stringify(body),
      });
      return await answer.json();
    };
    expect(await post(ann, { status: "dnd" })).toMatchObject({ presence: { status: "dnd" } });
    clock.advance(300);
    expect(await people.changes(bobs)).toEqual([{ userId: ann, username: ann, status: "dnd" }]);
    expect(await post(`${ann}x`, { status: "away" })).toMatchObject({ presence: { status: "offline" } });
    const stranger = await people.open(`${ann}x`);
    expect((await requestOk(stranger.socket, "watch_presence", { userIds: [`${ann}x`] })).users).toMatchObject([
      { status: "away" },
    ]);
  });
});
