import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Puts the page's protections on an answer: only this app's own scripts run, and of inline ones only those that carry
 * this answer's nonce, which Next reads from the request. Inline styles stay allowed: overlays set them.
 */
export function securePage(request: IncomingMessage, response: ServerResponse, { dev }: { dev: boolean }): void {
  const nonce = randomBytes(16).toString("base64");
  const policy = [
    "default-src 'self'",
    // Hot reload evaluates what it has fetched.
    `script-src 'self' 'nonce-${nonce}'${dev ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    // What is about to be uploaded is shown from the page's own memory.
    "img-src 'self' https: data: blob:",
    `connect-src ${["'self'", ...socketSources()].join(" ")}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
  request.headers["content-security-policy"] = policy;
  response.setHeader("Content-Security-Policy", policy);
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("X-Frame-Options", "DENY");
  response.setHeader("Referrer-Policy", "strict-origin-when-cross-origin");
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
}

// A realtime server elsewhere is spoken to over both of its schemes.
function socketSources(): string[] {
  const url = process.env.NEXT_PUBLIC_WS_URL;
  if (!url || !URL.canParse(url)) return [];
  const { host, protocol } = new URL(url);
  const isSecure = protocol === "https:" || protocol === "wss:";
  return isSecure ? [`https://${host}`, `wss://${host}`] : [`http://${host}`, `ws://${host}`];
}
