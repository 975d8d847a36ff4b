import type { EventName } from "@mirage/protocol";
import { eventually, Inbox, requestOk, startTestServer, type TestSocket } from "@mirage/testing";
import { expect, test } from "vitest";

/** As if a node had died with Bob connected to it, 20 s ago. */
const bury = `
  WITH dead AS (INSERT INTO node_leases (node, renewed_at, expires_at) VALUES ('dead', now() - interval '20 s', now() - interval '5 s')
    RETURNING renewed_at)
  , here AS (INSERT INTO presence_nodes (user_id, node, is_away) VALUES ('bob', 'dead', false))
  SELECT renewed_at AS at FROM dead`;

/** Where other nodes may live, the people of one that stopped count for a moment yet. */
const whenOffline = (watcher: TestSocket) =>
  eventually(
    async () => {
      const [bob] = (await requestOk(watcher, "watch_presence", { userIds: ["bob"] })).users;
      return bob?.status === "offline" && bob;
    },
    { timeoutMs: 20_000 },
  );

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
    const bob = await whenOffline(await second.connect("ann"));
    expect(Date.parse(bob.lastSeen ?? "")).toBeGreaterThanOrEqual(row?.at.getTime() ?? Number.NaN);
    expect(await second.running.database.query("SELECT * FROM presence_nodes WHERE node = 'dead'")).toEqual([]);
    const leases = await second.running.database.query("SELECT node FROM node_leases WHERE expires_at > now()");
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
    const gone = await whenOffline(ann);
    expect(Math.abs(Date.parse(gone.lastSeen ?? "") - stoppedAt)).toBeLessThan(2_000);
    const inbox = new Inbox(ann);
    await second.connect("bob");
    expect((await watch()).users).toEqual([{ userId: "bob", username: "bob", status: "dnd", text: "Deep work" }]);
    // Who comes back right after a restart is told of with all others, a moment later.
    const tellsOfBob = new Set<EventName>(["user_online", "presence_changed"]);
    await eventually(() => inbox.names.some((name) => tellsOfBob.has(name)), { timeoutMs: 7_000 });
  } finally {
    await second.close();
  }
});
