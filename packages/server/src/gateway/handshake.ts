import { randomBytes } from "node:crypto";
import type { Socket } from "socket.io";
import { HandshakeError } from "../access/handshake-error.ts";
import type { Authenticate, Identity } from "../access/identity.ts";
import type { ConnectionObserver, Session } from "../access/session.ts";
import type { Settings } from "../config/settings.ts";
import type { Closer } from "./closing.ts";
import { Connection } from "./connection.ts";
import type { EngineConnection } from "./engine.ts";
import { oversizeAuth } from "./guarded-parser.ts";
import type { OutboundTick } from "./outbound-tick.ts";
import { Outlet } from "./outlet.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { TopicRegistry } from "./topic-registry.ts";

/** A UUID would be kept as the tree of strings that Node puts it together from: half a kilobyte a connection. */
const connectionIdBytes = 18;
/** Times `SLOW_CONSUMER_BYTES` that end a connection at once. */
const overflowFactor = 4;

export interface HandshakeOptions {
  settings: Pick<Settings, "allowQueryToken" | "connectionsPerUser" | "slowConsumerBytes">;
  authenticate: Authenticate;
  observer: ConnectionObserver;
  topics: TopicRegistry;
  rateLimits: RateLimits;
  tick: OutboundTick;
  closer: Closer;
  onOverflow: (connection: Connection) => void;
}

/** The link went while it was being admitted: there is nobody to answer. */
export class LinkGone extends Error {}

/**
 * From a CONNECT with a token to a connection that everything may be sent to. The client hears that it is connected
 * only after the features know of it, so its own topic is attached by then; what is published in between is held.
 * @throws `HandshakeError`, which the client is told; `LinkGone`; or a fault.
 */
export async function admit(socket: Socket, options: HandshakeOptions): Promise<Connection> {
  if (socket.handshake.auth.isOversize === oversizeAuth.isOversize) throw new HandshakeError("token_invalid");
  const token = findToken(socket, options.settings.allowQueryToken);
  if (token === undefined) throw new HandshakeError("token_required");
  const identity = await options.authenticate(token);
  const engine = socket.conn as unknown as EngineConnection;
  if (engine.readyState !== "open") throw new LinkGone();

  const { topics, settings, closer } = options;
  const openCount = topics.users().get(identity.userId)?.size ?? 0;
  if (settings.connectionsPerUser > 0 && openCount >= settings.connectionsPerUser) {
    throw new HandshakeError("connection_limit");
  }
  const connection = createConnection(socket, identity, options);
  topics.add(connection);
  engine.once("close", () => closer.close(connection, "connection_lost", "leave"));
  forgetSecrets(socket, engine);
  await introduce(connection, options);
  return connection;
}

async function introduce(connection: Connection, options: HandshakeOptions): Promise<void> {
  const { observer, closer } = options;
  try {
    await observer.connected(connection.session);
  } catch (error) {
    closer.close(connection, "handshake_failed", "leave");
    throw error;
  }
  if (connection.state === "closed") {
    observer.disconnected(connection.session, false);
    throw new LinkGone();
  }
  connection.isObserved = true;
}

function findToken(socket: Socket, allowQueryToken: boolean): string | undefined {
  const { auth, query } = socket.handshake;
  const token: unknown = auth.token ?? (allowQueryToken ? query.token : undefined);
  return typeof token === "string" && token !== "" ? token : undefined;
}

/** The token was used and the first request answered: neither is kept for the life of the connection. */
function forgetSecrets(socket: Socket, engine: EngineConnection): void {
  Object.assign(socket, { handshake: undefined });
  engine.request = null;
}

function createConnection(socket: Socket, identity: Identity, options: HandshakeOptions): Connection {
  const { expiresAt, ...person } = identity;
  const session: Session = {
    ...person,
    connectionId: randomBytes(connectionIdBytes).toString("base64url"),
    transport: "socket",
  };
  const engine = socket.conn as unknown as EngineConnection;
  const outlet = new Outlet({
    connection: engine,
    tick: options.tick,
    maxQueuedBytes: options.settings.slowConsumerBytes * overflowFactor,
    onOverflow: () => options.onOverflow(connection),
  });
  const bucket = options.rateLimits.openBucket();
  const connection: Connection = new Connection({ session, socket, engine, outlet, bucket, expiresAt });
  return connection;
}
