import { accessSync, constants, existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { findLockOwner } from "./directory-lock.ts";
import { checkMigrations } from "./migrate.ts";
import { openDatabase, readServerVersion } from "./open-database.ts";
import { holdsDatabase } from "./pglite-directory.ts";

export interface DatabaseFinding {
  level: "ok" | "warn" | "error";
  what: string;
  /** What to do about it. */
  fix?: string;
}

/** Looks whether the database that the settings name can be used. Makes and changes nothing that is not there yet. */
export async function checkDatabase(settings: {
  databaseUrl: string | undefined;
  dataDir: string;
  /** A server of this project listens on the configured port. */
  isRunning?: boolean;
}): Promise<DatabaseFinding[]> {
  const dataDir = resolve(settings.dataDir);
  const directory = checkDirectory(dataDir);
  if (settings.databaseUrl !== undefined) return [directory, ...(await checkOpened(settings))];
  if (directory.level === "error") return [directory];
  const owner = findLockOwner(dataDir);
  if (owner !== undefined) {
    return [
      directory,
      {
        level: settings.isRunning === true ? "warn" : "error",
        what: `The embedded database is in use by process ${owner.pid}; it was not looked into.`,
        fix:
          settings.isRunning === true
            ? "Nothing, if that is the server that is running."
            : "Stop that process, or set DATA_DIR to another directory.",
      },
    ];
  }
  if (!holdsDatabase(join(dataDir, "pglite"))) {
    return [directory, { level: "ok", what: "The embedded database will be made at first start." }];
  }
  return [directory, ...(await checkOpened(settings))];
}

function checkDirectory(dataDir: string): DatabaseFinding {
  const subject = existsSync(dataDir) ? dataDir : nearestParent(dataDir);
  try {
    accessSync(subject, constants.W_OK | constants.X_OK);
    return { level: "ok", what: `The data directory ${dataDir} is writable.` };
  } catch (error) {
    return {
      level: "error",
      what: `The data directory ${dataDir} is not writable: ${error instanceof Error ? error.message : error}`,
      fix: "Give this user the right to write there, or set DATA_DIR.",
    };
  }
}

function nearestParent(path: string): string {
  const parent = resolve(path, "..");
  return existsSync(parent) || parent === path ? parent : nearestParent(parent);
}

async function checkOpened(settings: { databaseUrl: string | undefined; dataDir: string }): Promise<DatabaseFinding[]> {
  try {
    const database = await openDatabase(settings);
    try {
      const version = Math.floor((await readServerVersion(database)) / 10_000);
      const kind = database.kind === "postgres" ? "Postgres" : "The embedded database";
      return [
        { level: "ok", what: `${kind} answers (version ${version}).` },
        checkPending(await checkMigrations(database)),
      ];
    } finally {
      await database.close();
    }
  } catch (error) {
    return [
      {
        level: "error",
        what: `The database cannot be used: ${error instanceof Error ? error.message : error}`,
        fix: settings.databaseUrl === undefined ? "See the message." : "Check DATABASE_URL and that the server runs.",
      },
    ];
  }
}

function checkPending(pending: readonly string[]): DatabaseFinding {
  if (pending.length === 0) return { level: "ok", what: "All migrations are applied." };
  return {
    level: "warn",
    what: `Migrations are pending: ${pending.join(", ")}.`,
    fix: "They are applied at the next start.",
  };
}
