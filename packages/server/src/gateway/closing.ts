import type { ConnectionObserver } from "../access/session.ts";
import type { Connection } from "./connection.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import type { TopicRegistry } from "./topic-registry.ts";

/** Why a connection ended; the label it is counted under. */
export type CloseCode =
  | "client_left"
  | "connection_lost"
  | "handshake_failed"
  | "auth_expired"
  | "revoked"
  | "too_many_refusals"
  | "slow_consumer"
  | "lost_track"
  | "draining"
  | "stopped";

/**
 * How the link is taken down. `goodbye`: what waits is sent, then the client is told to stay away; `drop`: what waits
 * is sent, and the client comes back by itself; `cut`: at once, nothing is waited for; `leave`: it is gone already, or
 * has an answer to carry yet.
 */
export type CloseManner = "goodbye" | "drop" | "cut" | "leave";

export interface CloserOptions {
  topics: TopicRegistry;
  observer: ConnectionObserver;
  metrics: GatewayMetrics;
  onFault: (error: unknown, connection: Connection) => void;
}

/** The one end of every connection, whatever ends it; a second end changes nothing. */
export class Closer {
  readonly #options: CloserOptions;

  constructor(options: CloserOptions) {
    this.#options = options;
  }

  close(connection: Connection, code: CloseCode, manner: CloseManner): void {
    if (connection.state === "closed") return;
    const { topics, metrics } = this.#options;
    connection.state = "closed";
    if (manner === "goodbye" || manner === "drop") connection.outlet.finish();
    else connection.outlet.discard();
    topics.remove(connection);
    takeDown(connection, manner);
    metrics.connectionClosed(code);
    this.#observe(connection, code === "client_left");
  }

  /** Tells the features, outside of whatever ended the connection, and whatever they make of it. */
  #observe(connection: Connection, isPlanned: boolean): void {
    if (!connection.isObserved) return;
    try {
      this.#options.observer.disconnected(connection.session, isPlanned);
    } catch (error) {
      this.#options.onFault(error, connection);
    }
  }
}

function takeDown(connection: Connection, manner: CloseManner): void {
  const { socket, engine } = connection;
  if (manner === "goodbye") {
    if (socket.connected) socket.disconnect(true);
    else engine.close();
  } else if (manner === "drop") {
    engine.close();
  } else if (manner === "cut") {
    const webSocket = engine.transport.socket;
    engine.close(true);
    // A closing handshake would queue up behind all that was never read.
    webSocket?.terminate();
  }
}
