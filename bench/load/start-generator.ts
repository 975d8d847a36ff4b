import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { pin } from "../machine/cores.ts";
import type { Failure, LoadOrder, LoadReport, OpenOrder, OpenReport, Order, Progress, Report } from "./orders.ts";

export interface Generator {
  open(order: Omit<OpenOrder, "kind">): Promise<OpenReport>;
  load(order: Omit<LoadOrder, "kind">): Promise<LoadReport>;
  stop(): Promise<void>;
}

export interface GeneratorOptions {
  cores: string | undefined;
  onProgress: (line: string) => void;
}

/** Starts the load generator on its core. It carries out one order at a time. */
export function startGenerator({ cores, onProgress }: GeneratorOptions): Generator {
  const child = spawn(process.execPath, [fileURLToPath(new URL("generator.ts", import.meta.url))], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
  });
  const reap = (): void => void child.kill("SIGKILL");
  process.once("exit", reap);
  pin(child.pid ?? 0, cores);
  let waiting: PromiseWithResolvers<Report> | undefined;
  child.on("message", (message: Report | Progress | Failure) => {
    if (message.kind === "progress") onProgress(message.line);
    else if (message.kind === "failed") waiting?.reject(new Error(`the load generator failed: ${message.error}`));
    else waiting?.resolve(message);
  });
  child.once("exit", (code, signal) => waiting?.reject(new Error(`the load generator ended: ${signal ?? code}`)));
  const ask = async (order: Order): Promise<Report> => {
    waiting = Promise.withResolvers<Report>();
    child.send(order);
    return await waiting.promise;
  };
  return {
    async open(order) {
      const report = await ask({ kind: "open", ...order });
      if (report.kind !== "opened") throw new Error(`the load generator answered ${report.kind}`);
      return report;
    },
    async load(order) {
      const report = await ask({ kind: "load", ...order });
      if (report.kind !== "loaded") throw new Error(`the load generator answered ${report.kind}`);
      return report;
    },
    async stop() {
      process.off("exit", reap);
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
