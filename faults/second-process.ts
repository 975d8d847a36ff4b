import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createTestStorage, findFreePort, requestOk, spawnServer } from "@mirage/testing";
import { check, type Fault } from "./fault.ts";
import { onConnection } from "./on-connection.ts";
import { unlimited } from "./unlimited.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const messageCount = 50;

/** A second server on the data directory of a running one. */
export const secondProcess: Fault = {
  summary: "a second server on the same data directory is refused and harms nothing",
  ownDatabase: "pglite",
  async run() {
    const storage = await createTestStorage("pglite");
    const server = await spawnServer({ storage, env: unlimited, readyTimeoutMs: 90_000 });
    try {
      const post = (content: string) =>
        onConnection(server, "ann", async (socket) => {
          await requestOk(socket, "join_room", { roomId: "general" });
          for (let index = 0; index < messageCount; index++) {
            await requestOk(socket, "chat_message", { roomId: "general", content: `${content} ${index}` });
          }
        });
      await post("before");
      const second = spawnSync(process.execPath, ["packages/server/src/main.ts"], {
        cwd: root,
        encoding: "utf8",
        timeout: 60_000,
        env: {
          PATH: process.env.PATH,
          HOST: "127.0.0.1",
          PORT: String(await findFreePort()),
          DATA_DIR: storage.dataDir,
          JWT_SECRET: server.jwtSecret,
        },
      });
      await post("after");
      await server.kill();
      await server.start();
      const stored = await onConnection(server, "ann", async (socket) => {
        const page = await requestOk(socket, "join_room", { roomId: "general" });
        const older = await requestOk(socket, "get_messages", { roomId: "general", limit: 100 });
        return { seq: page.seq, count: older.messages.length };
      });
      return {
        serverOutputs: [server.output(), `${second.stdout}${second.stderr}`],
        checks: [
          check("the second one ends with an error", second.status === 1, `exit ${second.status}`),
          check(
            "it says who has the directory and what to do",
            /Another Mirage process \(pid \d+\) is using .*choose another DATA_DIR/.test(second.stderr),
            second.stderr.trim().slice(0, 200),
          ),
          check("nothing is lost", stored.count === 2 * messageCount, `${stored.count} messages, head ${stored.seq}`),
        ],
      };
    } finally {
      await server.remove();
    }
  },
};
