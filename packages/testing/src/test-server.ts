import { randomBytes } from "node:crypto";
import type { RunningServer } from "@mirage/server";
import type { Settings } from "../../server/src/config/settings.ts";
import type { Clock } from "../../server/src/ports/clock.ts";
import { keepPgliteCompiled } from "./compiled-pglite.ts";
import { type ConnectOptions, connect, prepareSocket, type TestSocket, type TestUser } from "./sockets.ts";
import { createTestStorage, type TestStorage } from "./test-database.ts";
import { signToken, type TokenClaims } from "./tokens.ts";

export interface TestServerOptions {
  settings?: Partial<Settings>;
  clock?: Clock;
  /** Data of a server that was closed with `keepsStorage`; absent: a fresh database of its own. */
  storage?: TestStorage;
}

/** A whole server inside the test's process: a free port, a database of its own, nothing shared. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly jwtSecret: string;
  readonly running: RunningServer;
  readonly storage: TestStorage;
  /** Connects a stock client, which `close` disconnects. */
  connect(user: TestUser, options?: ConnectOptions): Promise<TestSocket>;
  /** A client that is not connected yet, which `close` disconnects. */
  prepareSocket(user: TestUser, options?: ConnectOptions): TestSocket;
  signToken(claims: TokenClaims): string;
  /** `keepsStorage`: the data stays, for a server that starts on it again. */
  close(options?: { keepsStorage?: boolean }): Promise<void>;
}

/** No limit stands in the way of a test that is not about it; give the ones you test in `settings`. */
const unlimited: Partial<Settings> = {
  chatPerMinute: 0,
  eventsPerSecond: 0,
  connectionsPerSecond: 0,
  connectionsPerUser: 0,
  inFlight: 0,
};

/** Starts a server on PGlite, or on Postgres where `TEST_DATABASE` says so. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { createServer } = await import("@mirage/server");
  const storage = options.storage ?? (await createTestStorage());
  if (storage.databaseUrl === undefined) await keepPgliteCompiled();
  const jwtSecret = options.settings?.jwtSecret ?? randomBytes(32).toString("hex");
  const running = await createServer({
    settings: {
      ...unlimited,
      host: "127.0.0.1",
      port: 0,
      dataDir: storage.dataDir,
      databaseUrl: storage.databaseUrl,
      logLevel: process.env.TEST_LOG_LEVEL ?? "silent",
      drainWindowMs: 0,
      ...options.settings,
      jwtSecret,
    },
    ...(options.clock ? { clock: options.clock } : {}),
  });
  const sockets: TestSocket[] = [];
  const keep = (socket: TestSocket) => {
    sockets.push(socket);
    return socket;
  };
  const reachable = { url: running.url, jwtSecret };
  return {
    ...reachable,
    port: running.port,
    running,
    storage,
    connect: async (user, socketOptions) => keep(await connect(reachable, user, socketOptions)),
    prepareSocket: (user, socketOptions) => keep(prepareSocket(reachable, user, socketOptions)),
    signToken: (claims) => signToken(claims, jwtSecret),
    async close({ keepsStorage = false } = {}) {
      for (const socket of sockets) socket.disconnect();
      await running.close();
      if (!keepsStorage) await storage.remove();
    },
  };
}
