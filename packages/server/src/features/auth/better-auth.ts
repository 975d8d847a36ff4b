import { betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { anonymous, jwt, username } from "better-auth/plugins";
import type { Settings } from "../../config/settings.ts";
import { authAccounts, authKeys, authSessions, authUsers, authVerifications } from "../../database/auth-schema.ts";
import type { Database } from "../../database/database.ts";
import { openOrm } from "../../database/orm.ts";
import type { Logger } from "../../lib/logger.ts";
import { usernameKey } from "../../lib/username-key.ts";
import { fitDisplayName } from "./claims.ts";
import { makeGuestName } from "./guest-names.ts";
import { ownIssuer } from "./tokens.ts";
import { isUsername, passwordLength, usernameLength } from "./username-rules.ts";

/** Accounts, sessions and the app's tokens, on tables of this database; asked in process, never over HTTP. */
export type AccountHandler = (request: Request) => Promise<Response>;

export interface AccountEvents {
  onAccountMade: (account: { id: string; username: string; isGuest: boolean }) => Promise<void>;
  onAccountDeleted: (userId: string) => Promise<void>;
  onSessionEnded: (session: { userId: string; sessionId: string }) => Promise<void>;
}

/** The request carries the guest's chosen name in this header; `sign-in.ts` sets it, whatever the client sent. */
export const guestNameHeader = "x-guest-name";

const day = 24 * 60 * 60;

export function createAccountHandler(options: {
  settings: Pick<Settings, "authSecret" | "corsOrigins" | "discord" | "publicUrl">;
  database: Database;
  log: Logger;
  events: AccountEvents;
}): AccountHandler {
  const { settings, database, log, events } = options;
  const schema = {
    user: authUsers,
    session: authSessions,
    account: authAccounts,
    verification: authVerifications,
    jwks: authKeys,
  };
  const auth = betterAuth({
    secret: settings.authSecret,
    basePath: "/api/auth",
    ...(settings.publicUrl === undefined ? {} : { baseURL: new URL(settings.publicUrl).origin }),
    database: drizzleAdapter(openOrm(database), { provider: "pg", schema }),
    trustedOrigins: (request) => [...settings.corsOrigins, ...(request ? [new URL(request.url).origin] : [])],
    emailAndPassword: {
      enabled: true,
      autoSignIn: true,
      minPasswordLength: passwordLength.min,
      maxPasswordLength: passwordLength.max,
    },
    session: { expiresIn: 30 * day, updateAge: day },
    account: { encryptOAuthTokens: true, accountLinking: { enabled: false } },
    ...(settings.discord === undefined ? {} : { socialProviders: { discord: discordProvider(settings.discord) } }),
    // Limits are counted in `sign-in-limits.ts`, which knows the account and the true address.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    advanced: {
      cookiePrefix: "mirage",
      // `Secure` follows the request's own scheme and is added in `sign-in.ts`.
      useSecureCookies: false,
      disableOriginCheck: false,
      ipAddress: { disableIpTracking: true },
    },
    logger: { level: "warn", log: (level, message) => noteWarning(log, level, message) },
    onAPIError: { onError: (error) => logFault(log, error) },
    databaseHooks: hooksOf(events),
    plugins: [
      username({
        minUsernameLength: usernameLength.min,
        maxUsernameLength: usernameLength.max,
        usernameValidator: isUsername,
        usernameNormalization: usernameKey,
      }),
      anonymous({ emailDomainName: "guests.invalid", generateName: ({ headers }) => guestName(headers) }),
      jwt({
        disableSettingJwtHeader: true,
        jwt: { issuer: ownIssuer, audience: ownIssuer, expirationTime: "15m", definePayload: claimsOf },
      }),
    ],
  });
  return auth.handler;
}

/**
 * Without `PUBLIC_URL` links are made with the origin of the request, and that is meant: `sign-in.ts` hands in each
 * request under the origin that the browser used.
 */
function noteWarning(log: Logger, level: "debug" | "info" | "warn" | "error", message: string): void {
  if (!message.includes("Base URL is not set")) log[level]({ part: "accounts" }, message);
}

/** Refusals are answers. Of a failed statement only the cause is told: its message repeats what was to be stored. */
function logFault(log: Logger, error: unknown): void {
  if (error instanceof Error && error.name === "APIError") return;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  log.error({ part: "accounts", err: cause }, "unable to answer a request about accounts");
}

function discordProvider(discord: { clientId: string; clientSecret: string }) {
  return {
    ...discord,
    disableDefaultScope: true,
    scope: ["identify"],
    // The address people have there is not needed here.
    mapProfileToUser: ({ id }: { id: string }) => ({ email: `discord-${id}@users.invalid`, emailVerified: true }),
  };
}

function guestName(headers: Headers | undefined): string {
  const chosen = headers?.get(guestNameHeader);
  return chosen ? decodeURIComponent(chosen) : makeGuestName();
}

interface AccountRow {
  id: string;
  name: string;
  image?: string | null | undefined;
  displayUsername?: string | null | undefined;
  isAnonymous?: boolean | null | undefined;
}

function claimsOf({ user, session }: { user: AccountRow; session: { id: string } }) {
  return {
    userId: user.id,
    username: shownName(user),
    sid: session.id,
    isGuest: user.isAnonymous ?? false,
    ...(user.image ? { avatarUrl: user.image } : {}),
  };
}

function shownName(user: AccountRow): string {
  return fitDisplayName(user.displayUsername ?? user.name) ?? user.id;
}

function hooksOf(events: AccountEvents) {
  return {
    user: {
      create: {
        after: (user: AccountRow) =>
          events.onAccountMade({ id: user.id, username: shownName(user), isGuest: user.isAnonymous ?? false }),
      },
      delete: { after: (user: AccountRow) => events.onAccountDeleted(user.id) },
    },
    session: {
      delete: {
        after: (session: { id: string; userId: string }) =>
          events.onSessionEnded({ userId: session.userId, sessionId: session.id }),
      },
    },
  };
}
