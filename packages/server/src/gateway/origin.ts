import type { IncomingMessage } from "node:http";
import { type Forwarded, parseOrigin } from "../lib/forwarded.ts";

/**
 * Says whether a request may come from where its page is. A browser lets any page open a WebSocket anywhere and says
 * only where the page is from, so this is checked for every transport, before the upgrade.
 * No Origin at all is no browser: it may ask, and needs a token like everyone.
 */
export function createOriginRule(
  allowedOrigins: readonly string[],
  forwarded: Forwarded,
): (request: IncomingMessage) => boolean {
  const isOpen = allowedOrigins.includes("*");
  const allowed = new Set(allowedOrigins.map(parseOrigin).filter((origin) => origin !== undefined));
  return (request) => {
    const header = request.headers.origin;
    if (header === undefined) return true;
    const origin = parseOrigin(header);
    // `null`, of a sandboxed frame or a file, is nobody's origin.
    if (origin === undefined) return false;
    if (allowedOrigins.length === 0) return origin === forwarded.ownOrigin(request);
    return isOpen || allowed.has(origin);
  };
}
