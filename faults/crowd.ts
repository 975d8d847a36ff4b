import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { connect, createTestStorage, pause, requestOk, signToken, spawnServer } from "@mirage/testing";
import type { CrowdOrder, CrowdReport } from "./crowd-listeners.ts";
import { check, checkTime, type Fault, percentile } from "./fault.ts";
import { makeRooms } from "./make-rooms.ts";
import { unlimited } from "./unlimited.ts";

const senderCount = 5;
const tickMs = 20;

/** Many listeners in one room and a fast talk. */
export const crowd: Fault = {
  summary: "1,000 sockets in one room, 500 messages a second for 20 s: all delivered, in order, none twice",
  defaults: { messagesPerSecond: 500, seconds: 20, sockets: 1_000 },
  async run({ options, say }) {
    const storage = await createTestStorage(options.database);
    const server = await spawnServer({ storage, env: unlimited, readyTimeoutMs: 90_000 });
    try {
      const [roomId = ""] = await makeRooms(server, 1);
      const senders = await Promise.all(
        Array.from({ length: senderCount }, async (_, index) => {
          const socket = await connect(server, `sender-${index}`);
          await requestOk(socket, "join_room", { roomId });
          await requestOk(socket, "leave_room", { roomId });
          return socket;
        }),
      );
      const tokens = Array.from({ length: options.sockets }, (_, index) =>
        signToken({ userId: `listener-${index}`, username: `Listener ${index}` }, server.jwtSecret),
      );
      const listeners = startListeners({ port: server.port, roomId, tokens });
      await listeners.ready;
      say(`${options.sockets} sockets have the room open`);

      const startedMs = performance.now();
      const latenciesMs: number[] = [];
      const answers: Promise<void>[] = [];
      let count = 0;
      const post = async () => {
        const socket = senders[count % senderCount];
        const content = `message ${++count} ${"x".repeat(80)}`;
        const sentMs = performance.now();
        if (socket) await requestOk(socket, "chat_message", { roomId, content });
        latenciesMs.push(performance.now() - sentMs);
      };
      while (performance.now() - startedMs < options.seconds * 1_000) {
        const due = ((performance.now() - startedMs) / 1_000) * options.messagesPerSecond;
        while (count < due) answers.push(post());
        await pause(tickMs);
      }
      const outcomes = await Promise.allSettled(answers);
      const tookMs = performance.now() - startedMs;
      const failed = outcomes.filter(({ status }) => status === "rejected").length;
      const report = await listeners.finish(count - failed);
      for (const socket of senders) socket.disconnect();
      const wanted = (count - failed) * options.sockets;
      return {
        serverOutputs: [server.output()],
        checks: [
          check("every send is acknowledged", failed === 0, `${count} sent, ${failed} failed`),
          check("everything is delivered to everyone", report.delivered === wanted, `${report.delivered} of ${wanted}`),
          check("in order, none twice, none left out", report.violations === 0, `${report.violations} violations`),
          check("nobody is cut off", report.lost === 0, `${report.lost} lost`),
          checkTime(
            "it keeps up",
            { tookMs, maxMs: options.seconds * 1_000 + 5_000 },
            `${Math.round(report.delivered / (tookMs / 1_000))} deliveries/s, acknowledgement p50 ${percentile(latenciesMs, 0.5)} ms, p99 ${percentile(latenciesMs, 0.99)} ms`,
          ),
        ],
      };
    } finally {
      await server.remove();
    }
  },
};

/** The listeners in a process of their own, so that they do not hold up the senders. */
function startListeners(order: CrowdOrder) {
  const child = spawn(process.execPath, [fileURLToPath(new URL("crowd-listeners.ts", import.meta.url))], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ready = Promise.withResolvers<void>();
  const report = Promise.withResolvers<CrowdReport>();
  child.on("message", (message: "ready" | CrowdReport) => {
    if (message === "ready") ready.resolve();
    else report.resolve(message);
  });
  child.once("exit", (code) => {
    const error = new Error(`the listeners ended with ${code}`);
    ready.reject(error);
    report.reject(error);
  });
  report.promise.catch(() => undefined);
  child.send(order);
  return {
    ready: ready.promise,
    async finish(messages: number): Promise<CrowdReport> {
      child.send({ messages });
      const result = await report.promise;
      child.removeAllListeners("exit");
      child.kill("SIGKILL");
      return result;
    },
  };
}
