import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Refusal } from "@mirage/protocol";
import type { HttpApp, HttpOptions } from "./http-options.ts";
import { createReadiness } from "./readiness.ts";

/** What whoever runs the server asks: is it alive, may it get traffic, what does it count. */
export function addOperatorRoutes(app: HttpApp, options: HttpOptions): void {
  const { settings, metrics, isDraining } = options;
  const canWrite = createReadiness(options);

  app.get("/healthz", (context) => context.json({ status: "alive" }));

  app.get("/readyz", async (context) => {
    if (isDraining()) return context.json({ status: "draining" }, 503);
    return (await canWrite())
      ? context.json({ status: "ready", database: "ok" })
      : context.json({ status: "unavailable", database: "failed" }, 503);
  });

  app.get("/metrics", async (context) => {
    const isOpen = settings.metricsPublic || isLocal(context.env.incoming);
    if (!isOpen && !hasKey(context.req.header("authorization"), settings.apiKey)) {
      throw new Refusal("forbidden", "Ask from this machine, or with the API key");
    }
    return context.body(await metrics.registry.metrics(), 200, { "content-type": metrics.registry.contentType });
  });
}

/** Not what a proxy on this machine passes on: that may come from anywhere. */
function isLocal(request: IncomingMessage): boolean {
  const { remoteAddress } = request.socket;
  const isLoopback = remoteAddress !== undefined && /^(127\.|::1$|::ffff:127\.)/.test(remoteAddress);
  return isLoopback && request.headers["x-forwarded-for"] === undefined && request.headers.forwarded === undefined;
}

function hasKey(authorization: string | undefined, apiKey: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(authorization ?? ""), digest(`Bearer ${apiKey}`));
}
