import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type CommandName, commands, type HandshakeRefusal, handshakeRefusals } from "@mirage/protocol";
import { pino } from "pino";
import { io, type Socket } from "socket.io-client";
import { WebSocket } from "ws";
import { HandshakeError } from "../access/handshake-error.ts";
import type { Authenticate } from "../access/identity.ts";
import type { ConnectionObserver, Handler, Handlers } from "../access/session.ts";
import { systemClock } from "../adapters/system-clock.ts";
import type { Settings } from "../config/settings.ts";
import { createMetrics } from "../lib/metrics.ts";
import type { Clock } from "../ports/clock.ts";
import { type Gateway, type GatewayOptions, openGateway } from "./gateway.ts";
import { createGatewayMetrics } from "./gateway-metrics.ts";
import { RateLimits } from "./rate-limits.ts";
import { TopicRegistry } from "./topic-registry.ts";

/** A gateway on a free port with handlers of the test's own: what the tests of this folder share. */
export interface TestGateway {
  readonly port: number;
  readonly url: string;
  readonly httpServer: Server;
  readonly gateway: Gateway;
  /** The metrics as they are scraped. */
  scrape(): Promise<string>;
  /** A stock client that has not connected yet. Its token is its user's name. */
  client(token?: string, options?: Parameters<typeof io>[1]): Socket;
  /** The same, connected. */
  connect(token?: string, options?: Parameters<typeof io>[1]): Promise<Socket>;
  /** A bare WebSocket past its CONNECT, which may say anything. */
  connectRaw(token?: string): Promise<RawClient>;
  close(): Promise<void>;
}

export interface RawClient {
  socket: WebSocket;
  received: string[];
  isClosed: () => boolean;
}

export interface TestGatewayOptions {
  settings?: Partial<Settings>;
  clock?: Clock;
  handlers?: Partial<Handlers>;
  observer?: Partial<ConnectionObserver>;
  authenticate?: Authenticate;
  isEnabled?: GatewayOptions["isEnabled"];
}

export async function openTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const httpServer = createServer((_request, response) => response.writeHead(418).end());
  await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
  const { port } = httpServer.address() as AddressInfo;
  const metrics = createMetrics({ version: "test", collectProcess: false });
  const gateway = openGateway(assemble(httpServer, metrics, options));
  const url = `http://127.0.0.1:${port}`;
  const clients: Socket[] = [];
  const client: TestGateway["client"] = (token = "ann", more = {}) => {
    const auth = { token };
    const made = io(url, {
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      autoConnect: false,
      auth,
      ...more,
    });
    clients.push(made);
    return made;
  };
  return {
    port,
    url,
    httpServer,
    gateway,
    scrape: () => metrics.registry.metrics(),
    client,
    connect: (token, more) => whenConnected(client(token, more)),
    connectRaw: (token = "ann") => connectRaw(port, token),
    async close() {
      for (const socket of clients) socket.disconnect();
      await gateway.close();
      httpServer.closeAllConnections();
      await new Promise((resolve) => httpServer.close(resolve));
    },
  };
}

function assemble(
  httpServer: Server,
  registry: ReturnType<typeof createMetrics>,
  options: TestGatewayOptions,
): GatewayOptions {
  const clock = options.clock ?? systemClock;
  const settings = { ...testSettings, ...options.settings } as Settings;
  const metrics = createGatewayMetrics(registry);
  const topics = new TopicRegistry(metrics);
  return {
    httpServer,
    settings,
    clock,
    log: pino({ level: "silent" }),
    metrics,
    topics,
    rateLimits: new RateLimits({ settings, clock, onLimited: metrics.rateLimited }),
    handlers: { ...answerNothing(), ...options.handlers },
    authenticate: options.authenticate ?? authenticateByName,
    observer: {
      async connected(session) {
        topics.attach(session.connectionId, `user:${session.userId}`);
        await options.observer?.connected?.(session);
      },
      disconnected: (session, isPlanned) => options.observer?.disconnected?.(session, isPlanned),
    },
    isEnabled: options.isEnabled ?? (() => true),
  };
}

/** No limit stands in the way of a test that is not about it. */
const testSettings: Partial<Settings> = {
  allowQueryToken: false,
  corsOrigins: [],
  trustProxy: [],
  chatPerMinute: 0,
  eventsPerSecond: 0,
  inFlight: 0,
  connectionsPerSecond: 0,
  connectionsPerUser: 0,
  slowConsumerBytes: 1024 * 1024,
  pingIntervalMs: 25_000,
  pingTimeoutMs: 20_000,
};

function answerNothing(): Handlers {
  const nothing: Handler<CommandName> = () => undefined;
  return Object.fromEntries(Object.keys(commands).map((name) => [name, nothing])) as unknown as Handlers;
}

/** A refusal's code is refused with it; `fault` fails; `name@expiresAt` is a token that ends; the rest is a name. */
const authenticateByName: Authenticate = async (token) => {
  if (Object.hasOwn(handshakeRefusals, token)) throw new HandshakeError(token as HandshakeRefusal);
  if (token === "fault") throw new Error("secret detail");
  const [username = "", expiresAt] = token.split("@");
  return {
    userId: username,
    username,
    avatarUrl: undefined,
    isGuest: false,
    isAdmin: false,
    issuerSessionId: undefined,
    expiresAt: expiresAt === undefined ? undefined : Number(expiresAt),
  };
};

function whenConnected(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(socket));
    socket.once("connect_error", reject);
    socket.connect();
  });
}

function connectRaw(port: number, token: string): Promise<RawClient> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
  const received: string[] = [];
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.on("message", (data) => {
      const text = String(data);
      received.push(text);
      if (text.startsWith("0")) socket.send(`40${JSON.stringify({ token })}`);
      if (text.startsWith("40")) resolve({ socket, received, isClosed: () => socket.readyState === WebSocket.CLOSED });
    });
  });
}
