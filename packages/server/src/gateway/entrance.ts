import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Settings } from "../config/settings.ts";
import { createForwarded } from "../lib/forwarded.ts";
import type { Logger } from "../lib/logger.ts";
import { TokenBuckets } from "../lib/token-bucket.ts";
import type { Clock } from "../ports/clock.ts";
import type { GuardedEngine } from "./engine.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import { HalfOpenLinks } from "./half-open-links.ts";
import { createOriginRule } from "./origin.ts";

/** Handshakes an address may make at once, in seconds of its rate: many people share one address. */
const burstSeconds = 10;
/** Refused origins that the log names; whoever sends more is not a host that forgot a setting. */
const maxOriginsTold = 20;

export interface EntranceOptions {
  httpServer: HttpServer;
  engine: GuardedEngine;
  path: string;
  settings: Pick<Settings, "corsOrigins" | "trustProxy" | "connectionsPerSecond">;
  clock: Clock;
  log: Pick<Logger, "warn">;
  metrics: GatewayMetrics;
  isDraining: () => boolean;
}

interface Rejection {
  status: 400 | 403 | 429 | 503;
  reason: string;
  retryAfterSeconds?: number;
}

export interface Entrance {
  /** A link has said who it is: it no longer counts among those of its address that have not. */
  admitted(link: object): void;
  /** Lets go of the HTTP server. */
  close(): void;
}

/**
 * Takes the requests for the gateway's path out of an HTTP server and turns away, before any upgrade, what may not
 * come in. Every other request and upgrade is left to whoever else listens.
 */
export function openEntrance(options: EntranceOptions): Entrance {
  const { httpServer, engine, path } = options;
  const door = createDoor(options);
  const others = httpServer.listeners("request") as ((...parts: unknown[]) => void)[];

  const handleRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (!isForPath(request.url, path)) {
      for (const listener of others) listener.call(httpServer, request, response);
      return;
    }
    door(request, response, (rejection) => {
      if (rejection === undefined) engine.handleRequest(request, response);
      else response.writeHead(rejection.status, rejectionHeaders(rejection)).end();
    });
  };
  const handleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (!isForPath(request.url, path)) {
      // With nobody else to take it the link would stay open for ever.
      if (httpServer.listenerCount("upgrade") === 1) refuseUpgrade(socket, { status: 400, reason: "path" });
      return;
    }
    // It may go while it waits, which is what is wanted then.
    const ignore = (): void => void socket.destroy();
    socket.on("error", ignore);
    door(request, socket, (rejection) => {
      socket.off("error", ignore);
      if (rejection === undefined) engine.handleUpgrade(request, socket, head);
      else refuseUpgrade(socket, rejection);
    });
  };

  httpServer.removeAllListeners("request");
  httpServer.on("request", handleRequest);
  httpServer.on("upgrade", handleUpgrade);
  return {
    admitted: door.release,
    close() {
      httpServer.off("request", handleRequest);
      httpServer.off("upgrade", handleUpgrade);
      for (const listener of others) httpServer.on("request", listener);
    },
  };
}

type Decide = (rejection: Rejection | undefined) => void;

interface Door {
  (request: IncomingMessage, carrier: ServerResponse | Duplex, decide: Decide): void;
  release(holder: object): void;
}

/** Judges a request and, where it would open a link, waits for a place for it; decides nothing for one that has gone. */
function createDoor(options: EntranceOptions): Door {
  const { engine, settings, clock, metrics } = options;
  const judge = createJudge(options);
  const halfOpen = new HalfOpenLinks(clock);
  const forwarded = createForwarded(settings.trustProxy);
  /** Stand for requests, so that what waits for a connection's end does not keep its request. */
  const tickets = new WeakMap<IncomingMessage, object>();
  engine.on("connection", (link: { request: IncomingMessage; once(event: "close", call: () => void): void }) => {
    halfOpen.follow(tickets.get(link.request) ?? link, link);
    link.once("close", () => halfOpen.release(link));
  });

  // By itself, so that the listener keeps no more than it needs.
  const releaseAtEnd = (carrier: ServerResponse | Duplex, ticket: object): void => {
    carrier.once("close", () => halfOpen.release(ticket));
  };
  const reject = (rejection: Rejection, decide: Decide): void => {
    metrics.handshakeRejected(rejection.reason);
    decide(rejection);
  };
  const door = (request: IncomingMessage, carrier: ServerResponse | Duplex, decide: Decide): void => {
    const rejection = judge(request);
    if (rejection !== undefined) reject(rejection, decide);
    else if (settings.connectionsPerSecond <= 0 || isOfLink(request)) decide(undefined);
    else {
      const ticket = {};
      tickets.set(request, ticket);
      void halfOpen.enter(ticket, forwarded.clientAddress(request)).then((isIn) => {
        if (!isIn) return reject({ status: 429, reason: "half_open", retryAfterSeconds: 1 }, decide);
        releaseAtEnd(carrier, ticket);
        if (carrier.destroyed) halfOpen.release(ticket);
        else decide(undefined);
      });
    }
  };
  return Object.assign(door, { release: (holder: object) => halfOpen.release(holder) });
}

/** It names a link that is there already. */
function isOfLink(request: IncomingMessage): boolean {
  return new URLSearchParams(request.url?.split("?")[1]).has("sid");
}

function createJudge(options: EntranceOptions): (request: IncomingMessage) => Rejection | undefined {
  const { settings, clock, log, isDraining } = options;
  const forwarded = createForwarded(settings.trustProxy);
  const isAllowedOrigin = createOriginRule(settings.corsOrigins, forwarded);
  const { connectionsPerSecond } = settings;
  const addresses =
    connectionsPerSecond > 0
      ? new TokenBuckets({ perSecond: connectionsPerSecond, capacity: connectionsPerSecond * burstSeconds })
      : undefined;

  const warnOnce = createOriginWarning(log);

  return (request) => {
    if (!isAllowedOrigin(request)) {
      warnOnce(request.headers.origin);
      return { status: 403, reason: "origin" };
    }
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

/** A browser says nothing of why it was refused, so the host is told, once for each origin. */
function createOriginWarning(log: Pick<Logger, "warn">): (origin: string | undefined) => void {
  const told = new Set<string>();
  return (origin = "") => {
    if (told.size >= maxOriginsTold || told.has(origin)) return;
    told.add(origin);
    log.warn({ origin: origin.slice(0, 200) }, "an origin was refused; WS_CORS_ORIGIN names those that may connect");
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
