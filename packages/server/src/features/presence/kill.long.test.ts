import { connect, eventually, requestOk, spawnServer } from "@mirage/testing";
import { expect, test } from "vitest";

test("[PRES-8] after a kill everyone is gone as of then, choices stand, and who comes back is here", async () => {
  const server = await spawnServer({ env: { CONNECTION_RATE_LIMIT: "0" } });
  try {
    const bob = await connect(server, "bob");
    const ann = await connect(server, "ann");
    await requestOk(bob, "presence_update", { status: "dnd", text: "Deep work" });
    const watch = async (from: typeof ann) => (await requestOk(from, "watch_presence", { userIds: ["bob"] })).users[0];
    expect(await watch(ann)).toMatchObject({ status: "dnd", text: "Deep work" });
    const killedAt = Date.now();
    await server.kill();
    bob.disconnect();
    ann.disconnect();
    await server.start();
    const annAgain = await connect(server, "ann");
    const gone = await eventually(
      async () => {
        const seen = await watch(annAgain);
        return seen?.status === "offline" && seen;
      },
      { timeoutMs: 20_000, intervalMs: 500 },
    );
    // The lease is renewed every 5 s.
    expect(killedAt - Date.parse(gone.lastSeen ?? "")).toBeLessThan(6_000);
    const bobAgain = await connect(server, "bob");
    await eventually(async () => expect(await watch(annAgain)).toMatchObject({ status: "dnd", text: "Deep work" }));
    bobAgain.disconnect();
    await eventually(async () => (await watch(annAgain))?.status === "offline", { timeoutMs: 10_000, intervalMs: 500 });
    annAgain.disconnect();
  } finally {
    await server.remove();
  }
});
