import { execFileSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { findPostgresPrograms } from "@mirage/testing";

/** What the figures of a run belong to. */
export interface Machine {
  cores: number;
  processor: string;
  memoryGb: number;
  node: string;
  kernel: string;
  postgres: string;
  commit: string;
}

export function describeMachine(): Machine {
  const programs = findPostgresPrograms();
  const version = programs ? run(join(programs, "postgres"), "--version") : "";
  const isChanged = run("git", "status", "--porcelain", "--", "packages/server/src") !== "";
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model ?? "unknown",
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    node: process.version,
    kernel: release(),
    postgres: /\d+(\.\d+)*/.exec(version)?.[0] ?? "missing: apt-get install postgresql",
    commit: `${run("git", "rev-parse", "--short", "HEAD")}${isChanged ? " with changes" : ""}`,
  };
}

function run(program: string, ...args: string[]): string {
  try {
    return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}
