/**
 * Keeps what others name from reaching into our own network: an address counts as what it resolves to, and the connection
 * goes to the very address that was checked, so that a name cannot mean something else a moment later.
 */
import { lookup } from "node:dns/promises";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** Ranges that are not the public internet (IANA special-purpose registries), and those that tunnel to them. */
const privateRanges = [
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24",
  "192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4",
  "::/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 5f00::/16 fc00::/7 fe80::/10",
  "fec0::/10 ff00::/8",
].flatMap((line) => line.split(" "));

export class TargetRefused extends Error {
  override readonly name = "TargetRefused";
}

export interface Target {
  /** As in an address: IPv6 in brackets. */
  host: string;
  port: number;
}

export class TargetGuard {
  readonly #blocked = new BlockList();
  readonly #allowed: ReadonlySet<string>;

  /** `allowed` are hosts with a port, as in `ALLOW_PRIVATE_TARGETS`. */
  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed.map((target) => target.toLowerCase()));
    for (const range of privateRanges) {
      const [address = "", bits] = range.split("/");
      this.#blocked.addSubnet(address, Number(bits), isIP(address) === 4 ? "ipv4" : "ipv6");
    }
  }

  isAllowed({ host, port }: Target): boolean {
    return this.#allowed.has(`${host.toLowerCase()}:${port}`);
  }

  /** Whether the target is given by number, and by one that is not public. */
  isPrivateLiteral(target: Target): boolean {
    const address = target.host.replace(/^\[|\]$/g, "");
    return isIP(address) !== 0 && !this.isAllowed(target) && this.#isPrivate(address);
  }

  /** @throws `TargetRefused` where any of the target's addresses is not public; whatever the resolver fails with. */
  async resolve(target: Target): Promise<{ address: string; family: number }[]> {
    const name = target.host.replace(/^\[|\]$/g, "");
    const found = isIP(name) === 0 ? await lookup(name, { all: true }) : [{ address: name, family: isIP(name) }];
    if (!this.isAllowed(target) && found.some(({ address }) => this.#isPrivate(address))) {
      throw new TargetRefused("the address is not a public one");
    }
    return found;
  }

  /** For a connection to that target: whatever it is asked to look up, it gives what was checked. */
  lookupFor(target: Target): LookupFunction {
    return (_host, options, done) => {
      this.resolve(target).then(
        (found) => {
          const [first] = found;
          if (options.all) done(null, found);
          else done(null, first?.address ?? "", first?.family);
        },
        (error: NodeJS.ErrnoException) => done(error, "", 0),
      );
    };
  }

  #isPrivate(address: string): boolean {
    // Without the zone that a link-local address may carry.
    const [bare = ""] = address.split("%");
    return this.#blocked.check(bare, isIP(bare) === 4 ? "ipv4" : "ipv6");
  }
}
