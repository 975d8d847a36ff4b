import type { Server as HttpServer } from "node:http";
import type { Feature } from "@mirage/protocol";
import type { Logger } from "pino";
import { Server, type Socket } from "socket.io";
import { HandshakeError } from "../access/handshake-error.ts";
import type { Authenticate } from "../access/identity.ts";
import type { ConnectionObserver, Handlers, Session } from "../access/session.ts";
import type { Settings } from "../config/settings.ts";
import type { Topic } from "../hot-path/topics.ts";
import type { Clock } from "../ports/clock.ts";
import { Closer } from "./closing.ts";
import type { Connection } from "./connection.ts";
import { Dispatcher } from "./dispatch.ts";
import { drainConnections } from "./drain.ts";
import { engineOptions, GuardedEngine } from "./engine.ts";
import { type Entrance, openEntrance } from "./entrance.ts";
import { checkExpiry, refreshToken } from "./expiry.ts";
import { encodeEvent } from "./frame.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import { type EventPacket, guardedParser } from "./guarded-parser.ts";
import { admit, type HandshakeOptions, LinkGone } from "./handshake.ts";
import { OutboundTick } from "./outbound-tick.ts";
import type { RateLimits } from "./rate-limits.ts";
import { RoomlessAdapter } from "./roomless-adapter.ts";
import { isSlowConsumer } from "./slow-consumer.ts";
import type { TopicRegistry } from "./topic-registry.ts";

/**
 * The Socket.IO edge. It alone answers for the path of the sockets, upgrades included, on an HTTP server that may be
 * somebody else's:
 *
 *     request ─▶ entrance ─▶ handshake ─▶ dispatch ─▶ handlers
 *     topics ─▶ outlet ─▶ connection                   answers ─▶ outlet
 */

const path = "/socket.io";
/** A link that has not said who it is by then is closed. */
const connectTimeoutMs = 10_000;
/** Slow readers and tokens that end are looked for this often, all in one timer. */
const sweepMs = 1_000;
/** Clients are never asked to acknowledge, so one empty table serves all: 300 bytes a connection. */
const noAcks = new Map<number, unknown>();

export interface GatewayOptions {
  httpServer: HttpServer;
  settings: Settings;
  clock: Clock;
  log: Logger;
  metrics: GatewayMetrics;
  /** The features publish through it; it is made first. */
  topics: TopicRegistry;
  rateLimits: RateLimits;
  /** Every command but `auth_refresh`, which is about the connection itself. */
  handlers: Omit<Handlers, "auth_refresh">;
  authenticate: Authenticate;
  observer: ConnectionObserver;
  isEnabled: (feature: Feature) => boolean;
}

export interface ConnectedUser {
  userId: string;
  username: string;
  connections: number;
}

export interface Gateway {
  readonly topics: TopicRegistry;
  /** Nobody new is let in. */
  readonly isDraining: boolean;
  sessions(): Iterable<Session>;
  listUsers(): ConnectedUser[];
  /** Closes the connections that match and tells their clients to stay away. Returns how many there were. */
  closeWhere(predicate: (session: Session) => boolean, event?: { name: string; payload: unknown }): number;
  /** Drops the connections that match; their clients come back by themselves and resume. */
  dropWhere(predicate: (session: Session) => boolean): void;
  /** An event of the host's own, to everyone attached to a topic. */
  broadcast(topic: Topic, event: string, data: unknown): void;
  /** Lets nobody new in and sends everyone away, spread over the window. */
  drain(windowMs: number): Promise<void>;
  /** Closes what is left and lets go of the HTTP server, which stays open. */
  close(): Promise<void>;
}

export function openGateway(options: GatewayOptions): Gateway {
  return new SocketGateway(options);
}

