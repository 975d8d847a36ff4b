import { resolve } from "node:path";
import type { Database } from "./database.ts";
import type { DatabaseLog } from "./database-log.ts";
import { lockDirectory } from "./directory-lock.ts";
import { PgliteDatabase } from "./pglite-database.ts";
import { prepareDirectory } from "./pglite-directory.ts";
import { PostgresDatabase } from "./postgres-database.ts";

export interface OpenDatabaseOptions {
  /** Absent: the embedded database in `dataDir`. */
  databaseUrl?: string | undefined;
  dataDir: string;
  log?: DatabaseLog | undefined;
}

/** SQL is written for this release and later. */
const oldestVersion = 150_000;

/** Opens the database that the settings name. Bring its tables up to date with `migrate`. */
export async function openDatabase({
  databaseUrl,
  dataDir,
  log = () => undefined,
}: OpenDatabaseOptions): Promise<Database> {
  return databaseUrl === undefined ? await openEmbedded(resolve(dataDir), log) : await openPostgres(databaseUrl, log);
}

async function openEmbedded(dataDir: string, log: DatabaseLog): Promise<Database> {
  const lock = await lockDirectory(dataDir);
  try {
    const directory = await prepareDirectory(dataDir);
    return await PgliteDatabase.open({ directory, log, onClose: () => lock.release() });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openPostgres(databaseUrl: string, log: DatabaseLog): Promise<Database> {
  const database = new PostgresDatabase({ databaseUrl, log });
  try {
    const version = await readServerVersion(database);
    if (version < oldestVersion) {
      throw new Error(`Postgres ${Math.floor(version / 10_000)} is too old; 15 or later is needed.`);
    }
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** As Postgres writes it: 150004 is 15.4. */
export async function readServerVersion(database: Database): Promise<number> {
  const [row] = await database.query<{ version: number }>(
    "select current_setting('server_version_num')::int as version",
  );
  return row?.version ?? 0;
}
