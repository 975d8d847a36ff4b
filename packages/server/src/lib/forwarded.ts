import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import { TLSSocket } from "node:tls";

/** Who really asks, and under which origin, behind the proxies that are trusted to say so. */
export interface Forwarded {
  /** The client's address: the nearest one that no trusted proxy has. */
  clientAddress(request: IncomingMessage): string;
  /** Scheme and host under which the client reached this request, as a browser writes an origin. */
  ownOrigin(request: IncomingMessage): string | undefined;
}

/** `trustProxy`: addresses or CIDR ranges whose X-Forwarded-* counts, or `true` for all. */
export function createForwarded(trustProxy: readonly string[] | true): Forwarded {
  const isTrusted = createTrust(trustProxy);
  return {
    clientAddress(request) {
      const hops = listValues(request.headers["x-forwarded-for"]).map(plainAddress);
      let address = plainAddress(request.socket.remoteAddress ?? "");
      while (isTrusted(address)) {
        const before = hops.pop();
        if (before === undefined || isIP(before) === 0) break;
        address = before;
      }
      return address;
    },
    ownOrigin(request) {
      const trusted = isTrusted(plainAddress(request.socket.remoteAddress ?? ""));
      const proto = trusted ? listValues(request.headers["x-forwarded-proto"])[0] : undefined;
      const host = (trusted ? listValues(request.headers["x-forwarded-host"])[0] : undefined) ?? request.headers.host;
      const scheme = proto ?? (request.socket instanceof TLSSocket ? "https" : "http");
      return host === undefined ? undefined : parseOrigin(`${scheme}://${host}`);
    },
  };
}

/** Scheme, host and port as a browser writes them; undefined where it is none of http or https. */
export function parseOrigin(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return undefined;
  return url.origin;
}

function createTrust(trustProxy: readonly string[] | true): (address: string) => boolean {
  if (trustProxy === true) return () => true;
  if (trustProxy.length === 0) return () => false;
  const trusted = new BlockList();
  for (const entry of trustProxy) {
    const [address = "", prefix] = entry.trim().split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  return (address) => isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** An IPv4 address that arrives on an IPv6 socket is the same address. */
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

function listValues(header: string | string[] | undefined): string[] {
  if (header === undefined) return [];
  const text = Array.isArray(header) ? header.join(",") : header;
  return text
    .split(",")
    .map((value) => value.trim())
    .filter((value) => value !== "");
}
