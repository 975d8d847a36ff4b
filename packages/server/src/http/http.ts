import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Refusal } from "@mirage/protocol";
import { Hono } from "hono";
import { toRefusal } from "../access/to-refusal.ts";
import { createForwarded } from "../lib/forwarded.ts";
import { addApiRoutes } from "./api-routes.ts";
import { addAvatarRoute } from "./avatar.ts";
import { addDownloadRoute } from "./download-route.ts";
import { addEmailRoutes } from "./email-routes.ts";
import { allowOrigins, limitBody, secureHeaders, toResponse } from "./guards.ts";
import type { CallerOf, HttpApp, HttpEnvironment, HttpOptions } from "./http-options.ts";
import { addOperatorRoutes } from "./operator-routes.ts";
import { limitReceiving } from "./receiving.ts";
import { uploadPath } from "./upload-path.ts";

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** What is answered here; everything else is the page's. */
const ownPaths = /^\/(?:healthz|readyz|metrics|api\/(?:v1|auth|avatar)(?:\/.*)?|files\/.*)$/;

/** REST, sign-in, avatars, files, health and metrics as one app. */
function createHttp(options: HttpOptions): HttpApp {
  const { settings, auth, log } = options;
  const callerOf = createCallerOf(settings.trustProxy);
  const app: HttpApp = new Hono<HttpEnvironment>();

  app.use(secureHeaders, allowOrigins(settings.corsOrigins, callerOf), limitBody);
  addOperatorRoutes(app, options);
  app.use(options.openRequests.count);
  addApiRoutes(app, options);
  addAvatarRoute(app, options);
  addEmailRoutes(app, options);
  addDownloadRoute(app, options);
  app.all("/api/auth/*", (context) => {
    const { incoming } = context.env;
    return auth.handle(context.req.raw, { address: callerOf.address(incoming), origin: callerOf.origin(incoming) });
  });

  app.notFound(() => toResponse(new Refusal("not_found", "There is nothing here")));
  app.onError((error, context) => {
    const refusal = toRefusal(error);
    if (refusal.code === "internal") log.error({ err: error, path: context.req.routePath }, "request failed");
    return toResponse(refusal);
  });
  return app;
}

/** For an HTTP server: answers what is ours and hands every other path to `fallback`, or answers 404 without one. */
export function createRequestListener(options: HttpOptions, fallback?: RequestListener): RequestListener {
  const listener = getRequestListener(createHttp(options).fetch, { overrideGlobalObjects: false });
  return (request, response) => {
    if (!request.url?.startsWith("/")) {
      // Only a proxy is asked for whole addresses; whoever stands behind the fallback might go and fetch them.
      response.writeHead(400, { connection: "close" }).end();
      return;
    }
    const path = request.url.split("?")[0] ?? "";
    if (path !== uploadPath) limitReceiving(request, response, options.clock);
    if (fallback !== undefined && !ownPaths.test(path)) fallback(request, response);
    else void listener(request, response);
  };
}

function createCallerOf(trustProxy: readonly string[] | true): CallerOf {
  const forwarded = createForwarded(trustProxy);
  return {
    address: (request) => forwarded.clientAddress(request),
    origin: (request) => forwarded.ownOrigin(request) ?? "http://localhost",
  };
}
