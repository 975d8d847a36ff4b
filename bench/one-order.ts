import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Failure } from "./load/orders.ts";
import { pin } from "./machine/cores.ts";
import type { Contender } from "./workload.ts";

export interface OrderPlace {
  /** The program's, in this folder. */
  file: string;
  database: Contender["database"];
  cores: string | undefined;
  nodeOptions?: readonly string[];
}

/** Has one order carried out by a process of its own, on the server's core. @throws what the process says went wrong */
export async function carryOut<Report extends { kind: string }>(order: object, place: OrderPlace): Promise<Report> {
  const child = spawn(
    process.execPath,
    [...(place.nodeOptions ?? []), fileURLToPath(new URL(place.file, import.meta.url))],
    {
      env: { ...process.env, TEST_DATABASE: place.database },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      serialization: "advanced",
    },
  );
  const reap = (): void => void child.kill("SIGKILL");
  process.once("exit", reap);
  pin(child.pid ?? 0, place.cores);
  const ended = once(child, "exit").then(([code, signal]) => {
    throw new Error(`the process of ${place.file} ended: ${signal ?? code}`);
  });
  try {
    child.send(order);
    const [report] = (await Promise.race([once(child, "message"), ended])) as [Report | Failure];
    if (isFailure(report)) throw new Error(`the process of ${place.file} failed: ${report.error}`);
    return report;
  } finally {
    process.off("exit", reap);
    reap();
    await ended.catch(() => undefined);
  }
}

function isFailure(report: { kind: string }): report is Failure {
  return report.kind === "failed";
}
