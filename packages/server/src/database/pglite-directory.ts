import { chmodSync, existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { PgliteLink } from "./pglite-link.ts";

const makeDeadlineMs = 120_000;

/**
 * Makes the database's files at first start, in `pglite.new`, and gives them their name only when they are whole.
 * So a process killed half-way leaves nothing that looks like a database, and only a directory that never had its
 * name is ever deleted. The caller holds the directory's lock.
 */
export async function prepareDirectory(dataDir: string): Promise<string> {
  const directory = join(dataDir, "pglite");
  if (holdsDatabase(directory)) {
    // A copy that was put back may have lost its mode; where it is somebody else's it stays as it is.
    if (statSync(directory).uid === process.getuid?.()) chmodSync(directory, 0o700);
    return directory;
  }
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new Error(
      `${directory} holds files but no database. Move it away, restore it from a backup, or choose another DATA_DIR.`,
    );
  }
  const unfinished = join(dataDir, "pglite.new");
  rmSync(unfinished, { recursive: true, force: true });
  const link = await PgliteLink.open({
    directory: unfinished,
    openDeadlineMs: makeDeadlineMs,
    silenceMs: makeDeadlineMs,
    onDeath: () => undefined,
  });
  await link.close(makeDeadlineMs);
  chmodSync(unfinished, 0o700);
  renameSync(unfinished, directory);
  return directory;
}

/** Whether a whole database lies there. */
export function holdsDatabase(directory: string): boolean {
  return existsSync(join(directory, "PG_VERSION"));
}
