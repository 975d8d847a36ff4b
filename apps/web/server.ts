// Web and realtime on one port. The realtime server answers what is its own, Next every other path.
import { createServer as createHttpServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import { createServer, httpLimits, type RunningServer, SettingsError } from "@mirage/server";
import next from "next";
import { securePage } from "./page-security.ts";

export interface WebOptions {
  /** With hot reload and without a build. Default: what `npm start` built is served. */
  dev?: boolean;
  /** Default: `PORT`. */
  port?: number;
  /** Default: `HOST`. */
  host?: string;
}

/** Starts the whole app and listens. `close` on the answer stops the realtime part; the process may then end. */
export async function startWeb({ dev = false, port, host }: WebOptions = {}): Promise<RunningServer> {
  // Nothing of what people run is told to anybody.
  process.env.NEXT_TELEMETRY_DISABLED ??= "1";
  const httpServer = createHttpServer(httpLimits);
  // Next attaches itself to the upgrades of the server that it is given. This one never listens: it hears only the
  // upgrades that are passed on below, which in production are none.
  const nextUpgrades = createHttpServer();
  const app = next({ dev, dir: fileURLToPath(new URL(".", import.meta.url)), httpServer: nextUpgrades, quiet: !dev });
  await app.prepare();
  const answerPage = app.getRequestHandler();
  const realtime = await createServer({
    httpServer,
    fallback(request, response) {
      securePage(request, response, { dev });
      void answerPage(request, response);
    },
    settings: { ...(port === undefined ? {} : { port }), ...(host === undefined ? {} : { host }) },
  });
  routeUpgrades(httpServer, dev ? nextUpgrades : undefined);
  await listen(httpServer, realtime.settings);
  return {
    ...realtime,
    get port() {
      return realtime.port;
    },
    get url() {
      return realtime.url;
    },
    async close() {
      await realtime.close();
      httpServer.closeAllConnections();
      httpServer.close();
      await app.close();
    },
  };
}

/** The gateway takes its own upgrades; those of hot reload go to Next in development; all others end here. */
function routeUpgrades(httpServer: Server, hotReload: Server | undefined): void {
  httpServer.on("upgrade", (request, socket, head) => {
    const path = request.url ?? "";
    if (/^\/socket\.io(?:[/?]|$)/.test(path)) return;
    if (hotReload && path.startsWith("/_next/")) hotReload.emit("upgrade", request, socket, head);
    else socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
  });
}

function listen(httpServer: Server, { port, host }: { port: number; host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    httpServer.once("error", reject);
    httpServer.listen(port, host, () => {
      httpServer.off("error", reject);
      resolve();
    });
  });
}

async function main(): Promise<void> {
  const dev = process.argv.includes("--dev");
  const web = await startWeb({ dev });
  if (dev) console.log(`Mirage is ready at ${web.url}, with hot reload`);
  let isStopping = false;
  const stop = () => {
    // A second signal means now.
    if (isStopping) process.exit(1);
    isStopping = true;
    web.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
}

function explain(error: unknown): string {
  if (error instanceof SettingsError) return error.message;
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    return "The port is in use. Stop what listens there, or choose another PORT.";
  }
  return error instanceof Error ? error.message : String(error);
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(explain(error));
    process.exit(1);
  });
}
