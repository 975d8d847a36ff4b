import { createHmac, timingSafeEqual } from "node:crypto";

/** The file itself, or one of the small pictures of it. */
export const variants = ["original", "thumbnail", "preview"] as const;
export type Variant = (typeof variants)[number];

/** What an address says. */
export interface AddressedFile {
  fileId: string;
  variant: string;
  /** Seconds since 1970. */
  expires: string;
  signature: string;
}

/** Addresses of one quarter of an hour are the same, so that a browser that has a picture need not fetch it again. */
const windowMs = 15 * 60_000;

/** Makes addresses that let whoever has one read one file for 15 to 30 minutes, and knows its own again. */
export class FileAddresses {
  readonly #key: string;

  /** `key` is secret, and the same on every node. */
  constructor(key: string) {
    this.#key = key;
  }

  expiryOf(nowMs: number): number {
    return (Math.floor(nowMs / windowMs) + 2) * windowMs;
  }

  write(fileId: string, variant: Variant, expiresAtMs: number): string {
    const expires = String(Math.floor(expiresAtMs / 1_000));
    const query = new URLSearchParams({ variant, expires, signature: this.#sign({ fileId, variant, expires }) });
    return `/files/${encodeURIComponent(fileId)}?${query}`;
  }

  /** Which variant an address is for; undefined where it is not one of ours, or has expired. */
  check(address: AddressedFile, nowMs: number): Variant | undefined {
    const expected = Buffer.from(this.#sign(address));
    const given = Buffer.from(address.signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    if (Number(address.expires) * 1_000 <= nowMs) return undefined;
    return variants.find((variant) => variant === address.variant);
  }

  #sign({ fileId, variant, expires }: Omit<AddressedFile, "signature">): string {
    return createHmac("sha256", this.#key).update([fileId, variant, expires].join("\n")).digest("base64url");
  }
}