class SocketGateway implements Gateway {
  readonly #options: GatewayOptions;
  readonly #engine: GuardedEngine;
  readonly #entrance: Entrance;
  readonly #closer: Closer;
  readonly #dispatcher: Dispatcher;
  readonly #admitted = new WeakMap<Socket, Connection>();
  /** Links in the middle of a handshake or past it: each has one. */
  readonly #taken = new WeakSet<Socket["conn"]>();
  readonly #letGo: (() => void)[] = [];
  #isDraining = false;

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { settings, topics, observer, metrics, log } = options;
    this.#closer = new Closer({
      topics,
      observer,
      metrics,
      onFault: (error, { session }) =>
        log.error({ err: error, connectionId: session.connectionId }, "closing a connection failed"),
    });
    this.#dispatcher = this.#createDispatcher();
    this.#engine = new GuardedEngine(engineOptions(settings));
    this.#listen();
    const isDraining = (): boolean => this.#isDraining;
    this.#entrance = openEntrance({ ...options, engine: this.#engine, path, isDraining });
    this.#letGo.push(() => this.#entrance.close());
    const sweep = options.clock.every(sweepMs, () => this.#sweep());
    this.#letGo.push(() => sweep.cancel());
  }

  get topics(): TopicRegistry {
    return this.#options.topics;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  *sessions(): Iterable<Session> {
    for (const connection of this.topics.connections()) if (connection.state === "open") yield connection.session;
  }

  listUsers(): ConnectedUser[] {
    const users: ConnectedUser[] = [];
    for (const [userId, connections] of this.topics.users()) {
      const open = [...connections].filter((connection) => connection.state === "open");
      const last = open.at(-1);
      if (last !== undefined) users.push({ userId, username: last.session.username, connections: open.length });
    }
    return users;
  }

  closeWhere(predicate: (session: Session) => boolean, event?: { name: string; payload: unknown }): number {
    const closing = [...this.topics.connections()].filter((connection) => predicate(connection.session));
    for (const connection of closing) {
      if (event !== undefined) connection.outlet.send(encodeEvent(event.name, event.payload));
      this.#closer.close(connection, "revoked", "goodbye");
    }
    return closing.length;
  }

  dropWhere(predicate: (session: Session) => boolean): void {
    const dropping = [...this.topics.connections()].filter((connection) => predicate(connection.session));
    for (const connection of dropping) this.#closer.close(connection, "lost_track", "drop");
  }

  broadcast(topic: Topic, event: string, data: unknown): void {
    this.topics.broadcast(topic, event, data);
  }

  drain(windowMs: number): Promise<void> {
    this.#isDraining = true;
    const { clock } = this.#options;
    return drainConnections({ connections: [...this.topics.connections()], windowMs, clock, closer: this.#closer });
  }

  async close(): Promise<void> {
    this.#isDraining = true;
    for (const connection of [...this.topics.connections()]) this.#closer.close(connection, "stopped", "drop");
    for (const letGo of this.#letGo.splice(0)) letGo();
    this.#engine.close();
  }

  #createDispatcher(): Dispatcher {
    const { settings, authenticate, topics } = this.#options;
    const handlers: Handlers = {
      ...this.#options.handlers,
      auth_refresh: async ({ session }, payload) => {
        const connection = topics.find(session.connectionId);
        return connection === undefined ? undefined : refreshToken(connection, payload, authenticate);
      },
    };
    return new Dispatcher({ ...this.#options, handlers, closer: this.#closer, maxInFlight: settings.inFlight });
  }

  #listen(): void {
    const io = new Server({
      path,
      serveClient: false,
      connectTimeout: connectTimeoutMs,
      parser: guardedParser,
      adapter: RoomlessAdapter,
    });
    io.bind(this.#engine);
    const handshake = this.#handshakeOptions();
    io.use((socket, next) => void this.#admit(socket, handshake).then(() => next(), next));
    io.on("connection", (socket) => this.#open(socket));
  }

  #handshakeOptions(): HandshakeOptions {
    return {
      ...this.#options,
      tick: new OutboundTick(this.#options.clock),
      closer: this.#closer,
      onOverflow: (connection) => this.#cut(connection),
    };
  }

  async #admit(socket: Socket, handshake: HandshakeOptions): Promise<void> {
    const { clock, metrics, log } = this.#options;
    const startedAtMs = clock.monotonicMs();
    if (this.#taken.has(socket.conn)) return this.#giveUp(socket, "second_connect");
    this.#taken.add(socket.conn);
    try {
      const connection = await admit(socket, handshake);
      this.#admitted.set(socket, connection);
      this.#entrance.admitted(socket.conn);
      metrics.connectionAccepted(connection.engine.transport.name, (clock.monotonicMs() - startedAtMs) / 1_000);
    } catch (error) {
      this.#taken.delete(socket.conn);
      if (error instanceof HandshakeError) {
        metrics.handshakeRejected(error.code);
        throw Object.assign(new Error(error.message), { data: { code: error.code } });
      }
      if (!(error instanceof LinkGone)) log.error({ err: error }, "handshake failed");
      this.#giveUp(socket, error instanceof LinkGone ? "link_gone" : "fault");
    }
  }

  /** Ends the link without an answer, so that a client tries again by itself. */
  #giveUp(socket: Socket, reason: string): never {
    this.#options.metrics.handshakeRejected(reason);
    socket.conn.close();
    throw new Error("unavailable");
  }

  #open(socket: Socket): void {
    const connection = this.#admitted.get(socket);
    if (connection === undefined || connection.state === "closed") {
      socket.disconnect(true);
      return;
    }
    connection.state = "open";
    // In place of Socket.IO's own emitter: no listener can be reached by a name that a client chose.
    const internals = socket as unknown as { onevent: (packet: EventPacket) => void; acks: Map<number, unknown> };
    internals.onevent = (packet) => this.#dispatcher.receive(connection, packet);
    internals.acks = noAcks;
    socket.on("disconnect", (reason) => {
      const hasLeft = reason === "client namespace disconnect";
      this.#closer.close(connection, hasLeft ? "client_left" : "connection_lost", hasLeft ? "drop" : "leave");
    });
    connection.outlet.release();
  }

  #cut(connection: Connection): void {
    if (connection.state === "closed") return;
    const { connectionId, userId } = connection.session;
    this.#options.log.info({ connectionId, userId, queuedBytes: connection.outlet.queuedBytes }, "slow consumer cut");
    this.#options.metrics.slowConsumerCut();
    this.#closer.close(connection, "slow_consumer", "cut");
  }

  #sweep(): void {
    const { clock, settings, metrics } = this.#options;
    const now = clock.now();
    const monotonicMs = clock.monotonicMs();
    for (const connection of [...this.topics.connections()]) {
      if (connection.state !== "open") continue;
      const { queuedBytes } = connection.outlet;
      if (queuedBytes > 0) metrics.outboundQueue(queuedBytes);
      if (isSlowConsumer(connection, settings.slowConsumerBytes, monotonicMs)) this.#cut(connection);
      else checkExpiry(connection, now, this.#closer);
    }
    metrics.present(this.topics.size, this.topics.users().size);
  }
}
