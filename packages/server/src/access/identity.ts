import type { Session } from "./session.ts";

/** Who a token speaks for, once it was checked and the person's row was read or made. */
export type Identity = Omit<Session, "connectionId" | "transport"> & {
  /** When the token ends, in milliseconds since 1970; absent: it does not. */
  expiresAt: number | undefined;
};

/**
 * Turns a token into an identity.
 * @throws `HandshakeError` when the token or its user is refused; `DatabaseError` when that cannot be told.
 */
export type Authenticate = (token: string) => Promise<Identity>;
