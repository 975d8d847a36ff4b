import { createHmac } from "node:crypto";

/** Who a token speaks for. `exp` and `iat` are seconds since 1970. */
export interface TokenClaims {
  userId?: string;
  sub?: string;
  username?: string;
  name?: string;
  avatarUrl?: string;
  email?: string;
  email_verified?: boolean;
  isGuest?: boolean;
  roles?: string[];
  sid?: string;
  iss?: string;
  aud?: string;
  iat?: number;
  exp?: number;
}

/** Signs a JWT as a host application would: HS256, valid for an hour unless `exp` says otherwise. */
export function signToken(claims: TokenClaims, secret: string): string {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const body = { iat: nowSeconds, exp: nowSeconds + 3600, ...claims };
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(body)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
