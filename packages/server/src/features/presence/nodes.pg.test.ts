import { createTestStorage, eventually, Inbox, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Two nodes on one Postgres; Ann is at the first, the others come to either. */
let first: TestServer;
let second: TestServer;
let roomId: string;
let anns: Inbox;

beforeAll(async () => {
  const storage = await createTestStorage();
  const settings = { jwtSecret: "one secret for both of them, long enough" };
  first = await startTestServer({ storage, settings });
  second = await startTestServer({ storage, settings });
  const ann = await first.connect("ann");
  anns = new Inbox(ann);
  roomId = (await requestOk(ann, "create_room", { name: "hall" })).room.id;
});
afterAll(async () => {
  await second?.close({ keepsStorage: true });
  await first?.close();
});

const statusOf = async (server: TestServer, userId: string): Promise<string | undefined> => {
  const asking = await server.connect("ann");
  const { members } = await requestOk(asking, "list_members", { roomId });
  asking.disconnect();
  return members.find((member) => member.userId === userId)?.status;
};
const lastOf = (userId: string) =>
  anns
    .of("presence_changed")
    .flatMap(({ users }) => users)
    .findLast((user) => user.userId === userId);

test("[PRES-1] who is at another node is seen coming, choosing and going", async () => {
  const bob = await second.connect("bob");
  await requestOk(bob, "join_room", { roomId });
  await eventually(() => anns.of("user_online").some(({ userId }) => userId === "bob"));
  expect(lastOf("bob")).toMatchObject({ status: "online" });
  await requestOk(bob, "presence_update", { status: "dnd", text: "Busy" });
  await eventually(() => lastOf("bob")?.text === "Busy");
  expect(await statusOf(first, "bob")).toBe("dnd");

  // On two nodes at once, and still here when one of them is left.
  const atFirst = await first.connect("bob");
  bob.disconnect();
  await requestOk(atFirst, "presence_update", { status: "away" });
  await eventually(async () => (await statusOf(second, "bob")) === "away", { timeoutMs: 10_000 });
  expect(anns.of("user_offline")).toEqual([]);
  atFirst.disconnect();
  await eventually(() => anns.of("user_offline").some(({ userId }) => userId === "bob"), { timeoutMs: 10_000 });
  await eventually(async () => (await statusOf(second, "bob")) === "offline");
});

test("[PRES-5] who is invisible is so on every node", async () => {
  const cat = await second.connect("cat");
  await requestOk(cat, "join_room", { roomId });
  await eventually(() => lastOf("cat")?.status === "online");
  await requestOk(cat, "presence_update", { status: "offline" });
  await eventually(() => lastOf("cat")?.status === "offline");
  expect(await statusOf(first, "cat")).toBe("offline");
  anns.clear();
  await first.connect("cat");
  await requestOk(cat, "presence_update", { status: "offline", text: "Hiding" });
  await eventually(
    async () =>
      (await second.running.database.query("SELECT 1 FROM presence_nodes WHERE user_id = 'cat'")).length === 2,
  );
  expect(lastOf("cat")).toBeUndefined();
});

test("[PRES-5] when somebody was last seen does not move because they come back invisible to another node", async () => {
  const [ann, fox] = [await first.connect("ann"), await second.connect("fox")];
  await requestOk(fox, "join_room", { roomId });
  const eve = await second.connect("eve");
  await requestOk(eve, "join_room", { roomId });
  await requestOk(eve, "presence_update", { status: "offline" });
  eve.disconnect();
  const { database } = first.running;
  const isGone = "SELECT 1 FROM presence_nodes WHERE user_id = 'eve'";
  await eventually(async () => (await database.query(isGone)).length === 0, { timeoutMs: 10_000 });
  const [row] = await database.query<{ at: Date }>("SELECT last_seen_at AS at FROM presences WHERE user_id = 'eve'");
  const again = await second.connect("eve");
  await requestOk(again, "presence_update", { status: "offline", text: "Hiding" });
  // What is written later is heard of later.
  await requestOk(fox, "presence_update", { status: "dnd", text: "After Eve" });
  await eventually(() => lastOf("fox")?.text === "After Eve");
  const { users } = await requestOk(ann, "watch_presence", { userIds: ["eve"] });
  expect(users).toMatchObject([{ status: "offline", lastSeen: row?.at.toISOString() }]);
});

test("[PRES-8] the people of a node that died are gone, and back when it turns out to live", async () => {
  const dan = await second.connect("dan");
  await requestOk(dan, "join_room", { roomId });
  await eventually(() => lastOf("dan")?.status === "online");
  // As if the second node had not been heard of for a while.
  const silence = `UPDATE node_leases SET renewed_at = now() - interval '20 s', expires_at = now() - interval '5 s'
    WHERE node = (SELECT node FROM presence_nodes WHERE user_id = 'dan')`;
  // The second node may have said that it lives before the first one looked.
  const isSeenGone = async (): Promise<boolean> => {
    await first.running.database.query(silence);
    return lastOf("dan")?.status === "offline";
  };
  await eventually(isSeenGone, { timeoutMs: 10_000, intervalMs: 250 });
  const silentForMs = Date.now() - Date.parse(lastOf("dan")?.lastSeen ?? "");
  expect(silentForMs).toBeGreaterThan(18_000);
  await eventually(() => lastOf("dan")?.status === "online", { timeoutMs: 10_000 });
});
