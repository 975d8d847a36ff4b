// The cheapest server we can write: bare sockets, everything of a tick in one write, nothing checked, nothing stored.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Flood } from "../workload.ts";
import { runFlood } from "./flood.ts";
import { BareServer, encodeEvent, makeMessage, sayReady } from "./wire.ts";

const handshakeKey = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** A flood leaves out who has not read what came before. */
const floodBacklogBytes = 256 * 1024;

interface Pending {
  links: Set<Socket>;
  frames: Buffer[];
}

let pending = new Map<string, Pending>();
let answers: { link: Socket; frame: Buffer }[] = [];
let isScheduled = false;

const bare = new BareServer<Socket>({
  publish(room, frame) {
    const waiting = pending.get(room.id);
    if (waiting) waiting.frames.push(frame);
    else pending.set(room.id, { links: room.links, frames: [frame] });
    schedule();
  },
  answer(link, frame) {
    answers.push({ link, frame });
    schedule();
  },
});

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(flush);
}

function flush(): void {
  isScheduled = false;
  const rooms = pending;
  const replies = answers;
  pending = new Map();
  answers = [];
  for (const { links, frames } of rooms.values()) {
    const block = Buffer.concat(frames);
    for (const link of links) link.write(block);
  }
  for (const { link, frame } of replies) link.write(frame);
}

const server = createServer((_, response) => response.writeHead(404).end());
server.on("upgrade", (request, socket: Socket) => {
  const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}${handshakeKey}`).digest("base64");
  socket.setNoDelay(true);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    rest = readFrames(rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk, (text) => bare.take(socket, text));
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => bare.forget(socket));
  bare.greet(socket);
});
server.listen(0, "127.0.0.1", () => sayReady((server.address() as AddressInfo).port));

process.on("message", (flood: Flood) =>
  runFlood(flood, () => {
    for (const room of bare.rooms.values()) {
      const frames = Array.from({ length: flood.messagesPerWrite }, () => {
        const seq = ++room.seq;
        return encodeEvent("chat_message", makeMessage({ roomId: room.id, content: `#0 ${"x".repeat(77)}`, seq }));
      });
      const block = Buffer.concat(frames);
      for (const link of room.links) if (link.writableLength < floodBacklogBytes) link.write(block);
    }
  }),
);

/** Frames of a client: masked, and never split. Returns what is not a whole frame yet. */
function readFrames(data: Buffer, onText: (text: string) => void): Buffer {
  let at = 0;
  for (;;) {
    const short = (data[at + 1] ?? 0) & 0x7f;
    const maskAt = at + (short === 126 ? 4 : 2);
    if (data.length < maskAt + 4) break;
    const end = maskAt + 4 + (short === 126 ? data.readUInt16BE(at + 2) : short);
    if (data.length < end) break;
    const body = data.subarray(maskAt + 4, end);
    for (let index = 0; index < body.length; index++)
      body[index] = (body[index] ?? 0) ^ (data[maskAt + (index & 3)] ?? 0);
    onText(body.toString());
    at = end;
  }
  return data.subarray(at);
}
