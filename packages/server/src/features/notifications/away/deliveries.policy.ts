/** When what is due to people who are away is sent, sent again, or dropped. Pure. */

/** Whoever is active is told in the app; that they have gone is looked at so often, and so long. */
const lookAgainMs = 60_000;
const lookForMs = 5 * 60_000;
const firstPauseMs = 15_000;
const longestPauseMs = 60 * 60_000;
/** About two and a half hours in all. */
const maxAttempts = 8;
/** While nothing at all can be sent: about four days, as between mail servers (RFC 5321 §4.5.4.1). */
const maxOutageAttempts = 100;

/** Why something was not, or no longer, sent. */
export type Outcome =
  | "sent"
  | "closed"
  | "read"
  | "unwanted"
  | "active"
  | "early"
  | "unreachable"
  | "banned"
  | "refused"
  | "given_up"
  | "retried";

export interface Standing {
  /** Unread notifications that are left of it, and those of them that the person still wants to be told of this way. */
  unreadCount: number;
  wantedCount: number;
  isActive: boolean;
  toldAtMs: number;
  /** When the first of what is wanted will have waited as long as it has to. */
  readyAtMs: number;
  nowMs: number;
}

/** What is right at this moment, however it looked when it was stored. */
export function judge(at: Standing): "send" | { outcome: Outcome; dueAtMs?: number } {
  if (at.unreadCount === 0) return { outcome: "read" };
  if (at.wantedCount === 0) return { outcome: "unwanted" };
  if (at.readyAtMs > at.nowMs) return { outcome: "early", dueAtMs: at.readyAtMs };
  if (!at.isActive) return "send";
  const isLookedAtAgain = at.nowMs - at.toldAtMs < lookForMs;
  return { outcome: "active", ...(isLookedAtAgain ? { dueAtMs: at.nowMs + lookAgainMs } : {}) };
}

/** Something could not be handed over for now. */
export interface Setback {
  /** How often, with this time. */
  attempts: number;
  /** Nothing at all can be handed over there. */
  isOutage?: boolean;
  /** What the other side asked for. */
  retryAfterMs?: number;
}

/**
 * How long to wait before the next try, in milliseconds: three times as long each time, up to an hour, with a quarter more or
 * less, so that what failed together does not come back together. Undefined: not any more. `random` is from 0 to 1.
 */
export function pauseMs({ attempts, isOutage = false, retryAfterMs = 0 }: Setback, random: number): number | undefined {
  if (attempts >= (isOutage ? maxOutageAttempts : maxAttempts)) return undefined;
  const pause = Math.min(firstPauseMs * 3 ** (attempts - 1), longestPauseMs);
  return Math.max(Math.round(pause * (0.75 + random / 2)), retryAfterMs);
}

/**
 * Whether a device may be sent something that shows nothing. Apple takes the subscription away for that; Firefox and
 * Chrome allow it to a site that people use, now and then.
 */
export function maySendSilently(endpoint: string): boolean {
  return !/(^|\.)push\.apple\.com$/.test(new URL(endpoint).hostname);
}
