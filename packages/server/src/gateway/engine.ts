import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { limits } from "@mirage/protocol";
import { Server, type ServerOptions, type Transport } from "engine.io";
import type { Settings } from "../config/settings.ts";

/**
 * Engine.IO as this gateway uses it. What it does not declare but all of its 6.6 releases have is named here, in one
 * place: the version is pinned.
 */

/** One transport link, as far as the outlet needs it. */
export interface EngineConnection {
  readonly readyState: "opening" | "open" | "closing" | "closed";
  /** A polling link that is being replaced by a WebSocket. */
  readonly upgrading: boolean;
  readonly transport: EngineTransport;
  /** Packets that the transport has not been given yet. */
  readonly writeBuffer: readonly unknown[];
  readonly remoteAddress: string;
  request: IncomingMessage | null;
  write(data: string | Uint8Array, options: WriteOptions, whenSent?: () => void): unknown;
  close(discard?: boolean): void;
  once(event: "close", call: (reason: string) => void): unknown;
}

export interface EngineTransport {
  readonly name: string;
  /** False while it has packets on their way. */
  readonly writable: boolean;
  /** The WebSocket, where it is one, on its TCP connection. */
  readonly socket?: { terminate(): void; readonly _socket?: Socket };
}

export interface WriteOptions {
  compress: false;
  /** Bytes that go to the wire as they are, where the transport is an uncompressed WebSocket. */
  wsPreEncodedFrame?: Buffer[];
}

/**
 * The TCP connection below a WebSocket to which whole frames may be written past Engine.IO: nothing of its own waits
 * before them, and what it writes later goes behind.
 */
export function tcpOf({ readyState, upgrading, writeBuffer, transport }: EngineConnection): Socket | undefined {
  const isFree = readyState === "open" && !upgrading && writeBuffer.length === 0 && transport.writable;
  return isFree && transport.name === "websocket" ? transport.socket?._socket : undefined;
}

type TransportName = Parameters<Server["upgrades"]>[0];

/** Engine.IO's record separator between the packets of one polling request. */
const separator = "\u001e";

/** Whoever knows a link's id can poll as its owner, so nobody may guess one. */
const linkIdBytes = 24;

/**
 * Caps the packets of one polling request, before anything is made of them, draws link ids that cannot be guessed, and
 * lets go of the request that a WebSocket began with.
 */
export class GuardedEngine extends Server {
  /**
   * Engine.IO tells middlewares when the connection ends, and the listener keeps the request for as long as the link
   * lives: 2.5 KB. There are no middlewares here.
   */
  override handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const others = new Set(socket.listeners("close"));
    super.handleUpgrade(request as Parameters<Server["handleUpgrade"]>[0], socket, head);
    const ofMiddlewares = socket.listeners("close").find((listener) => !others.has(listener));
    if (ofMiddlewares !== undefined) socket.off("close", ofMiddlewares as () => void);
  }

  override generateId(): string {
    return randomBytes(linkIdBytes).toString("base64url");
  }

  protected override createTransport(name: TransportName, request: IncomingMessage): Transport {
    const transport = super.createTransport(name, request);
    return name === "polling" ? capPackets(transport) : transport;
  }
}

interface PollingInternals {
  onData(body: string): void;
  onError(message: string): void;
}

function capPackets(transport: Transport): Transport {
  const polling = transport as unknown as PollingInternals;
  const readBody = polling.onData.bind(transport);
  polling.onData = (body) => {
    if (hasTooManyPackets(body)) polling.onError("too many packets in one request");
    else readBody(body);
  };
  return transport;
}

/** Counts without splitting, so that a body of nothing but separators costs a scan at most. */
export function hasTooManyPackets(body: string): boolean {
  let count = 1;
  for (let at = body.indexOf(separator); at !== -1; at = body.indexOf(separator, at + 1)) {
    count++;
    if (count > limits.packetsPerPoll) return true;
  }
  return false;
}

export function engineOptions(settings: Settings): ServerOptions {
  return {
    transports: ["polling", "websocket"],
    pingInterval: settings.pingIntervalMs,
    pingTimeout: settings.pingTimeoutMs,
    maxHttpBufferSize: limits.frameBytes,
    // Compressed frames cannot be shared between connections, and a small one can inflate to a large one.
    perMessageDeflate: false,
    httpCompression: false,
    allowEIO3: false,
    // The entrance has already refused every origin that is not allowed.
    ...(settings.corsOrigins.length === 0 ? {} : { cors: { origin: true, credentials: true } }),
  };
}
