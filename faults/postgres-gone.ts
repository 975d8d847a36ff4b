import { readFileSync } from "node:fs";
import {
  createTestStorage,
  eventually,
  type PrivatePostgres,
  pause,
  spawnServer,
  startPostgres,
} from "@mirage/testing";
import { type Check, check, checkRefusals, checkTime, checkViolations, type Fault } from "./fault.ts";
import type { FaultClient } from "./fault-client.ts";
import { judge, readFresh } from "./judge.ts";
import { makeRooms, startClients } from "./make-rooms.ts";
import { unlimited } from "./unlimited.ts";
import { Workload } from "./workload.ts";

const goneMs = 10_000;

/** The database dies, and later hangs, while people write. */
export const postgresGone: Fault = {
  summary: "Postgres is killed for 10 s, then stopped for 10 s, under load",
  defaults: { messagesPerSecond: 100 },
  ownDatabase: "postgres",
  async run({ options, random, say }) {
    const postgres = await startPostgres({ isDurable: true });
    process.env.TEST_POSTGRES_URL = postgres.url;
    const storage = await createTestStorage("postgres");
    const server = await spawnServer({ storage, env: unlimited, readyTimeoutMs: 90_000 });
    try {
      const roomIds = await makeRooms(server, 3);
      const clients = await startClients(options.clients, { roomIds, place: () => server });
      const workload = new Workload({ clients, roomIds, messagesPerSecond: options.messagesPerSecond, random });
      workload.start();
      await pause(2_000);
      const checks: Check[] = [];
      for (const way of ["killed", "stopped"] as const) {
        checks.push(...(await takeAway(postgres, { way, clients, url: server.url })));
        say(`Postgres was ${way} and is back`);
        await pause(2_000);
      }
      await workload.stop();
      const fresh = await readFresh(server, { clients, roomIds, withinMs: 10_000 });
      for (const client of clients) client.stop();
      const exit = await server.stop();
      const violations = await judge(storage, { clients, fresh });
      const acked = clients.reduce((total, client) => total + client.ackedCount, 0);
      checks.push(
        checkViolations(violations, `${workload.sentCount} sent, ${acked} acknowledged`),
        checkRefusals(clients),
        check("a planned stop ends well", exit === 0, `exit ${exit}`),
      );
      return { clients, serverOutputs: [server.output()], checks };
    } finally {
      await server.remove();
      await postgres.stop();
    }
  },
};

async function takeAway(
  postgres: PrivatePostgres,
  at: { way: "killed" | "stopped"; clients: readonly FaultClient[]; url: string },
): Promise<Check[]> {
  const { way, clients, url } = at;
  const count = (of: (client: FaultClient) => number) => clients.reduce((total, client) => total + of(client), 0);
  const unavailableBefore = count((client) => client.unavailableCount);
  const stopped = way === "stopped" ? [postgres.pid, ...childrenOf(postgres.pid)] : [];
  if (way === "killed") await postgres.crash();
  for (const pid of stopped) signal(pid, "SIGSTOP");
  await pause(goneMs / 2);
  const during = await readiness(url);
  const ackedInside = count((client) => client.ackedCount);
  await pause(goneMs / 2);
  const ackedAtEnd = count((client) => client.ackedCount);
  if (way === "killed") await postgres.start();
  for (const pid of stopped) signal(pid, "SIGCONT");
  const backMs = performance.now();
  await eventually(() => count((client) => client.ackedCount) > ackedAtEnd, { timeoutMs: 60_000 });
  const serviceMs = Math.round(performance.now() - backMs);
  await eventually(async () => (await readiness(url)) === 200, { timeoutMs: 60_000 });
  const unavailable = count((client) => client.unavailableCount) - unavailableBefore;
  return [
    check(`${way}: sends are answered unavailable`, unavailable > 0, `${unavailable} times`),
    check(`${way}: nothing is acknowledged meanwhile`, ackedAtEnd === ackedInside, `${ackedAtEnd - ackedInside}`),
    check(`${way}: /readyz says 503`, during === 503, `${during}`),
    checkTime(
      `${way}: service is back within 5 s`,
      { tookMs: serviceMs, maxMs: 5_000 },
      `first acknowledgement after ${serviceMs} ms`,
    ),
  ];
}

async function readiness(url: string): Promise<number> {
  const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) });
  await answer.text();
  return answer.status;
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.split(" ").map(Number).filter(Boolean);
}

/** A process may have ended by itself in between. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
