import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/**
 * One process per data directory: two embedded databases on one directory silently lose each other's rows.
 *
 * Two things are held. An abstract unix socket (Linux), which the kernel gives to one process only and takes back at
 * its death; it settles races between starters. And a file that says who holds the directory, for other systems, for
 * containers that share a volume but no network, and for the message. A file whose owner is dead is taken over.
 */
export interface DirectoryLock {
  release(): Promise<void>;
}

/** The directory belongs to another process. The message says to which, and what to do. */
export class DirectoryLockedError extends Error {
  override readonly name = "DirectoryLockedError";
  readonly pid: number | undefined;

  constructor(directory: string, owner: LockOwner | undefined) {
    const elsewhere = owner !== undefined && owner.host !== hostname() ? ` on ${owner.host}` : "";
    const who = owner === undefined ? "" : ` (pid ${owner.pid}${elsewhere})`;
    super(`Another Mirage process${who} is using ${directory}. Stop it, or choose another DATA_DIR.`);
    this.pid = owner?.pid;
  }
}

export interface LockOwner {
  pid: number;
  /** When the process started and in which life of the machine; tells it from a later one with the same pid. */
  startedAt: string | undefined;
  host: string;
}

const heartbeatMs = 5_000;
/** Of an owner on another host only its heartbeat can be seen. */
const silentAfterMs = 20_000;

/** @throws DirectoryLockedError */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const socket = await holdSocket(directory);
  try {
    const file = join(directory, fileName);
    const mark = takeFile(directory);
    const heartbeat = setInterval(() => touch(file), heartbeatMs).unref();
    return {
      release: async () => {
        clearInterval(heartbeat);
        if (readText(file) === mark) rmSync(file, { force: true });
        await closeSocket(socket);
      },
    };
  } catch (error) {
    await closeSocket(socket);
    throw error;
  }
}

/** Who holds the directory now, if a living process does. Looks only. */
export function findLockOwner(directory: string): LockOwner | undefined {
  const text = readText(join(directory, fileName));
  const owner = text === undefined ? undefined : parseOwner(text);
  return owner !== undefined && isAlive(owner, join(directory, fileName)) ? owner : undefined;
}

const fileName = "lock";

function takeFile(directory: string): string {
  const file = join(directory, fileName);
  const self: LockOwner = { pid: process.pid, startedAt: startOf(process.pid), host: hostname() };
  const mark = `${JSON.stringify(self)}\n`;
  const found = readText(file);
  if (found !== undefined) {
    const owner = parseOwner(found);
    if (owner !== undefined && isAlive(owner, file)) throw new DirectoryLockedError(directory, owner);
    removeStale(directory, found);
  }
  try {
    writeFileSync(file, mark, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
    throw new DirectoryLockedError(directory, findLockOwner(directory));
  }
  return mark;
}

/** Moves the file away before looking again, so that of two who take over only one removes the file that was read. */
function removeStale(directory: string, expected: string): void {
  const file = join(directory, fileName);
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  if (readText(aside) !== expected) {
    renameSync(aside, file);
    throw new DirectoryLockedError(directory, findLockOwner(directory));
  }
  rmSync(aside, { force: true });
}

function isAlive(owner: LockOwner, file: string): boolean {
  if (owner.host !== hostname()) return Date.now() - modifiedAt(file) < silentAfterMs;
  if (owner.pid === process.pid) return owner.startedAt === startOf(process.pid);
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (!hasCode(error, "EPERM")) return false;
  }
  const startedAt = startOf(owner.pid);
  return startedAt === undefined || owner.startedAt === undefined || startedAt === owner.startedAt;
}

/** Field 22 of /proc/<pid>/stat, counted after the name in parentheses, which may hold spaces; plus the boot's id. */
function startOf(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  const boot = readText("/proc/sys/kernel/random/boot_id");
  const ticks = stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return ticks === undefined || boot === undefined ? undefined : `${boot.trim()}/${ticks}`;
}

async function holdSocket(directory: string): Promise<Server | undefined> {
  if (process.platform !== "linux") return undefined;
  const digest = createHash("sha256").update(realpathSync(directory)).digest("hex").slice(0, 32);
  const server = createServer((peer) => peer.destroy()).unref();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ path: `\0mirage-${digest}` }, resolve);
  try {
    await promise;
    return server;
  } catch (error) {
    if (!hasCode(error, "EADDRINUSE")) throw error;
    throw new DirectoryLockedError(directory, await waitForOwner(directory));
  }
}

/** Whoever has the socket writes the file in the next instant; worth a moment, to name them. */
async function waitForOwner(directory: string): Promise<LockOwner | undefined> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const owner = findLockOwner(directory);
    if (owner !== undefined) return owner;
    await wait(20);
  }
  return undefined;
}

async function closeSocket(server: Server | undefined): Promise<void> {
  if (server === undefined) return;
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

function parseOwner(text: string): LockOwner | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { pid, startedAt, host } = value as Partial<Record<keyof LockOwner, unknown>>;
    if (typeof pid !== "number" || typeof host !== "string") return undefined;
    return { pid, host, startedAt: typeof startedAt === "string" ? startedAt : undefined };
  } catch {
    return undefined;
  }
}

function touch(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch (error) {
    // Removed by hand: the socket still holds the directory.
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ESRCH")) return undefined;
    throw error;
  }
}

function modifiedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
