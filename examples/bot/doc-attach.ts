import type { RequestListener } from 'node:http'; const yourApp: RequestListener = (_q, r) => { r.end('mine'); };
import { createServer as createHttpServer } from "node:http";
import { createServer } from "@mirage/server";

const httpServer = createHttpServer(yourApp);
const mirage = await createServer({ httpServer, settings: { dataDir: "./chat-data" } }); // the rest: the environment
httpServer.listen(4803); // Mirage answers /socket.io, /api/v1, /api/auth, /api/avatar, /healthz, /readyz, /metrics

mirage.broadcastToRoom("general", "deploy_finished", { version: "1.2.3" }); // who has it open here; not stored
console.log(mirage.getConnectedUsers()); // [{ userId, username, connections }]
process.once("SIGTERM", () => mirage.close().then(() => httpServer.close()));
