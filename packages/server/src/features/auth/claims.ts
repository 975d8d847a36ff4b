import { findUncleanPath, limits, line } from "@mirage/protocol";
import { z } from "zod";

/** What a checked token says about a person. Times are in seconds since 1970, as tokens carry them. */
export interface Claims {
  userId: string;
  /** Absent: the token names nobody, and a name that is stored already stays. */
  username: string | undefined;
  avatarUrl: string | undefined;
  /** Their issuer says that they have confirmed it. */
  verifiedEmail: string | undefined;
  isGuest: boolean;
  isAdmin: boolean;
  sid: string | undefined;
  issuedAt: number | undefined;
  expiresAt: number | undefined;
  /** Signed by our own sign-in: the account exists, so its user may always be made. */
  isOwnAccount: boolean;
}

const maxTokenDepth = 8;
const controlCharacters = /\p{Cc}/u;

const personId = z.union([z.string(), z.int().transform(String)]).pipe(
  z
    .string()
    .min(1)
    .max(limits.idCodePoints)
    .refine((text) => !controlCharacters.test(text)),
);

const displayName = line(limits.usernameCodePoints, "a name that can be seen");

const picture = z.string().max(2_048).refine(isShowable).optional().catch(undefined);
const instant = z.number().nonnegative().optional();

const claimsSchema = z.object({
  userId: personId.optional(),
  sub: personId.optional(),
  username: displayName.optional(),
  name: displayName.optional(),
  avatarUrl: picture,
  email: z.email().max(limits.emailCharacters).optional().catch(undefined),
  email_verified: z.boolean().optional().catch(undefined),
  isGuest: z.boolean().optional().catch(undefined),
  roles: z.array(z.unknown()).optional().catch(undefined),
  sid: z.string().min(1).max(limits.idCodePoints).optional(),
  iat: instant,
  nbf: instant,
  exp: instant,
});

/** Reads the payload of a token whose signature was checked; `undefined` where it names nobody or is not well formed. */
export function parseClaims(
  payload: unknown,
): (Omit<Claims, "isOwnAccount"> & { notBefore: number | undefined }) | undefined {
  if (findUncleanPath(payload, maxTokenDepth) !== undefined) return undefined;
  const result = claimsSchema.safeParse(payload);
  if (!result.success) return undefined;
  const { data } = result;
  const userId = data.userId ?? data.sub;
  if (userId === undefined) return undefined;
  return {
    userId,
    username: data.username ?? data.name,
    avatarUrl: data.avatarUrl,
    verifiedEmail: data.email_verified === true ? data.email : undefined,
    isGuest: data.isGuest ?? false,
    isAdmin: data.roles?.includes("admin") ?? false,
    sid: data.sid,
    issuedAt: data.iat,
    expiresAt: data.exp,
    notBefore: data.nbf,
  };
}

/** A display name from elsewhere, made to fit; `undefined` where nothing of it is left. */
export function fitDisplayName(text: string): string | undefined {
  const plain = text.toWellFormed().replace(/\p{Cc}/gu, " ");
  const result = displayName.safeParse([...plain.normalize("NFC")].slice(0, limits.usernameCodePoints).join(""));
  return result.success ? result.data : undefined;
}

function isShowable(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === "https:";
}
