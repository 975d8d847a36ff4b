import type { Socket } from "socket.io";
import type { Session } from "../access/session.ts";
import type { Topic } from "../hot-path/topics.ts";
import type { TokenBucket } from "../lib/token-bucket.ts";
import type { EngineConnection } from "./engine.ts";
import type { Outlet } from "./outlet.ts";
import { RefusalTally } from "./refusal-tally.ts";

export interface ConnectionParts {
  session: Session;
  socket: Socket;
  engine: EngineConnection;
  outlet: Outlet;
  bucket: TokenBucket | undefined;
  /** When the token ends, in milliseconds since 1970. */
  expiresAt: number | undefined;
}

/** One authenticated connection, with all that the gateway keeps for it. */
export class Connection {
  readonly session: Session;
  readonly socket: Socket;
  readonly engine: EngineConnection;
  readonly outlet: Outlet;
  /** The ceiling on its events. */
  readonly bucket: TokenBucket | undefined;
  readonly topics = new Set<Topic>();
  readonly refusals = new RefusalTally();
  state: "handshaking" | "open" | "closed" = "handshaking";
  /** The features were told that it is there, so they are told when it goes. */
  isObserved = false;
  /** The server stops: what it asked is answered yet, and nothing new is taken. */
  isLeaving = false;
  /** Commands that are not answered yet. */
  inFlightCount = 0;
  expiresAt: number | undefined;
  isExpiryAnnounced = false;
  /** Since when it has been above the slow reader's bound, and what it had taken by then. */
  behindSince: { atMs: number; sentBytes: number } | undefined;

  constructor(parts: ConnectionParts) {
    this.session = parts.session;
    this.socket = parts.socket;
    this.engine = parts.engine;
    this.outlet = parts.outlet;
    this.bucket = parts.bucket;
    this.expiresAt = parts.expiresAt;
  }

  get id(): string {
    return this.session.connectionId;
  }

  get userId(): string {
    return this.session.userId;
  }
}
