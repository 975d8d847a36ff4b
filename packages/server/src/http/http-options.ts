import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import type { CommandName, CommandReply, Feature, Refusal } from "@mirage/protocol";
import type { Hono } from "hono";
import type { Handlers } from "../access/session.ts";
import type { Settings } from "../config/settings.ts";
import type { Database } from "../database/database.ts";
import type { Auth } from "../features/auth/auth.ts";
import type { HostNotifications } from "../features/notifications/host-notifications.ts";
import type { Logger } from "../lib/logger.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Clock } from "../ports/clock.ts";

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
  listConnectedUsers: () => { userId: string; username: string; connections: number }[];
  isDraining: () => boolean;
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
