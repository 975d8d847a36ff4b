// What the kernel says about a process. Linux alone has these files; elsewhere there are no figures.
import { readdirSync, readFileSync } from "node:fs";

/** What proc(5) counts CPU time in: USER_HZ, 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;
/** Node gives a worker's thread the worker's name, of which the kernel keeps 15 letters. */
const databaseThread = "pglite";

/** CPU seconds so far. */
export interface CpuTime {
  total: number;
  /** The thread that runs JavaScript. */
  main: number;
  /** The embedded database's thread. */
  workers: number;
}

const noCpu: CpuTime = { total: 0, main: 0, workers: 0 };

export function readCpu(pid: number): CpuTime {
  const cpu = { ...noCpu };
  for (const thread of listFolder(`/proc/${pid}/task`)) {
    const stat = readStat(`/proc/${pid}/task/${thread}/stat`);
    if (!stat) continue;
    cpu.total += stat.cpuSeconds;
    if (Number(thread) === pid) cpu.main += stat.cpuSeconds;
    else if (stat.name === databaseThread) cpu.workers += stat.cpuSeconds;
  }
  return cpu;
}

/** A process with all that it started, as Postgres does. */
export function readFamilyCpu(pid: number): number {
  let seconds = readStat(`/proc/${pid}/stat`)?.cpuSeconds ?? 0;
  for (const child of listFolder("/proc")) {
    if (!/^\d+$/.test(child)) continue;
    const stat = readStat(`/proc/${child}/stat`);
    if (stat?.parent === pid) seconds += stat.cpuSeconds;
  }
  return seconds;
}

/**
 * Seconds that the cores of this machine were busy, all together, those included that its host took away. Without
 * interrupts: those of the load's own packets are counted to no process.
 */
export function readHostCpu(): number {
  const [user = 0, nice = 0, system = 0, , , , , steal = 0] = readOr("/proc/stat")
    .slice("cpu  ".length, 200)
    .split(" ")
    .map(Number);
  return (user + nice + system + steal) / ticksPerSecond;
}

/** Bytes of memory that are in use. */
export function readRss(pid: number): number {
  const status = readOr(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1_024;
}

/** Files that a process may have open; Node raises its own limit to the most it may have. */
export function readMaxOpenFiles(): number {
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(readOr("/proc/self/limits"))?.[1];
  return hard === undefined ? Number.POSITIVE_INFINITY : Number(hard);
}

interface Stat {
  name: string;
  parent: number;
  cpuSeconds: number;
}

function readStat(path: string): Stat | undefined {
  const text = readOr(path);
  const [, name = "", rest] = /^\d+ \((.*)\) (.*)$/s.exec(text) ?? [];
  if (rest === undefined) return undefined;
  // From the state on: parent is the 2nd, utime and stime the 12th and 13th.
  const fields = rest.split(" ").map(Number);
  return { name, parent: fields[1] ?? 0, cpuSeconds: ((fields[11] ?? 0) + (fields[12] ?? 0)) / ticksPerSecond };
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
