import { HandshakeError } from "../../access/handshake-error.ts";
import type { Authenticate, Identity } from "../../access/identity.ts";
import type { Settings } from "../../config/settings.ts";
import type { Database } from "../../database/database.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Clock } from "../../ports/clock.ts";
import { createAccountHandler } from "./better-auth.ts";
import type { Claims } from "./claims.ts";
import { createOwnKeys } from "./own-keys.ts";
import { RevocationStore } from "./revocations.store.ts";
import { type CloseWhere, Revocations } from "./revocations.ts";
import { createSignIn, type HandleSignIn } from "./sign-in.ts";
import { SignInLimits } from "./sign-in-limits.ts";
import { createTokenVerifier } from "./tokens.ts";
import { UserStore } from "./users.store.ts";
import { type User, Users } from "./users.ts";

export interface AuthOptions {
  settings: Settings;
  database: Database;
  clock: Clock;
  log: Logger;
  /** Someone is administrator of the instance; called each time they come, so it must be cheap when it is done already. */
  onAdmin: (userId: string) => Promise<void>;
  /** Someone's name or picture changed: what was remembered of them is void. */
  onRenamed: (userId: string) => Promise<void>;
  /** A host says that this is its person's address; called each time they come, and never waited for. */
  onVerifiedEmail: (userId: string, email: string) => Promise<void>;
  /** Closes the live connections of this node that the predicate picks. */
  close: CloseWhere;
}

export interface Auth {
  authenticate: Authenticate;
  /** For a back end with the API key that acts for someone. @throws `HandshakeError` `user_not_found`, `user_banned`. */
  findIdentity(userId: string): Promise<Identity>;
  /** Serves `/api/auth/*`. */
  handle: HandleSignIn;
  revocations: Revocations;
  /** Begins to watch for revoked sessions. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Who people are: their tokens, their accounts, and the end of both. */
export function createAuth(options: AuthOptions): Auth {
  const { settings, database, clock, log } = options;
  const revocations = new Revocations({ ...options, store: new RevocationStore(database) });
  const userStore = new UserStore(database);
  const users = new Users({
    store: userStore,
    provision: settings.authProvision,
    onAdmin: (userId) => attempt(log, () => options.onAdmin(userId)),
    onRenamed: (userId) => attempt(log, () => options.onRenamed(userId)),
  });
  const verify = createTokenVerifier({ settings, findOwnKey: createOwnKeys({ database, clock }), clock });
  const accounts = createAccountHandler({
    settings,
    database,
    log,
    events: accountEvents({ users, revocations, log }),
  });
  const limits = new SignInLimits({ hasAddressLimits: settings.eventsPerSecond > 0 });

  return {
    async authenticate(token) {
      if (token === "") throw new HandshakeError("token_required");
      const claims = await verify(token);
      const user = await users.provision(claims);
      const { verifiedEmail, isOwnAccount } = claims;
      // The addresses of our own accounts are made up.
      if (verifiedEmail !== undefined && !isOwnAccount && !user.isGuest) {
        void attempt(log, () => options.onVerifiedEmail(user.id, verifiedEmail));
      }
      return toIdentity(user, claims);
    },
    findIdentity: async (userId) => toIdentity(await users.find(userId), undefined),
    handle: createSignIn({
      accounts,
      users: userStore,
      limits,
      corsOrigins: settings.corsOrigins,
      hasDiscord: settings.discord !== undefined,
    }),
    revocations,
    start: () => revocations.start(),
    stop: () => revocations.stop(),
  };
}

function toIdentity(user: User, claims: Claims | undefined): Identity {
  return {
    userId: user.id,
    username: user.username,
    avatarUrl: user.avatarUrl,
    isGuest: user.isGuest,
    isAdmin: user.isAdmin,
    issuerSessionId: claims?.sid,
    expiresAt: claims?.expiresAt === undefined ? undefined : claims.expiresAt * 1_000,
  };
}

function accountEvents({ users, revocations, log }: { users: Users; revocations: Revocations; log: Logger }) {
  return {
    /** The order of sign-up says who is first. Where this fails, the first token makes the user. */
    async onAccountMade({ id: userId, username, isGuest }: { id: string; username: string; isGuest: boolean }) {
      const none = {
        avatarUrl: undefined,
        verifiedEmail: undefined,
        sid: undefined,
        issuedAt: undefined,
        expiresAt: undefined,
      };
      const claims = { userId, username, isGuest, isAdmin: false, isOwnAccount: true, ...none };
      await attempt(log, async () => void (await users.provision(claims)));
    },
    onAccountDeleted: (userId: string) => revocations.revoke({ userId, issuerSessionId: undefined, reason: "deleted" }),
    onSessionEnded: ({ userId, sessionId }: { userId: string; sessionId: string }) =>
      revocations.revoke({ userId, issuerSessionId: sessionId, reason: "signed_out" }),
  };
}

/** What follows from signing in must not stop it; the next time tries again. */
async function attempt(log: Logger, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    log.error({ err: error }, "unable to finish what follows from signing in");
  }
}
