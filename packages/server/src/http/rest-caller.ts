import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { limits, messages, Refusal } from "@mirage/protocol";
import { HandshakeError } from "../access/handshake-error.ts";
import type { Session } from "../access/session.ts";
import { TokenBuckets } from "../lib/token-bucket.ts";
import type { HttpOptions } from "./http-options.ts";

/** Who a REST request speaks for: a back end with the API key, perhaps for one person, or a person with a token. */
export interface RestCaller {
  isBackEnd: boolean;
  session: Session | undefined;
}

export type FindRestCaller = (headers: Headers) => Promise<RestCaller>;

/**
 * Reads `Authorization: Bearer`, and from a back end `X-User-Id`.
 * @throws `Refusal` `unauthenticated`, `not_found` for an unknown `X-User-Id`, `rate_limited`.
 */
export function createRestCallers(options: Pick<HttpOptions, "auth" | "settings" | "clock">): FindRestCaller {
  const { auth, settings, clock } = options;
  const apiKeyDigest = digest(settings.apiKey);
  const perSecond = settings.eventsPerSecond;
  const buckets = perSecond > 0 ? new TokenBuckets({ perSecond, capacity: perSecond * 2 }) : undefined;

  return async (headers) => {
    const token = /^Bearer ([^\s]+)$/i.exec(headers.get("authorization") ?? "")?.[1];
    if (token === undefined) throw new Refusal("unauthenticated", "Authorization: Bearer is required");
    if (timingSafeEqual(digest(token), apiKeyDigest)) {
      const userId = headers.get("x-user-id");
      return { isBackEnd: true, session: userId === null ? undefined : await findActor(auth, userId) };
    }
    const identity = await refusing(auth.authenticate(token), "unauthenticated");
    const retryAfterMs = buckets?.take(identity.userId, clock.monotonicMs()) ?? 0;
    if (retryAfterMs > 0) throw new Refusal("rate_limited", messages.rateLimited, { retryAfterMs });
    return { isBackEnd: false, session: toSession(identity) };
  };
}

/** The session of someone, for commands that are somebody's. */
export function requireSession(caller: RestCaller): Session {
  if (caller.session !== undefined) return caller.session;
  throw new Refusal("bad_request", "X-User-Id is required: this is done by somebody");
}

async function findActor(auth: HttpOptions["auth"], userId: string): Promise<Session> {
  const isId = userId !== "" && userId.length <= limits.idCodePoints;
  if (!isId) throw new Refusal("bad_request", "X-User-Id is not an id");
  return toSession(await refusing(auth.findIdentity(userId), "not_found"));
}

async function refusing<Result>(act: Promise<Result>, code: "unauthenticated" | "not_found"): Promise<Result> {
  try {
    return await act;
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error;
    throw new Refusal(error.code === "user_banned" ? "forbidden" : code, error.message);
  }
}

function toSession(identity: Awaited<ReturnType<HttpOptions["auth"]["authenticate"]>>): Session {
  const { expiresAt: _, ...person } = identity;
  return { ...person, connectionId: randomUUID(), transport: "rest" };
}

/** Of equal length whatever was sent, so that comparing takes equal time. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
