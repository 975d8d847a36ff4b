import { createHmac, timingSafeEqual } from "node:crypto";

/** What a link is for: a token made for one purpose is worth nothing for another. */
export type LinkPurpose = "confirm" | "unsubscribe";

/** Signs what stands in a link (HMAC-SHA-256), so that nobody can make one up. Base64url and a dot: fit for any address. */
export class LinkTokens {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  sign(purpose: LinkPurpose, fields: readonly string[]): string {
    const body = Buffer.from(JSON.stringify(fields)).toString("base64url");
    return `${body}.${this.#seal(purpose, body).toString("base64url")}`;
  }

  /** The fields of a token that we made for this; undefined for any other text. */
  read(purpose: LinkPurpose, token: string): string[] | undefined {
    const [body = "", given = "", ...rest] = token.split(".");
    const seal = this.#seal(purpose, body);
    const claimed = Buffer.from(given, "base64url");
    if (rest.length > 0 || claimed.length !== seal.length || !timingSafeEqual(claimed, seal)) return undefined;
    return JSON.parse(Buffer.from(body, "base64url").toString()) as string[];
  }

  #seal(purpose: LinkPurpose, body: string): Buffer {
    return createHmac("sha256", this.#key).update(`${purpose}.${body}`).digest();
  }
}
