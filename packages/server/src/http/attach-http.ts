import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import type { RequestListener } from "./http.ts";

/** For the server that Mirage listens on, or is attached to: `createServer(httpLimits)` of node:http. In milliseconds. */
export const httpLimits = {
  // How long a body may take is limited where it is read (http/receiving.ts): an upload may take longer than a form.
  requestTimeout: 0,
  headersTimeout: 15_000,
  connectionsCheckingInterval: 5_000,
  // Longer than clients and proxies keep a quiet connection (60 s): whoever closes it may reset a request on its way.
  keepAliveTimeout: 75_000,
};

/** Our routes in front of whoever answered this server's requests before, and does so again once they are detached. */
export function attachHttp(
  { httpServer, fallback }: { httpServer: HttpServer | undefined; fallback: RequestListener | undefined },
  listenerFor: (fallback: RequestListener | undefined) => RequestListener,
): { httpServer: HttpServer; detach: () => void } {
  if (!httpServer) {
    const own = createHttpServer(httpLimits, listenerFor(fallback));
    return { httpServer: own, detach: () => undefined };
  }
  const others = httpServer.listeners("request") as RequestListener[];
  httpServer.removeAllListeners("request");
  const toOthers: RequestListener | undefined =
    others.length > 0 ? (request, response) => others.forEach((other) => void other(request, response)) : undefined;
  const listener = listenerFor(fallback ?? toOthers);
  httpServer.on("request", listener);
  const detach = (): void => {
    httpServer.off("request", listener);
    for (const other of others) httpServer.on("request", other);
  };
  return { httpServer, detach };
}
