import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

/** Collects what a child writes, the last `maxCharacters` of it, for the message of a failure. */
export function collectOutput(child: ChildProcess, maxCharacters = 20_000): () => string {
  let output = "";
  const add = (chunk: unknown) => {
    output = (output + String(chunk)).slice(-maxCharacters);
  };
  child.stdout?.on("data", add);
  child.stderr?.on("data", add);
  return () => output;
}

/** Resolves when the child has ended; at once where it already has. */
export function waitForExit(child: ChildProcess): Promise<number | NodeJS.Signals> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  if (child.signalCode !== null) return Promise.resolve(child.signalCode);
  return new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal ?? 0)));
}

/** Asks a child to stop and, after `graceMs`, ends it. */
export async function stopChild(child: ChildProcess, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  const exited = waitForExit(child);
  child.kill(signal);
  const grace = new AbortController();
  const outcome = await Promise.race([
    exited,
    delay(graceMs, "late" as const, { signal: grace.signal, ref: false }).catch(() => "stopped" as const),
  ]);
  grace.abort();
  if (outcome !== "late") return;
  child.kill("SIGKILL");
  await exited;
}
