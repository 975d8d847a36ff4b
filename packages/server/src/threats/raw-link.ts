import { request as httpRequest } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { eventually } from "@mirage/testing";
import { WebSocket } from "ws";

/** A bare WebSocket that may say anything, and what it heard. */
export interface RawLink {
  readonly socket: WebSocket;
  readonly received: string[];
  isClosed(): boolean;
  /** Sends one Socket.IO packet. */
  send(packet: string): void;
  /**
   * Sends many Socket.IO packets as fast as this process can, in slices: whoever measures how others fare does not
   * measure the sender, which shares the server's thread in a test.
   */
  flood(count: number, packetOf: (index: number) => string): Promise<void>;
}

const sliceOfFlood = 500;

/** Opens a link without saying who it is. */
export async function openRawLink(port: number): Promise<RawLink> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
  const received: string[] = [];
  // A link that is reset is closed, which is what is asked about.
  socket.on("error", () => socket.terminate());
  socket.on("message", (data) => {
    const text = String(data);
    if (text === "2") socket.send("3");
    else received.push(text);
  });
  await eventually(() => received.some((text) => text.startsWith("0")));
  const send = (packet: string) => socket.send(`4${packet}`);
  return {
    socket,
    received,
    isClosed: () => socket.readyState === WebSocket.CLOSED,
    send,
    async flood(count, packetOf) {
      for (let index = 0; index < count; index++) {
        send(packetOf(index));
        if (index % sliceOfFlood === 0) await nextTurn();
      }
    },
  };
}

/** The same past its CONNECT. */
export async function connectRawLink(port: number, token: string): Promise<RawLink> {
  const link = await openRawLink(port);
  link.send(`0${JSON.stringify({ token })}`);
  await eventually(() => link.received.some((text) => text.startsWith("40")));
  return link;
}

/** The status that a polling handshake is answered with. */
export function pollingStatus(port: number, headers: Record<string, string> = {}, query = ""): Promise<number> {
  const path = `/socket.io/?EIO=4&transport=polling${query}`;
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ port, host: "127.0.0.1", path, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject).end();
  });
}

/** The status that an upgrade is answered with; 101 where it is let in. */
export function upgradeStatus(port: number, headers: Record<string, string> = {}, query = ""): Promise<number> {
  return new Promise((resolve, reject) => {
    const address = `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket${query}`;
    const socket = new WebSocket(address, { headers });
    socket.on("open", () => {
      socket.terminate();
      resolve(101);
    });
    socket.on("unexpected-response", (_, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.on("error", reject);
  });
}

/** The message and code that a connection attempt is refused with. */
export async function refusalOf(attempt: Promise<unknown>): Promise<[string, string | undefined]> {
  const outcome = await attempt.then(
    () => ({ message: "accepted" }),
    (reason: unknown) => reason,
  );
  const { message, data } = outcome as { message: string; data?: { code: string } };
  return [message, data?.code];
}
