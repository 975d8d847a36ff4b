import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import type { CommandName, CommandReply, Feature, Refusal } from "@mirage/protocol";
import type { Hono } from "hono";
import type { Handlers, Session } from "../access/session.ts";
import type { Settings } from "../config/settings.ts";
import type { Database } from "../database/database.ts";
import type { Auth } from "../features/auth/auth.ts";
import type { Exchange } from "../features/documents/exchange/exchange.ts";
import type { Files } from "../features/files/files.ts";
import type { Uploads } from "../features/files/uploads.ts";
import type { EmailAddresses } from "../features/notifications/away/email-addresses.ts";
import type { HostNotifications } from "../features/notifications/host-notifications.ts";
import type { Logger } from "../lib/logger.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Clock } from "../ports/clock.ts";
import type { OpenRequests } from "./open-requests.ts";

/** What HTTP needs of everything else. */
export interface HttpOptions {
  settings: Settings;
  database: Database;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  auth: Pick<Auth, "authenticate" | "findIdentity" | "handle">;
  /** Every command but `auth_refresh`, which is about a connection. */
  handlers: Omit<Handlers, "auth_refresh">;
  /** The limits per kind of command and user, shared with the socket. */
  rateLimits: {
    spend(userId: string, name: CommandName, nowMs: number): Refusal | undefined;
    settle(
      name: CommandName,
      spent: { userId: string; spentAtMs: number },
      result: CommandReply<CommandName> | Refusal,
    ): void;
  };
  isEnabled: (feature: Feature) => boolean;
  /** What back ends tell people. */
  hostNotifications: Pick<HostNotifications, "send" | "sendToRoom">;
  /** What links in mail do. */
  emailAddresses: Pick<EmailAddresses, "findWaiting" | "confirm" | "isUnsubscribing" | "unsubscribe">;
  documents: Pick<Exchange, "export"> & {
    /** Adds an update of up to 8 MiB. @throws Refusal */
    addUpdate(
      session: Session,
      edit: { documentId: string; update: Uint8Array },
    ): Promise<CommandReply<"collaborative_edit">>;
  };
  /** What people upload, and what an address leads to. */
  files: Pick<Uploads, "receive"> & Pick<Files, "find">;
  listConnectedUsers: () => { userId: string; username: string; connections: number }[];
  isInvisible: (userId: string) => boolean;
  isDraining: () => boolean;
  openRequests: Pick<OpenRequests, "count">;
  version: string;
}

export interface HttpEnvironment {
  Bindings: HttpBindings;
}

export type HttpApp = Hono<HttpEnvironment>;

/** Sees through trusted proxies; made once from the settings. */
export interface CallerOf {
  address(request: IncomingMessage): string;
  origin(request: IncomingMessage): string;
}
