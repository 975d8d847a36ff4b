// Bare `ws`: a frame is encoded once and written to everyone in the room; nothing is checked or stored.
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer } from "ws";
import { BareServer, sayReady } from "./wire.ts";

const bare = new BareServer<Socket>({
  publish(room, frame) {
    for (const link of room.links) link.write(frame);
  },
  answer(link, frame) {
    link.write(frame);
  },
});

const httpServer = createServer();
const sockets = new WebSocketServer({ server: httpServer, path: "/socket.io/", perMessageDeflate: false });
sockets.on("connection", (socket, request) => {
  const link = request.socket;
  socket.on("message", (data) => bare.take(link, String(data)));
  socket.on("error", () => socket.terminate());
  socket.on("close", () => bare.forget(link));
  bare.greet(link);
});
httpServer.listen(0, "127.0.0.1", () => sayReady((httpServer.address() as AddressInfo).port));
