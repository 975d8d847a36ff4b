import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Settings } from "../config/settings.ts";
import { createForwarded } from "../lib/forwarded.ts";
import { TokenBuckets } from "../lib/token-bucket.ts";
import type { Clock } from "../ports/clock.ts";
import type { GuardedEngine } from "./engine.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import { createOriginRule } from "./origin.ts";

/** Handshakes an address may make at once, in seconds of its rate: many people share one address. */
const burstSeconds = 10;

export interface EntranceOptions {
  httpServer: HttpServer;
  engine: GuardedEngine;
  path: string;
  settings: Pick<Settings, "corsOrigins" | "trustProxy" | "connectionsPerSecond">;
  clock: Clock;
  metrics: GatewayMetrics;
  isDraining: () => boolean;
}

interface Rejection {
  status: 400 | 403 | 429 | 503;
  reason: string;
  retryAfterSeconds?: number;
}

/**
 * Takes the requests for the gateway's path out of an HTTP server and turns away, before any upgrade, what may not
 * come in. Every other request and upgrade is left to whoever else listens. Returns a function that lets go.
 */
export function openEntrance(options: EntranceOptions): () => void {
  const { httpServer, engine, path, metrics } = options;
  const judge = createJudge(options);
  const others = httpServer.listeners("request") as ((...parts: unknown[]) => void)[];

  const handleRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (!isForPath(request.url, path)) {
      for (const listener of others) listener.call(httpServer, request, response);
      return;
    }
    const rejection = judge(request);
    if (rejection === undefined) {
      engine.handleRequest(request, response);
      return;
    }
    metrics.handshakeRejected(rejection.reason);
    response.writeHead(rejection.status, rejectionHeaders(rejection)).end();
  };
  const handleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (!isForPath(request.url, path)) {
      // With nobody else to take it the link would stay open for ever.
      if (httpServer.listenerCount("upgrade") === 1) refuseUpgrade(socket, { status: 400, reason: "path" });
      return;
    }
    const rejection = judge(request);
    if (rejection === undefined) {
      engine.handleUpgrade(request, socket, head);
      return;
    }
    metrics.handshakeRejected(rejection.reason);
    refuseUpgrade(socket, rejection);
  };

  httpServer.removeAllListeners("request");
  httpServer.on("request", handleRequest);
  httpServer.on("upgrade", handleUpgrade);
  return () => {
    httpServer.off("request", handleRequest);
    httpServer.off("upgrade", handleUpgrade);
    for (const listener of others) httpServer.on("request", listener);
  };
}

function createJudge(options: EntranceOptions): (request: IncomingMessage) => Rejection | undefined {
  const { settings, clock, isDraining } = options;
  const forwarded = createForwarded(settings.trustProxy);
  const isAllowedOrigin = createOriginRule(settings.corsOrigins, forwarded);
  const { connectionsPerSecond } = settings;
  const addresses =
    connectionsPerSecond > 0
      ? new TokenBuckets({ perSecond: connectionsPerSecond, capacity: connectionsPerSecond * burstSeconds })
      : undefined;

  return (request) => {
    if (!isAllowedOrigin(request)) return { status: 403, reason: "origin" };
    const query = new URLSearchParams(request.url?.split("?")[1]);
    // The script-tag transport of the 2010s reads any body as a form, past the cap on packets.
    if (query.get("EIO") !== "4" || query.has("j")) return { status: 400, reason: "protocol" };
    if (query.has("sid")) return undefined;
    if (isDraining()) return { status: 503, reason: "draining", retryAfterSeconds: 1 };
    const waitMs = addresses?.take(forwarded.clientAddress(request), clock.monotonicMs()) ?? 0;
    if (waitMs > 0) return { status: 429, reason: "address_rate", retryAfterSeconds: Math.ceil(waitMs / 1_000) };
    return undefined;
  };
}

function isForPath(url: string | undefined, path: string): boolean {
  if (url === undefined || !url.startsWith(path)) return false;
  const next = url[path.length];
  return next === undefined || next === "/" || next === "?";
}

function rejectionHeaders({ retryAfterSeconds }: Rejection): Record<string, string> {
  return {
    "content-length": "0",
    connection: "close",
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
  };
}

function refuseUpgrade(socket: Duplex, rejection: Rejection): void {
  // It may be gone already, which is what is wanted.
  socket.on("error", () => socket.destroy());
  const headers = Object.entries(rejectionHeaders(rejection)).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${rejection.status} ${STATUS_CODES[rejection.status]}\r\n${headers.join("")}\r\n`);
}
