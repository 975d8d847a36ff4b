import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { Refusal } from "@mirage/protocol";
import {
  type CompactJWSHeaderParameters,
  type CryptoKey,
  compactVerify,
  createRemoteJWKSet,
  errors,
  type FlattenedJWSInput,
} from "jose";
import { z } from "zod";
import { HandshakeError } from "../../access/handshake-error.ts";
import type { Settings } from "../../config/settings.ts";
import type { Clock } from "../../ports/clock.ts";
import { type Claims, parseClaims } from "./claims.ts";

/** Issuer and audience of the tokens that this product's own sign-in makes. */
export const ownIssuer = "mirage";

/** Clocks of two machines may differ by this much. */
const toleranceSeconds = 5;
const maxTokenLength = 16_384;
const tokenPattern = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** One algorithm family per kind of key: a public key can never be taken for a shared secret. */
const publicKeyAlgorithms = [
  "EdDSA",
  "Ed25519",
  "ES256",
  "ES384",
  "ES512",
  "PS256",
  "PS384",
  "PS512",
  "RS256",
  "RS384",
  "RS512",
];

const headerSchema = z.object({
  alg: z.string(),
  kid: z.string().max(256).optional(),
  typ: z
    .string()
    .transform((typ) => typ.toLowerCase())
    .pipe(z.enum(["jwt", "at+jwt"]))
    .optional(),
  crit: z.undefined().optional(),
});

/** Finds a public key of our own sign-in by its id. */
export type FindOwnKey = (kid: string) => Promise<CryptoKey | undefined>;
export type VerifyToken = (token: string) => Promise<Claims>;
type RemoteKeys = (header: CompactJWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

type TokenSettings = Pick<Settings, "jwtSecret" | "jwtJwksUrl" | "jwtIssuer" | "jwtAudience">;

/**
 * Checks tokens: HS256 with the shared secret, or a public-key algorithm with a key of our own sign-in or of the set at
 * `JWT_JWKS_URL`. Everything else, `none` and unsigned extensions among it, is refused.
 * @throws `HandshakeError` for a refused token; `Refusal` `unavailable` when the key set cannot be fetched.
 */
export function createTokenVerifier(options: {
  settings: TokenSettings;
  findOwnKey: FindOwnKey;
  clock: Clock;
}): VerifyToken {
  const { settings, findOwnKey, clock } = options;
  const secret = createSecretKey(Buffer.from(settings.jwtSecret));
  const remoteKeys = settings.jwtJwksUrl === undefined ? undefined : createRemoteJWKSet(new URL(settings.jwtJwksUrl));

  return async (token) => {
    const header = parseHeader(token);
    if (header === undefined) throw new HandshakeError("token_invalid");
    if (header.alg === "HS256") {
      if (!hasHmac(token, secret)) throw new HandshakeError("token_invalid");
      const claims = readClaims(decodePart(token, 1), { ...settings, now: clock.now() });
      return { ...claims, isOwnAccount: false };
    }
    if (!publicKeyAlgorithms.includes(header.alg)) throw new HandshakeError("token_invalid");
    const ownKey = header.kid === undefined ? undefined : await findOwnKey(header.kid);
    const payload = await verifySignature(token, ownKey, remoteKeys);
    const expected = ownKey === undefined ? settings : { jwtIssuer: ownIssuer, jwtAudience: ownIssuer };
    return { ...readClaims(payload, { ...expected, now: clock.now() }), isOwnAccount: ownKey !== undefined };
  };
}

function parseHeader(token: string): z.output<typeof headerSchema> | undefined {
  if (token.length > maxTokenLength || !tokenPattern.test(token)) return undefined;
  const result = headerSchema.safeParse(decodePart(token, 0));
  return result.success ? result.data : undefined;
}

function decodePart(token: string, index: number): unknown {
  return parseJson(Buffer.from(token.split(".")[index] ?? "", "base64url").toString("utf8"));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function hasHmac(token: string, secret: KeyObject): boolean {
  const end = token.lastIndexOf(".");
  const expected = createHmac("sha256", secret).update(token.slice(0, end)).digest();
  const given = Buffer.from(token.slice(end + 1), "base64url");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function verifySignature(token: string, ownKey: CryptoKey | undefined, remoteKeys: RemoteKeys | undefined) {
  const options = { algorithms: publicKeyAlgorithms };
  try {
    if (ownKey !== undefined) return parseJson(decode((await compactVerify(token, ownKey, options)).payload));
    if (remoteKeys !== undefined) return parseJson(decode((await compactVerify(token, remoteKeys, options)).payload));
  } catch (error) {
    if (isKeySetFailure(error)) throw new Refusal("unavailable", "Service unavailable", { retryAfterMs: 1_000 });
    throw new HandshakeError("token_invalid");
  }
  throw new HandshakeError("token_invalid");
}

/** The key set could not be had, which says nothing about the token. */
function isKeySetFailure(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout) return true;
  if (error instanceof errors.JOSEError) return error.code === "ERR_JOSE_GENERIC";
  return error instanceof TypeError && error.message === "fetch failed";
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

function readClaims(
  payload: unknown,
  expected: { jwtIssuer: string | undefined; jwtAudience: string | undefined; now: number },
): Omit<Claims, "isOwnAccount"> {
  const claims = parseClaims(payload);
  if (claims === undefined || !isMeantForUs(payload, expected)) throw new HandshakeError("token_invalid");
  const nowSeconds = expected.now / 1_000;
  if (claims.notBefore !== undefined && claims.notBefore > nowSeconds + toleranceSeconds) {
    throw new HandshakeError("token_invalid");
  }
  if (claims.expiresAt !== undefined && claims.expiresAt <= nowSeconds - toleranceSeconds) {
    throw new HandshakeError("token_expired");
  }
  return claims;
}

const recipientSchema = z.object({ iss: z.unknown().optional(), aud: z.unknown().optional() });

function isMeantForUs(
  payload: unknown,
  expected: { jwtIssuer: string | undefined; jwtAudience: string | undefined },
): boolean {
  const { iss, aud } = recipientSchema.parse(payload);
  const audiences: unknown[] = Array.isArray(aud) ? aud : [aud];
  const isIssuer = expected.jwtIssuer === undefined || iss === expected.jwtIssuer;
  return isIssuer && (expected.jwtAudience === undefined || audiences.includes(expected.jwtAudience));
}
