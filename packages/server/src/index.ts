import type { Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { NewNotification, Notification } from "@mirage/protocol";
import { compose, type RequestListener } from "./compose.ts";
import { listWarnings, parseSettings } from "./config/parse-settings.ts";
import type { Settings } from "./config/settings.ts";
import type { Database } from "./database/database.ts";
import { createLogger, type Logger } from "./lib/logger.ts";
import type { Clock } from "./ports/clock.ts";

export { SettingsError } from "./config/parse-settings.ts";
export type { Settings } from "./config/settings.ts";
export { httpLimits } from "./http/attach-http.ts";

/** How a server is made part of a host application. */
export interface ServerOptions {
  /** Each one overrides its environment variable; what is in neither has its default. */
  settings?: Partial<Settings>;
  /** Attaches to this server, which the host listens on and closes. Absent: one of our own, listening at once. */
  httpServer?: HttpServer;
  /** Answers requests that are not ours, such as a web app's pages. Absent: whoever answered `httpServer` before, or 404. */
  fallback?: RequestListener;
  clock?: Clock;
  log?: Logger;
}

/** A server that is up. */
export interface RunningServer {
  /** The port it listens on; 0 while it is attached to a server that does not listen yet. */
  readonly port: number;
  /** Where it can be reached from this machine. */
  readonly url: string;
  readonly settings: Settings;
  readonly database: Database;
  /**
   * Sends an event of the host's own to everyone who has a room open on this node. Not stored, not resumed, at most once.
   * `data` is JSON.
   */
  broadcastToRoom(roomId: string, event: string, data: unknown): void;
  /**
   * Tells one person: stored, with all that their preferences make of it. With a `nonce` it may be repeated and tells once.
   * Answers null where they do not want to be told of this kind.
   * @throws Refusal `not_found`, `bad_request`, `disabled`, `nonce_conflict` where the nonce told something else before;
   * `unavailable` and `overloaded`, where trying again helps.
   */
  sendNotification(userId: string, notification: NewNotification): Promise<Notification | null>;
  /**
   * Tells everybody in a room, however many, in slices behind the chat; answers how many were told within 10 s. The others
   * are told nevertheless.
   * @throws Refusal as `sendNotification` does.
   */
  sendRoomNotification(roomId: string, notification: NewNotification): Promise<{ count: number }>;
  /** People with at least one open connection to this node. */
  getConnectedUsers(): { userId: string; username: string; connections: number }[];
  /** Tells clients to come back later, finishes what is under way, stores it, and lets go of everything. */
  close(): Promise<void>;
}

/**
 * Starts Mirage: Socket.IO, REST and sign-in on one HTTP server, with the database that the settings name.
 * @throws SettingsError naming every wrong setting; DirectoryLockedError when another process has the data directory;
 * whatever the database or the port fails with.
 * @example
 * const mirage = await createServer({ httpServer, settings: { jwtSecret } });
 * mirage.broadcastToRoom("general", "deploy_finished", { version });
 */
export async function createServer(options: ServerOptions = {}): Promise<RunningServer> {
  const settings = readSettings(options.settings);
  const log = options.log ?? createLogger({ level: settings.logLevel });
  for (const warning of listWarnings(process.env)) log.warn(warning);
  const { httpServer, fallback, clock } = options;
  const composed = await compose({ settings, clock, log, httpServer, fallback });
  if (!httpServer) {
    await listen(composed.httpServer, settings).catch(async (error) => {
      await composed.close();
      throw error;
    });
  }
  const portOf = (): number => (composed.httpServer.address() as AddressInfo | null)?.port ?? 0;
  let closing: Promise<void> | undefined;
  return {
    settings,
    database: composed.database,
    get port() {
      return portOf();
    },
    get url() {
      return `http://${reachableHost(settings.host)}:${portOf()}`;
    },
    broadcastToRoom: (roomId, event, data) => composed.gateway.broadcast(`room:${roomId}`, event, data),
    sendNotification: (userId, notification) => composed.hostNotifications.send(userId, notification),
    sendRoomNotification: (roomId, notification) => composed.hostNotifications.sendToRoom(roomId, notification),
    getConnectedUsers: () => composed.gateway.listUsers(),
    close() {
      closing ??= (async () => {
        await composed.close();
        if (!httpServer) await stopListening(composed.httpServer);
      })();
      return closing;
    },
  };
}

/** Settings of the environment, overridden one by one; where data lives decides which secrets are used. */
function readSettings(overrides: Partial<Settings> = {}): Settings {
  const dataDir = overrides.dataDir ?? process.env.DATA_DIR;
  const settings = parseSettings({ ...process.env, ...(dataDir === undefined ? {} : { DATA_DIR: dataDir }) });
  return { ...settings, ...overrides };
}

function listen(httpServer: HttpServer, { port, host }: Settings): Promise<void> {
  return new Promise((resolve, reject) => {
    httpServer.once("error", reject);
    httpServer.listen(port, host, () => {
      httpServer.off("error", reject);
      resolve();
    });
  });
}

function stopListening(httpServer: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    httpServer.close(() => resolve());
    httpServer.closeAllConnections();
  });
}

function reachableHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
