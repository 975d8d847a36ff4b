/** Why the connection stopped trying. `unauthenticated`: `getToken` said so. `user_changed`: the token is of someone else. */
export type RefusalReason =
  | "token_required"
  | "token_invalid"
  | "user_not_found"
  | "user_banned"
  | "connection_limit"
  | "unauthenticated"
  | "user_changed";

/** Who is connected, as the token says. */
export interface ConnectionUser {
  userId: string;
  username: string;
}

/**
 * What a person may be shown of the connection.
 *
 * - `idle`: not started. `connecting`: an attempt is under way. `online`: commands and events flow.
 * - `waiting`: the next attempt starts at `retryAt`. `offline`: the browser says that there is no network.
 * - `refused`: trying again would not help; see `reason`. `reconnectNow()` starts over. `closed`: for good.
 */
export interface ConnectionState {
  readonly status: "idle" | "connecting" | "online" | "waiting" | "offline" | "refused" | "closed";
  /** When the next attempt starts: milliseconds since 1970. Only while `waiting`. */
  readonly retryAt?: number;
  /** Only while `refused`. */
  readonly reason?: RefusalReason;
  /** Whether this client has been online before. */
  readonly everConnected: boolean;
  /** Known from the first token on. */
  readonly user?: ConnectionUser;
}
