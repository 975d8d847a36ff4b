import {
  type CommandPayload,
  type CommandReply,
  type HandshakeRefusal,
  handshakeRefusals,
  limits,
  Refusal,
} from "@mirage/protocol";
import { HandshakeError } from "../access/handshake-error.ts";
import type { Authenticate } from "../access/identity.ts";
import type { Closer } from "./closing.ts";
import type { Connection } from "./connection.ts";
import { encodeEvent } from "./frame.ts";

/** Announces the end of a token a minute ahead and closes the connection at it; asked once a second. */
export function checkExpiry(connection: Connection, nowMs: number, closer: Closer): void {
  const { expiresAt, outlet } = connection;
  if (expiresAt === undefined) return;
  if (nowMs >= expiresAt) {
    outlet.send(encodeEvent("auth_expired", {}));
    closer.close(connection, "auth_expired", "goodbye");
  } else if (!connection.isExpiryAnnounced && nowMs >= expiresAt - limits.authExpiringMs) {
    connection.isExpiryAnnounced = true;
    outlet.send(encodeEvent("auth_expiring", { expiresAt: new Date(expiresAt).toISOString() }));
  }
}

/**
 * Serves `auth_refresh`: a newer token of the same person takes the place of the one that ends. A refusal names its
 * reason as an issue of `token`: a code of the handshake, or `other_user`. Who asks is signed in already, so it tells them
 * nothing that connecting with that token would not.
 */
export async function refreshToken(
  connection: Connection,
  payload: CommandPayload<"auth_refresh">,
  authenticate: Authenticate,
): Promise<CommandReply<"auth_refresh">> {
  const identity = await authenticate(payload.token).catch((error: unknown) => {
    throw error instanceof HandshakeError ? refusalOf(error.message, error.code) : error;
  });
  const { expiresAt, userId, ...person } = identity;
  if (userId !== connection.userId) throw refusalOf(handshakeRefusals.token_invalid, "other_user");
  Object.assign(connection.session, person);
  connection.expiresAt = expiresAt;
  connection.isExpiryAnnounced = false;
  return expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() };
}

function refusalOf(message: string, reason: HandshakeRefusal | "other_user"): Refusal {
  return new Refusal("unauthenticated", message, { issues: [{ path: "token", message: reason }] });
}
