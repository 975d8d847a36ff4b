import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSocketioTransport } from "./socketio-transport.ts";
import type { Link, LinkRefusal } from "./transport.ts";

let io: Server;
let url: string;
const links: Link[] = [];

beforeEach(async () => {
  const http = createServer();
  io = new Server(http);
  io.use((socket, next) => {
    const refusal = Object.assign(new Error("Account suspended"), { data: { code: "user_banned", retryAfterMs: 5 } });
    next(socket.handshake.auth.token === "good" ? undefined : refusal);
  });
  io.on("connection", (socket) => {
    socket.on("ask", (input, answer) => {
      socket.emit("heard", input);
      answer({ ok: true, protocol: socket.handshake.auth.protocol });
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const link of links.splice(0)) link.close();
  await io.close();
});

/** Opens a link and notes what it says. */
function open(token: string, transport: "websocket" | "polling") {
  const said: unknown[] = [];
  const link = createSocketioTransport({ url, transports: [transport] }).open(token, {
    opened: () => said.push("opened"),
    refused: (refusal: LinkRefusal) => said.push(refusal),
    lost: () => said.push("lost"),
    event: (name, payload) => said.push([name, payload]),
  });
  links.push(link);
  return { link, said };
}

describe("transport over Socket.IO", () => {
  for (const transport of ["websocket", "polling"] as const) {
    it(`[CON-4] ${transport}: commands, answers and events pass, in order, until it is lost`, async () => {
      const { link, said } = open("good", transport);
      await expect.poll(() => said).toEqual(["opened"]);
      link.send("ask", { a: 1 }, (reply) => said.push(reply));
      const expected = ["opened", ["heard", { a: 1 }], { ok: true, protocol: 1 }];
      await expect.poll(() => said).toEqual(expected);
      io.disconnectSockets(true);
      await expect.poll(() => said).toEqual([...expected, "lost"]);
    });

    it(`[CON-4] ${transport}: a refused handshake names its code`, async () => {
      const { said } = open("bad", transport);
      const refusal = { message: "Account suspended", code: "user_banned", retryAfterMs: 5 };
      await expect.poll(() => said).toEqual([refusal]);
    });
  }

  it("[CON-4] a server that is not there is a refusal without a code", async () => {
    await io.close();
    const { said } = open("good", "websocket");
    await expect.poll(() => said).toEqual([{ message: expect.any(String) }]);
  });
});
