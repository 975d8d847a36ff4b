import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@mirage/testing";
import { afterAll, expect, test } from "vitest";
import { checkDatabase } from "./check-database.ts";
import { testDatabaseContract } from "./database.contract.ts";
import { openDatabase } from "./open-database.ts";
import { PgliteDatabase } from "./pglite-database.ts";

const dataDir = mkdtempSync(join(tmpdir(), "mirage-pglite-"));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

testDatabaseContract("PGlite", async () => {
  mkdirSync(join(dataDir, "pglite.new"));
  writeFileSync(join(dataDir, "pglite.new", "PG_VERSION"), "18");
  const database = await openDatabase({ dataDir });
  return { database, second: database };
});

test("[DB-6] a first start that was killed half-way is made anew, and only its owner can read the directory", () => {
  expect(readdirSync(dataDir)).toEqual(["pglite"]);
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  expect(statSync(join(dataDir, "pglite")).mode & 0o777).toBe(0o700);
});

test("[DB-6] files that are no database are not overwritten", async () => {
  const strange = mkdtempSync(join(tmpdir(), "mirage-pglite-"));
  mkdirSync(join(strange, "pglite"));
  writeFileSync(join(strange, "pglite", "precious"), "");
  await expect(openDatabase({ dataDir: strange })).rejects.toThrow("holds files but no database");
  expect(readdirSync(join(strange, "pglite"))).toEqual(["precious"]);
  expect((await checkDatabase({ databaseUrl: undefined, dataDir: strange })).map(({ level }) => level)).toEqual([
    "ok",
    "ok",
  ]);
  rmSync(strange, { recursive: true });
});

test("[DB-7] a database that hangs is started again, the call in flight fails as lost, later ones are answered", async () => {
  const database = await PgliteDatabase.open({
    directory: join(dataDir, "pglite"),
    log: () => undefined,
    silenceMs: 1_000,
  });
  await database.query("create table if not exists survivors (id int)");
  await database.query("insert into survivors values (1)");
  const hanging = database.query("select count(*) from generate_series(1, 10000000000)");
  const behind = database.query("select 1");
  await expect(hanging).rejects.toMatchObject({ connectionLost: true });
  await expect(behind).rejects.toMatchObject({ connectionLost: true });
  expect(await eventually(() => database.query("select id from survivors"))).toEqual([{ id: 1 }]);
  await database.close();
  await expect(database.query("select 1")).rejects.toThrow("closed");
});

test("[DB-8] a queue that is full refuses further calls", async () => {
  const database = await PgliteDatabase.open({ directory: join(dataDir, "pglite"), log: () => undefined });
  const [first, ...others] = Array.from({ length: 10_017 }, () => database.query("select 1"));
  const lane = database.openLane("first");
  const outcomes = Promise.allSettled(others);
  await expect(others.at(-1)).rejects.toMatchObject({ sqlState: "53000" });
  // What people have sent stands in no queue with what they read.
  expect(await lane.query("select 2 as two")).toEqual([{ two: 2 }]);
  expect(await first).toHaveLength(1);
  await database.close();
  await outcomes;
});

test("[DB-9] the doctor sees a usable database and its pending migrations", async () => {
  const findings = await checkDatabase({ databaseUrl: undefined, dataDir });
  expect(findings.map(({ level }) => level)).toEqual(["ok", "ok", "ok"]);
});
