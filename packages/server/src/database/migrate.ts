import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Database, ExclusiveConnection } from "./database.ts";

/** One file of `migrations/`, in the order of its journal. */
interface Migration {
  name: string;
  text: string;
  hash: string;
}

/** Taken by whoever migrates; others wait. An arbitrary number that nothing else here uses. */
const advisoryLock = 7_024_511_963;
/** A table that others read and write is waited for so long, then the migration is given up rather than they held up. */
const lockTimeoutMs = 10_000;

/**
 * Applies what is missing, each migration in a transaction of its own, and makes sure of the first rows.
 * Processes that start together wait for each other. Only forward: a migration that was applied is never changed.
 */
export async function migrate(database: Database): Promise<void> {
  await database.exclusive(async (connection) => {
    if (database.kind === "postgres") await connection.query("select pg_advisory_lock($1)", [advisoryLock]);
    await connection.query(
      `create table if not exists migrations (
        name text primary key, hash text not null, applied_at timestamptz not null default now())`,
    );
    const applied = await connection.query<AppliedRow>("select name, hash from migrations");
    for (const migration of pendingOf(applied)) await apply(connection, migration);
    await insertFirstRows(connection);
  });
}

/** Names of migrations that are not applied yet, oldest first. Changes nothing. */
export async function checkMigrations(database: Database): Promise<string[]> {
  const [found] = await database.query<{ present: boolean }>("select to_regclass('migrations') is not null as present");
  const applied = found?.present ? await database.query<AppliedRow>("select name, hash from migrations") : [];
  return pendingOf(applied).map((migration) => migration.name);
}

interface AppliedRow {
  name: string;
  hash: string;
}

function pendingOf(applied: readonly AppliedRow[]): Migration[] {
  const hashes = new Map(applied.map(({ name, hash }) => [name, hash]));
  return readMigrations().filter(({ name, hash }) => {
    const appliedHash = hashes.get(name);
    if (appliedHash !== undefined && appliedHash !== hash) {
      throw new Error(
        `Migration ${name} is not the one that was applied to this database. Restore the file and add a new migration instead.`,
      );
    }
    return appliedHash === undefined;
  });
}

async function apply(connection: ExclusiveConnection, { name, text, hash }: Migration): Promise<void> {
  await connection.script("begin");
  try {
    await connection.script(`set local lock_timeout = ${lockTimeoutMs}`);
    for (const part of text.split("--> statement-breakpoint")) {
      if (part.trim() !== "") await connection.script(part);
    }
    await connection.query("insert into migrations (name, hash) values ($1, $2)", [name, hash]);
    await connection.script("commit");
  } catch (error) {
    throw new Error(`Migration ${name} failed: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

async function insertFirstRows(connection: ExclusiveConnection): Promise<void> {
  await connection.query("insert into instance (key, value) values ('epoch', $1) on conflict do nothing", [
    randomBytes(16).toString("hex"),
  ]);
  await connection.query("insert into streams (id) values ('room:general') on conflict do nothing");
  await connection.query(
    `insert into rooms (id, name, type, description)
     values ('general', 'General', 'public', 'Everyone is here.') on conflict do nothing`,
  );
}

function readMigrations(): Migration[] {
  const journal = JSON.parse(readFileSync(new URL("./migrations/meta/_journal.json", import.meta.url), "utf8")) as {
    entries: { tag: string }[];
  };
  return journal.entries.map(({ tag }) => {
    const text = readFileSync(new URL(`./migrations/${tag}.sql`, import.meta.url), "utf8").replaceAll("\r\n", "\n");
    return { name: tag, text, hash: createHash("sha256").update(text).digest("hex") };
  });
}
