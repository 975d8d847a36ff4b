import { errorCodes, limits, Refusal } from "@mirage/protocol";
import type { MiddlewareHandler } from "hono";
import type { CallerOf, HttpEnvironment } from "./http-options.ts";
import { uploadPath } from "./upload-path.ts";

/** On every answer: nothing is sniffed, framed or run, and no address is told on. */
const securityHeaders = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};

export const secureHeaders: MiddlewareHandler<HttpEnvironment> = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(securityHeaders)) {
    if (!context.res.headers.has(name)) context.header(name, value);
  }
  if (!context.res.headers.has("cache-control")) context.header("cache-control", "no-store");
};

/** Bodies are bounded before anything reads them, also those that do not say how long they are. */
export const limitBody: MiddlewareHandler<HttpEnvironment> = async (context, next) => {
  const { raw } = context.req;
  const { headers, method, url } = raw;
  // Nothing else that is served reads a body, and uploads have a bound of their own.
  if (method !== "POST" || context.req.path === uploadPath) return await next();
  const declared = headers.has("transfer-encoding") ? null : headers.get("content-length");
  if (declared === null) context.req.raw = new Request(url, { method, headers, body: await readBounded(raw.body) });
  else if (Number(declared) > maxBytesOf(url)) throw tooLarge(maxBytesOf(url));
  return await next();
};

/**
 * Bodies that may be larger than an event, where they say how large: Markdown, and updates of documents. They are read
 * behind the look at who asks.
 */
const largeBodies: readonly (readonly [path: RegExp, maxBytes: number])[] = [
  [/^\/api\/v1\/documents(?:\/[^/]+\/append)?$/, limits.markdownBodyBytes],
  [/^\/api\/v1\/commands\/(?:create|append)_document$/, limits.markdownBodyBytes],
  [/^\/api\/v1\/documents\/[^/]+\/updates$/, limits.restUpdateBytes],
];

function maxBytesOf(url: string): number {
  const { pathname } = new URL(url);
  return largeBodies.find(([path]) => path.test(pathname))?.[1] ?? limits.eventBytes;
}

async function readBounded(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > limits.eventBytes) throw tooLarge(limits.eventBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal("too_large", `Body too large: at most ${maxBytes} bytes`);
}

/** Pages of the listed origins may call; of all others the browser hides the answer, as it does without this. */
export function allowOrigins(corsOrigins: readonly string[], callerOf: CallerOf): MiddlewareHandler<HttpEnvironment> {
  return async (context, next) => {
    const origin = context.req.header("origin");
    context.header("vary", "Origin");
    const isListed = origin !== undefined && corsOrigins.includes(origin);
    const isForeign = origin !== undefined && !isListed && origin !== callerOf.origin(context.env.incoming);
    if (context.req.method === "OPTIONS") {
      if (isForeign) return context.body(null, 403);
      if (isListed) allow(context, origin);
      context.header("access-control-allow-methods", "GET, POST, OPTIONS");
      context.header("access-control-allow-headers", "authorization, content-type, x-user-id");
      context.header("access-control-max-age", "600");
      return context.body(null, 204);
    }
    await next();
    if (isListed) allow(context, origin);
    return undefined;
  };
}

function allow(context: Parameters<MiddlewareHandler<HttpEnvironment>>[0], origin: string): void {
  context.header("access-control-allow-origin", origin);
  context.header("access-control-allow-credentials", "true");
}

/** A refusal as an HTTP answer, with the status of its code unless another one says more. */
export function toResponse(refusal: Refusal, status: number = errorCodes[refusal.code].status): Response {
  const headers = new Headers();
  if (refusal.retryAfterMs !== undefined) headers.set("retry-after", String(Math.ceil(refusal.retryAfterMs / 1_000)));
  if (status === 401) headers.set("www-authenticate", "Bearer");
  return Response.json({ error: refusal.toBody() }, { status, headers });
}
