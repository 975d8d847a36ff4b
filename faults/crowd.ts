import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createTestStorage, pause, type Reachable, requestOk, signToken, spawnServer } from "@mirage/testing";
import { Bystander } from "./bystander.ts";
import type { CrowdOrder, CrowdReport } from "./crowd-listeners.ts";
import { type Check, check, checkTime, type Fault } from "./fault.ts";
import { makeRooms } from "./make-rooms.ts";
import { onConnection } from "./on-connection.ts";
import type { Random } from "./random.ts";
import { Talk } from "./talk.ts";
import { unlimited } from "./unlimited.ts";

const upgraderCount = 10;
const upgraderPauseMs = 100;

/** Many listeners in one room and a fast talk, with stock clients of every kind among them. */
export const crowd: Fault = {
  summary: "1,000 sockets in one room, 500 messages a second for 20 s: all delivered, in order, none twice",
  defaults: { messagesPerSecond: 500, seconds: 20, sockets: 1_000 },
  async run({ options, random, say }) {
    const storage = await createTestStorage(options.database);
    const server = await spawnServer({ storage, env: unlimited, readyTimeoutMs: 90_000 });
    try {
      const [roomId = ""] = await makeRooms(server, 1);
      const talk = await Talk.prepare(server, roomId);
      const tokens = Array.from({ length: options.sockets }, (_, index) =>
        signToken({ userId: `listener-${index}`, username: `Listener ${index}` }, server.jwtSecret),
      );
      const listeners = startListeners({ port: server.port, roomId, tokens });
      await listeners.ready;
      say(`${options.sockets} sockets have the room open`);
      const bystanders = await Bystanders.enter(server, roomId);
      const talking = talk.run(options);
      await Promise.all([talking, bystanders.follow(random, talking)]);
      const report = await listeners.finish(talk.postedCount);
      const wanted = talk.postedCount * options.sockets;
      return {
        serverOutputs: [server.output()],
        checks: [
          check(
            "every send is acknowledged",
            talk.failedCount === 0,
            `${talk.postedCount} sent, ${talk.failedCount} failed`,
          ),
          check("everything is delivered to everyone", report.delivered === wanted, `${report.delivered} of ${wanted}`),
          check("in order, none twice, none left out", report.violations === 0, `${report.violations} violations`),
          check("nobody is cut off", report.lost === 0, `${report.lost} lost`),
          await bystanders.check(talk.postedCount),
          checkTime(
            "it keeps up",
            { tookMs: talk.tookMs, maxMs: options.seconds * 1_000 + 5_000 },
            `${Math.round(report.delivered / (talk.tookMs / 1_000))} deliveries/s, ${talk.describe()}`,
          ),
        ],
      };
    } finally {
      await server.remove();
    }
  },
};

/** Stock clients: by WebSocket, by polling, upgrading in mid-stream, and one who comes and goes. */
class Bystanders {
  readonly #server: Reachable;
  readonly #roomId: string;
  readonly #stayers: Bystander[];
  readonly #rover: Bystander;
  readonly #upgraders: Bystander[] = [];
  #times = 0;

  private constructor(server: Reachable, roomId: string, [rover, ...stayers]: [Bystander, ...Bystander[]]) {
    this.#server = server;
    this.#roomId = roomId;
    this.#rover = rover;
    this.#stayers = stayers;
  }

  static async enter(server: Reachable, roomId: string): Promise<Bystanders> {
    return new Bystanders(server, roomId, [
      await Bystander.enter(server, "rover", { roomId }),
      await Bystander.enter(server, "by websocket", { roomId }),
      await Bystander.enter(server, "by polling", { roomId, transports: ["polling"] }),
    ]);
  }

  /** Lets them come, go and upgrade while the talk lasts. */
  async follow(random: Random, talking: Promise<void>): Promise<void> {
    let isOver = false;
    const whenOver = (): void => {
      isOver = true;
    };
    talking.then(whenOver, whenOver);
    const roving = this.#rover.comeAndGo(random, () => isOver);
    for (let number = 1; number <= upgraderCount; number++) {
      const transports = ["polling", "websocket"];
      this.#upgraders.push(
        await Bystander.enter(this.#server, `upgrader ${number}`, { roomId: this.#roomId, transports }),
      );
      await pause(upgraderPauseMs);
    }
    this.#times = await roving;
  }

  async check(postedCount: number): Promise<Check> {
    const head = await onConnection(this.#server, "founder", async (socket) => {
      const { seq } = await requestOk(socket, "join_room", { roomId: this.#roomId });
      return seq;
    });
    const all = [this.#rover, ...this.#stayers, ...this.#upgraders];
    const upgradedCount = this.#upgraders.filter(({ transport }) => transport === "websocket").length;
    const messages = new Map(all.flatMap(({ seen }) => [...seen]));
    const found = await Promise.all(all.map((bystander) => bystander.findProblems({ head, messages })));
    const problems = found.flat();
    if (messages.size !== postedCount) problems.push(`${messages.size} of ${postedCount} messages seen by anybody`);
    if (upgradedCount !== upgraderCount) problems.push(`${upgradedCount} of ${upgraderCount} upgraded`);
    const figures = `${all.length} clients, ${upgradedCount} upgraded in mid-stream, one came back ${this.#times} times`;
    return check(
      "stock clients of every kind see everything once and in order",
      problems.length === 0,
      problems.length === 0 ? figures : problems.slice(0, 8).join("\n    "),
    );
  }
}

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
