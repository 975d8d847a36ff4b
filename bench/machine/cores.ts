import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** Which cores each part runs on, as `taskset` writes them; undefined where nothing can be pinned. */
export interface Places {
  server: string | undefined;
  generator: string | undefined;
  postgres: string | undefined;
  /** In one sentence, for the report. */
  summary: string;
}

export function choosePlaces(): Places {
  const cores = availableParallelism();
  const nowhere = { server: undefined, generator: undefined, postgres: undefined };
  if (cores < 2) return { ...nowhere, summary: "one core: nothing can be pinned, server and generator share it" };
  if (spawnSync("taskset", ["--version"]).status !== 0) {
    return { ...nowhere, summary: "`taskset` is missing, nothing is pinned: install util-linux" };
  }
  if (cores === 2) {
    const summary = "server on core 0; generator on core 1, which it shares with Postgres (there are only 2)";
    return { server: "0", generator: "1", postgres: "1", summary };
  }
  const rest = cores === 3 ? "2" : `2-${cores - 1}`;
  return {
    server: "0",
    generator: "1",
    postgres: rest,
    summary: `server on core 0, generator on 1, Postgres on ${rest}`,
  };
}

/** What starts Node on these cores from its first moment, so that it sees how many it has. */
export function nodeOn(cores: string | undefined): [string, ...string[]] {
  return cores === undefined ? [process.execPath] : ["taskset", "-c", cores, process.execPath];
}

/** What `tools/run.mjs` gives to Node on a single core, for servers that are not started by it. */
export function flagsOn(cores: string | undefined): string[] {
  return cores !== undefined && /^\d+$/.test(cores) ? ["--single-threaded-gc"] : [];
}

/** Keeps a process, its threads and whatever it starts later on these cores. */
export function pin(pid: number, cores: string | undefined): void {
  if (cores === undefined) return;
  const { status, stderr } = spawnSync("taskset", ["-a", "-p", "-c", cores, String(pid)], { encoding: "utf8" });
  if (status !== 0) throw new Error(`process ${pid} cannot be pinned to ${cores}: ${stderr.trim()}`);
}
