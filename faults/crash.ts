import { createTestStorage, eventually, pause, spawnServer } from "@mirage/testing";
import { check, checkRefusals, checkTime, checkViolations, type Fault, percentile } from "./fault.ts";
import type { FaultClient } from "./fault-client.ts";
import { judge, readFresh } from "./judge.ts";
import { makeRooms, startClients } from "./make-rooms.ts";
import { unlimited } from "./unlimited.ts";
import { Workload } from "./workload.ts";

const roomCount = 3;

/** The server's process is killed again and again while people write. */
export const crash: Fault = {
  summary: "kill -9 the server at random moments while clients post, edit, react and delete",
  async run({ options, random, say }) {
    const storage = await createTestStorage(options.database);
    const server = await spawnServer({ storage, env: unlimited, readyTimeoutMs: 90_000 });
    const startsMs: number[] = [];
    const returnsMs: number[] = [];
    try {
      const roomIds = await makeRooms(server, roomCount);
      const clients = await startClients(options.clients, { roomIds, place: () => server });
      const workload = new Workload({ clients, roomIds, messagesPerSecond: options.messagesPerSecond, random });
      workload.start();
      for (let kill = 1; kill <= options.kills; kill++) {
        await pause(random.between(300, 2_000));
        await server.kill();
        const startedMs = performance.now();
        await server.start();
        startsMs.push(performance.now() - startedMs);
        // Now and then the next kill comes while clients are still on their way back.
        if (random.next() < 0.7) returnsMs.push(await waitForAll(clients));
        say(`kill ${kill} of ${options.kills}: back after ${Math.round(startsMs.at(-1) ?? 0)} ms`);
      }
      await pause(1_000);
      await workload.stop();
      const fresh = await readFresh(server, { clients, roomIds, withinMs: 10_000 });
      for (const client of clients) client.stop();
      const exit = await server.stop();
      const violations = await judge(storage, { clients, fresh });
      const sum = (count: (client: (typeof clients)[number]) => number) =>
        clients.reduce((total, client) => total + count(client), 0);
      const figures = [
        `${workload.sentCount} sent`,
        `${sum((client) => client.ackedCount)} acknowledged`,
        `${sum((client) => client.duplicateCount)} repeats answered as duplicates`,
        `${sum((client) => client.fullHistory.length)} entries`,
      ].join(", ");
      return {
        clients,
        serverOutputs: [server.output()],
        checks: [
          checkViolations(violations, figures),
          checkRefusals(clients),
          check(
            "everything sent is acknowledged in the end",
            sum((client) => client.ackedCount) === workload.sentCount,
          ),
          checkTime(
            "the server is back within 5 s of each kill",
            { tookMs: percentile(startsMs, 1), maxMs: 5_000 },
            `p50 ${percentile(startsMs, 0.5)} ms, longest ${percentile(startsMs, 1)} ms`,
          ),
          checkTime(
            "all clients are back within 5 s of the server",
            { tookMs: percentile(returnsMs, 1), maxMs: 5_000 },
            `p50 ${percentile(returnsMs, 0.5)} ms, longest ${percentile(returnsMs, 1)} ms`,
          ),
          check("a planned stop ends well", exit === 0, `exit ${exit}`),
        ],
      };
    } finally {
      await server.remove();
    }
  },
};

async function waitForAll(clients: readonly FaultClient[]): Promise<number> {
  const startedMs = performance.now();
  await eventually(
    () => {
      const away = clients.filter((client) => !client.isReady).map(({ name, stage }) => `${name} (${stage})`);
      if (away.length > 0) throw new Error(`not back: ${away.join(", ")}`);
    },
    { timeoutMs: 60_000 },
  );
  return performance.now() - startedMs;
}
