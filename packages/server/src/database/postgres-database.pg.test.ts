import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { eventually } from "@mirage/testing";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkDatabase } from "./check-database.ts";
import { testDatabaseContract } from "./database.contract.ts";
import { openDatabase } from "./open-database.ts";
import { PostgresDatabase } from "./postgres-database.ts";

const adminUrl = process.env.TEST_POSTGRES_URL ?? "";
const name = `mirage_driver_${randomBytes(6).toString("hex")}`;
const databaseUrl = Object.assign(new URL(adminUrl), { pathname: `/${name}` }).href;
const admin = postgres(adminUrl, { max: 1, onnotice: () => undefined });

beforeAll(async () => {
  await admin.unsafe(`create database ${name}`);
});
afterAll(async () => {
  await admin.unsafe(`drop database ${name} with (force)`);
  await admin.end();
});

testDatabaseContract("Postgres", async () => {
  const [database, second] = await Promise.all([open(databaseUrl), open(databaseUrl)]);
  return { database, second };
});

function open(url: string) {
  return openDatabase({ databaseUrl: url, dataDir: "/nowhere" });
}

test("[DB-10] connections carry the time limits that keep one node from holding up another", async () => {
  const database = await open(databaseUrl);
  const read = `select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement,
    current_setting('idle_in_transaction_session_timeout') as idle, current_setting('TimeZone') as zone`;
  const expected = { lock: "1s", statement: "10s", idle: "2s", zone: "UTC" };
  expect(await database.query(read)).toEqual([expected]);
  expect(await database.openLane("chat").query(read)).toEqual([expected]);
  await database.close();
});

test("[DB-7] a lane whose connection is killed fails the call in flight as lost and does not send it again", async () => {
  const database = await open(databaseUrl);
  const lane = database.openLane("chat");
  await database.query("create table if not exists attempts (id bigserial)");
  const [row] = await lane.query<{ pid: number }>("select pg_backend_pid() as pid");
  const inFlight = lane.query("with made as (insert into attempts default values) select pg_sleep(8)");
  const outcome = expect(inFlight).rejects.toMatchObject({ connectionLost: true });
  await eventually(async () => {
    const active = await database.query("select 1 from pg_stat_activity where pid = $1 and query like '%pg_sleep%'", [
      row?.pid ?? 0,
    ]);
    return active.length === 1;
  });
  await database.query("select pg_terminate_backend($1)", [row?.pid ?? 0]);
  await outcome;
  expect(await lane.query("select count(*) as count from attempts")).toEqual([{ count: 0 }]);
  await database.close();
});

test("[DB-7] a server that falls silent fails the call in flight within the deadline, and is used again when it is back", async () => {
  const gate = await openGate();
  const database = new PostgresDatabase({
    databaseUrl: gate.url,
    log: () => undefined,
    callDeadlineMs: 700,
    connectDeadlineMs: 500,
  });
  const lane = database.openLane("chat");
  expect(await lane.query("select 1 as one")).toEqual([{ one: 1 }]);
  gate.freeze();
  const calls = [lane.query("select 2"), lane.query("select 3"), database.query("select 4")];
  const outcomes = await Promise.allSettled(calls);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { connectionLost: true } });
  gate.thaw();
  expect(await lane.query("select 5 as five")).toEqual([{ five: 5 }]);
  await database.close();
  await gate.close();
});

test("[DB-7] a server that is gone fails calls at once, and is used again as soon as it is back", async () => {
  const gate = await openGate();
  const database = await open(gate.url);
  const lane = database.openLane("chat");
  await lane.query("select 1");
  await gate.close();
  const startedAtMs = performance.now();
  const outcomes = await Promise.allSettled([lane.query("select 1"), database.query("select 1")]);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { connectionLost: true } });
  expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  await gate.reopen();
  expect(await lane.query("select 1 as one")).toEqual([{ one: 1 }]);
  expect(await database.query("select 1 as one")).toEqual([{ one: 1 }]);
  await gate.close();
  await database.close();
});

test("[DB-9] the doctor tells a server that cannot be reached from one that can", async () => {
  const gate = await openGate();
  expect((await checkDatabase({ databaseUrl: gate.url, dataDir: "/tmp" })).map(({ level }) => level)).toEqual([
    "ok",
    "ok",
    "ok",
  ]);
  await gate.close();
  const findings = await checkDatabase({ databaseUrl: gate.url, dataDir: "/tmp" });
  expect(findings.at(-1)).toMatchObject({ level: "error", fix: expect.stringContaining("DATABASE_URL") });
});

/** A TCP way to the server that can be frozen or cut. */
async function openGate() {
  const target = new URL(adminUrl);
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const server: Server = createServer((near) => {
    const far = connect(Number(target.port || 5432), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (bytes) => isFrozen || to.write(bytes));
      from.on("close", () => to.destroy());
      from.on("error", () => to.destroy());
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: Object.assign(new URL(databaseUrl), { host: `127.0.0.1:${port}` }).href,
    freeze: () => {
      isFrozen = true;
    },
    thaw: () => {
      isFrozen = false;
    },
    reopen: async () => {
      await once(server.listen(port, "127.0.0.1"), "listening");
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
      if (server.listening) await once(server.close(), "close");
    },
  };
}
