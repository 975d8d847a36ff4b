import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { DirectoryLockedError, findLockOwner, lockDirectory } from "./directory-lock.ts";

const root = mkdtempSync(join(tmpdir(), "mirage-lock-"));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

const lockModule = fileURLToPath(new URL("./directory-lock.ts", import.meta.url));
const program = `
  import { lockDirectory } from ${JSON.stringify(lockModule)};
  try {
    await lockDirectory(process.argv[1]);
    console.log("locked");
    setInterval(() => {}, 1000);
  } catch (error) {
    console.log(error.message);
  }`;

/** Another process that tries to take the directory; says what came of it. */
async function startOther(directory: string): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const [said] = await once(createInterface(child.stdout), "line");
  return { child, said };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

test("[LOCK-1] a directory that a living process holds is refused, with its pid and what to do", async () => {
  const directory = join(root, "held");
  const { child, said } = await startOther(directory);
  expect(said).toBe("locked");
  const refusal = await lockDirectory(directory).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(DirectoryLockedError);
  expect(refusal).toMatchObject({
    message: `Another Mirage process (pid ${child.pid}) is using ${directory}. Stop it, or choose another DATA_DIR.`,
    pid: child.pid,
  });
  expect(findLockOwner(directory)).toMatchObject({ pid: child.pid });
});

test("[LOCK-2] a directory whose process was killed is taken over at once", async () => {
  const directory = join(root, "killed");
  const { child } = await startOther(directory);
  await kill(child);
  expect(existsSync(join(directory, "lock"))).toBe(true);
  const lock = await lockDirectory(directory);
  expect(findLockOwner(directory)).toMatchObject({ pid: process.pid });
  await lock.release();
  expect(readdirSync(directory)).toEqual([]);
  await (await lockDirectory(directory)).release();
});

test("[LOCK-1] the same process cannot take a directory twice", async () => {
  const directory = join(root, "twice");
  const lock = await lockDirectory(directory);
  await expect(lockDirectory(directory)).rejects.toMatchObject({ pid: process.pid });
  await lock.release();
});

test("[LOCK-3] of many that start at once after a kill exactly one gets the directory", async () => {
  const directory = join(root, "raced");
  const first = await startOther(directory);
  await kill(first.child);
  const racers = await Promise.all(Array.from({ length: 4 }, () => startOther(directory)));
  expect(racers.filter(({ said }) => said === "locked")).toHaveLength(1);
  expect(racers.filter(({ said }) => said.startsWith("Another Mirage process"))).toHaveLength(3);
});

test("[LOCK-2] a later process that has the dead owner's pid is not taken for it", async () => {
  const directory = join(root, "reused");
  const lock = await lockDirectory(directory);
  await lock.release();
  writeOwner(directory, { pid: process.ppid, startedAt: "another boot/1", host: hostname() });
  await (await lockDirectory(directory)).release();
});

test("[LOCK-4] an owner on another host counts as alive while its heartbeat is fresh", async () => {
  const directory = join(root, "elsewhere");
  await (await lockDirectory(directory)).release();
  const file = writeOwner(directory, { pid: 1, startedAt: "x/1", host: "elsewhere" });
  await expect(lockDirectory(directory)).rejects.toThrow("(pid 1 on elsewhere)");
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(file, longAgo, longAgo);
  await (await lockDirectory(directory)).release();
});

function writeOwner(directory: string, owner: { pid: number; startedAt: string; host: string }): string {
  const file = join(directory, "lock");
  writeFileSync(file, JSON.stringify(owner));
  return file;
}
