import { eventually, Inbox, requestOk, startTestServer } from "@mirage/testing";
import { expect, test } from "vitest";

/** As if a node had died with Bob connected to it, 20 s ago. */
const bury = `
  WITH dead AS (INSERT INTO node_leases (node, renewed_at, expires_at) VALUES ('dead', now() - interval '20 s', now() - interval '5 s')
    RETURNING renewed_at)
  , here AS (INSERT INTO presence_nodes (user_id, node, is_away) VALUES ('bob', 'dead', false))
  SELECT renewed_at AS at FROM dead`;

test("[PRES-8] whoever was at a node that died was last seen when it was last heard of", async () => {
  const first = await startTestServer();
  (await first.connect("bob")).disconnect();
  await eventually(async () => (await first.running.database.query("SELECT 1 FROM presences")).length > 0);
  await eventually(() => first.running.getConnectedUsers().length === 0);
  const [row] = await first.running.database.query<{ at: Date }>(bury);
  await first.close({ keepsStorage: true });
  // What this one knew of its own it has said; the dead node's people are left to whoever comes next.
  const second = await startTestServer({ storage: first.storage, settings: { jwtSecret: first.jwtSecret } });
  try {
    const ann = await second.connect("ann");
    const { users } = await requestOk(ann, "watch_presence", { userIds: ["bob"] });
    expect(users).toMatchObject([{ userId: "bob", status: "offline" }]);
    expect(Date.parse(users[0]?.lastSeen ?? "")).toBeGreaterThanOrEqual(row?.at.getTime() ?? Number.NaN);
    expect(await second.running.database.query("SELECT * FROM presence_nodes WHERE node = 'dead'")).toEqual([]);
    const leases = await second.running.database.query("SELECT node FROM node_leases");
    expect(leases).toHaveLength(1);
  } finally {
    await second.close();
  }
});

test("[PRES-8] a stop leaves everyone gone as of then, and a choice as it was", async () => {
  const first = await startTestServer();
  const bob = await first.connect("bob");
  await requestOk(bob, "presence_update", { status: "dnd", text: "Deep work" });
  const stoppedAt = Date.now();
  await first.close({ keepsStorage: true });
  const second = await startTestServer({ storage: first.storage, settings: { jwtSecret: first.jwtSecret } });
  try {
    const ann = await second.connect("ann");
    const watch = () => requestOk(ann, "watch_presence", { userIds: ["bob"] });
    const [gone] = (await watch()).users;
    expect(gone).toMatchObject({ status: "offline" });
    expect(Math.abs(Date.parse(gone?.lastSeen ?? "") - stoppedAt)).toBeLessThan(2_000);
    const inbox = new Inbox(ann);
    await second.connect("bob");
    expect((await watch()).users).toEqual([{ userId: "bob", username: "bob", status: "dnd", text: "Deep work" }]);
    // Who comes back right after a restart is told of with all others, a moment later.
    await eventually(() => inbox.of("user_online").length === 1, { timeoutMs: 7_000 });
  } finally {
    await second.close();
  }
});
