// The product's way out alone: the host makes the messages and broadcasts them to a room; nothing is stored.
import { createServer } from "@mirage/server";
import type { Flood } from "../workload.ts";
import { runFlood } from "./flood.ts";
import { makeMessage, sayReady } from "./wire.ts";

const server = await createServer();
const roomIds = new Set<string>();
let seq = 0;

process.on("message", (order: Flood & { roomIds: string[] }) => {
  for (const roomId of order.roomIds) roomIds.add(roomId);
  runFlood(order, () => {
    for (let index = 0; index < order.messagesPerWrite; index++) {
      seq++;
      for (const roomId of roomIds) {
        const message = makeMessage({ roomId, content: `#0 ${"x".repeat(77)}`, seq });
        server.broadcastToRoom(roomId, "chat_message", message);
      }
    }
  });
});
sayReady(server.port);
