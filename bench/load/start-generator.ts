import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { pin } from "../machine/cores.ts";
import type {
  ConnectOrder,
  EditOrder,
  Failure,
  FinishOrder,
  GatherOrder,
  HeardReport,
  HearOrder,
  HomecomingReport,
  LoadOrder,
  LoadReport,
  OpenOrder,
  OpenReport,
  Order,
  Progress,
  Report,
} from "./orders.ts";

export interface Generator {
  open(order: Omit<OpenOrder, "kind">): Promise<OpenReport>;
  load(order: Omit<LoadOrder, "kind">): Promise<LoadReport>;
  connect(order: Omit<ConnectOrder, "kind">): Promise<OpenReport>;
  gather(order: Omit<GatherOrder, "kind">): Promise<OpenReport>;
  finish(order: Omit<FinishOrder, "kind">): Promise<HomecomingReport>;
  hear(order: Omit<HearOrder, "kind">): Promise<HeardReport>;
  edit(order: Omit<EditOrder, "kind">): Promise<LoadReport>;
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
  const ask = async <Kind extends Report["kind"]>(
    order: Order,
    kind: Kind,
  ): Promise<Extract<Report, { kind: Kind }>> => {
    waiting = Promise.withResolvers<Report>();
    child.send(order);
    const report = await waiting.promise;
    if (report.kind !== kind) throw new Error(`the load generator answered ${report.kind} to ${order.kind}`);
    return report as Extract<Report, { kind: Kind }>;
  };
  return {
    open: (order) => ask({ kind: "open", ...order }, "opened"),
    load: (order) => ask({ kind: "load", ...order }, "loaded"),
    connect: (order) => ask({ kind: "connect", ...order }, "opened"),
    gather: (order) => ask({ kind: "gather", ...order }, "opened"),
    hear: (order) => ask({ kind: "hear", ...order }, "heard"),
    edit: (order) => ask({ kind: "edit", ...order }, "loaded"),
    finish: (order) => ask({ kind: "finish", ...order }, "home"),
    async stop() {
      process.off("exit", reap);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
