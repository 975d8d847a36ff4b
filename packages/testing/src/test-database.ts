import { createHash, randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Database } from "../../server/src/database/database.ts";
import { keepPgliteCompiled } from "./compiled-pglite.ts";

/**
 * Where a test's server keeps its data: a directory of its own, and a database of its own that is migrated already.
 * `TEST_DATABASE` chooses the driver: `pglite` (default), or `postgres` at `TEST_POSTGRES_URL`.
 */
export interface TestStorage {
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  /** Removes all of it; nothing may have it open. */
  remove(): Promise<void>;
}

/** An open, migrated database of its own, for tests below the server. */
export interface TestDatabase {
  readonly database: Database;
  readonly storage: TestStorage;
  close(): Promise<void>;
}

const migrations = fileURLToPath(new URL("../../server/src/database/migrations", import.meta.url));
const cache = fileURLToPath(new URL("../../../node_modules/.cache/mirage-databases", import.meta.url));

/** The driver that tests run on. */
export function testDatabaseKind(): "pglite" | "postgres" {
  return process.env.TEST_DATABASE === "postgres" ? "postgres" : "pglite";
}

export async function createTestStorage(kind = testDatabaseKind()): Promise<TestStorage> {
  const dataDir = mkdtempSync(join(tmpdir(), "mirage-data-"));
  const removeDir = () => rmSync(dataDir, { recursive: true, force: true });
  if (kind === "pglite") {
    cpSync(await preparePgliteTemplate(), dataDir, { recursive: true });
    return { dataDir, databaseUrl: undefined, remove: async () => removeDir() };
  }
  const { url, drop } = await createPostgresDatabase();
  return {
    dataDir,
    databaseUrl: url,
    async remove() {
      removeDir();
      await drop();
    },
  };
}

export async function openTestDatabase(): Promise<TestDatabase> {
  const storage = await createTestStorage();
  if (storage.databaseUrl === undefined) await keepPgliteCompiled();
  const database = await openMigrated(storage);
  return {
    database,
    storage,
    async close() {
      await database.close();
      await storage.remove();
    },
  };
}

async function openMigrated(at: { dataDir: string; databaseUrl: string | undefined }): Promise<Database> {
  const { openDatabase } = await import("../../server/src/database/open-database.ts");
  const { migrate } = await import("../../server/src/database/migrate.ts");
  const database = await openDatabase({
    dataDir: at.dataDir,
    ...(at.databaseUrl === undefined ? {} : { databaseUrl: at.databaseUrl }),
  });
  await migrate(database);
  return database;
}

// Making a cluster takes seconds, copying one does not: it is made once for each state of the migrations.
async function preparePgliteTemplate(): Promise<string> {
  const template = join(cache, `pglite-${migrationsKey()}`);
  if (existsSync(template)) return template;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, "draft-"));
  const database = await openMigrated({ dataDir: draft, databaseUrl: undefined });
  await database.close();
  try {
    renameSync(draft, template);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another worker may have been faster; its template is as good.
    if (!existsSync(template)) throw error;
  }
  return template;
}

async function createPostgresDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const adminUrl = process.env.TEST_POSTGRES_URL;
  if (!adminUrl) throw new Error("TEST_POSTGRES_URL is not set: run `npm test`, which starts a Postgres of its own");
  const { default: connect } = await import("postgres");
  const template = `mirage_template_${migrationsKey()}`;
  const name = `mirage_test_${randomBytes(6).toString("hex")}`;
  const admin = connect(adminUrl, { max: 1, onnotice: () => undefined });
  try {
    // One worker makes the template, the others wait for it; copying one lets nobody be connected to it.
    await admin`select pg_advisory_lock(7150923)`;
    const known = await admin`select 1 from pg_database where datname = ${template}`;
    if (known.length === 0) await createPostgresTemplate(admin, withDatabase(adminUrl, template));
    await admin.unsafe(`create database ${name} template ${template}`);
  } finally {
    await admin.end();
  }
  return { url: withDatabase(adminUrl, name), drop: () => dropDatabase(adminUrl, name) };
}

async function createPostgresTemplate(
  admin: { unsafe(text: string): PromiseLike<unknown> },
  url: string,
): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  const draft = `${name}_draft`;
  await admin.unsafe(`drop database if exists ${draft} with (force)`);
  await admin.unsafe(`create database ${draft}`);
  const dataDir = mkdtempSync(join(tmpdir(), "mirage-data-"));
  const database = await openMigrated({ dataDir, databaseUrl: withDatabase(url, draft) });
  await database.close();
  rmSync(dataDir, { recursive: true, force: true });
  await admin.unsafe(`alter database ${draft} rename to ${name}`);
}

async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  const { default: connect } = await import("postgres");
  const admin = connect(adminUrl, { max: 1, onnotice: () => undefined });
  await admin.unsafe(`drop database if exists ${name} with (force)`);
  await admin.end();
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

let cachedKey: string | undefined;

// Whatever decides how a fresh database looks: the migrations and the code that applies them.
function migrationsKey(): string {
  if (cachedKey) return cachedKey;
  const hash = createHash("sha256");
  const files = readdirSync(migrations).filter((name) => name.endsWith(".sql"));
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(migrations, name)));
  for (const name of ["migrate.ts", "pglite-worker.ts"]) {
    const path = join(migrations, "..", name);
    if (existsSync(path)) hash.update(readFileSync(path));
  }
  cachedKey = hash.digest("hex").slice(0, 16);
  return cachedKey;
}
