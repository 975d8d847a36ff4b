import { randomUUID } from "node:crypto";
import { FakeClock, openTestDatabase, signToken, type TestDatabase } from "@mirage/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { HandshakeError } from "../../access/handshake-error.ts";
import type { Session } from "../../access/session.ts";
import { parseSettings } from "../../config/parse-settings.ts";
import { createLogger } from "../../lib/logger.ts";
import { type Auth, createAuth } from "./auth.ts";

const caller = { address: "127.0.0.1", origin: "http://chat.test" };
const settings = parseSettings({
  JWT_SECRET: "a shared secret for tests alone!",
  AUTH_SECRET: "s3cr3t-of-sign-in-which-is-long-enough",
  API_KEY: "k".repeat(32),
});
const logged: string[] = [];
const log = createLogger({ level: "debug", destination: { write: (line) => void logged.push(line) } });

let storage: TestDatabase;
let clock: FakeClock;
let admins: string[];
let renamed: string[];
let closers: ((session: Session) => boolean)[];
let auth: Auth;

function openAuth(overrides: Partial<typeof settings> = {}): Auth {
  return createAuth({
    settings: { ...settings, ...overrides },
    database: storage.database,
    clock,
    log,
    onAdmin: async (userId) => void admins.push(userId),
    onVerifiedEmail: async () => undefined,
    onRenamed: async (userId) => void renamed.push(userId),
    close: (isRevoked) => void closers.push(isRevoked),
  });
}

beforeAll(async () => {
  storage = await openTestDatabase();
});
afterAll(() => storage.close());
beforeEach(() => {
  clock = new FakeClock(Date.now());
  admins = [];
  renamed = [];
  closers = [];
  auth = openAuth();
});

async function ask(path: string, options: { body?: object; cookie?: string; origin?: string } = {}) {
  const headers = new Headers({ origin: options.origin ?? caller.origin });
  if (options.cookie) headers.set("cookie", options.cookie);
  if (options.body) headers.set("content-type", "application/json");
  const method = options.body ? "POST" : "GET";
  const body = options.body ? { body: JSON.stringify(options.body) } : {};
  const request = new Request(`${caller.origin}/api/auth${path}`, { method, headers, ...body });
  const response = await auth.handle(request, caller);
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  return { status: response.status, cookie, setCookie: response.headers.getSetCookie(), body: await response.json() };
}

async function tokenFor(cookie: string): Promise<string> {
  return (await ask("/token", { cookie })).body.token;
}

async function refusal(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return "none";
  } catch (error) {
    return error instanceof HandshakeError ? error.code : String(error);
  }
}

const sessionOf = (userId: string, issuerSessionId: string | undefined): Session => ({
  userId,
  issuerSessionId,
  username: userId,
  avatarUrl: undefined,
  isGuest: false,
  isAdmin: false,
  connectionId: userId,
  transport: "socket",
});

test("[AUTH-5] the first who is not a guest becomes administrator, and nobody after", async () => {
  const names = ["guest", "first", "second"].map((name) => `${name}-${randomUUID()}`);
  const tokens = names.map((userId, index) =>
    signToken({ userId, username: `Name ${index}`, ...(index === 0 ? { isGuest: true } : {}) }, settings.jwtSecret),
  );
  const identities = [];
  for (const token of tokens) identities.push(await auth.authenticate(token));
  expect(identities.map((identity) => identity.isAdmin)).toEqual([false, true, false]);
  expect(admins).toEqual([names[1]]);
  const streams = await storage.database.query<{ id: string }>("select id from streams where id = any($1::text[])", [
    names.map((name) => `user:${name}`),
  ]);
  expect(streams).toHaveLength(3);
});

test("[AUTH-6] a token of an unknown user makes that user, except under strict", async () => {
  const userId = randomUUID();
  const token = signToken({ userId, username: "Zoë", avatarUrl: "https://img.test/z.png" }, settings.jwtSecret);
  expect(await refusal(openAuth({ authProvision: "strict" }).authenticate(token))).toBe("user_not_found");
  expect(await refusal(auth.findIdentity(userId))).toBe("user_not_found");
  const identity = await auth.authenticate(token);
  expect(identity).toMatchObject({ userId, username: "Zoë", avatarUrl: "https://img.test/z.png", isGuest: false });
  expect(await openAuth({ authProvision: "strict" }).authenticate(token)).toEqual(identity);
  expect(await auth.findIdentity(userId)).toMatchObject({ userId, username: "Zoë" });
});

test("[AUTH-6] an account of our own is let in under strict too", async () => {
  auth = openAuth({ authProvision: "strict" });
  const { cookie } = await ask("/sign-in/anonymous", { body: { name: "Strict Guest" } });
  const token = await tokenFor(cookie);
  await storage.database.query("delete from users where username = 'Strict Guest'");
  expect(await auth.authenticate(token)).toMatchObject({ username: "Strict Guest", isGuest: true });
});

test("[AUTH-6] a crowd that comes at once is found and made, each once", async () => {
  const crowd = Array.from({ length: 1_200 }, (_, index) => `crowd-${index % 1_000}`);
  const tokens = crowd.map((userId) => signToken({ userId, username: userId }, settings.jwtSecret));
  const identities = await Promise.all(tokens.map((token) => auth.authenticate(token)));
  expect(identities.map((identity) => identity.userId)).toEqual(crowd);
});

test("[AUTH-7] a new name in a token is stored and told; a token without a name changes nothing", async () => {
  const userId = randomUUID();
  await auth.authenticate(signToken({ userId, username: "Before" }, settings.jwtSecret));
  expect(await auth.authenticate(signToken({ userId }, settings.jwtSecret))).toMatchObject({ username: "Before" });
  expect(renamed).toEqual([]);
  await auth.authenticate(signToken({ userId, username: "AFTER" }, settings.jwtSecret));
  expect(renamed).toEqual([userId]);
  const sql = "select username, username_key from users where id = $1";
  expect(await storage.database.query(sql, [userId])).toEqual([{ username: "AFTER", username_key: "after" }]);
  const admin = await auth.authenticate(signToken({ userId, roles: ["admin"] }, settings.jwtSecret));
  expect([admin.isAdmin, admins]).toEqual([true, [userId]]);
});

test("[AUTH-8] who is banned or whose session was revoked is refused, and closed on every node within a second", async () => {
  const [banned, revoked] = [randomUUID(), randomUUID()];
  const token = (userId: string, sid: string) => signToken({ userId, username: "x", sid }, settings.jwtSecret);
  await auth.start();
  await auth.authenticate(token(banned, "s1"));
  await auth.authenticate(token(revoked, "s1"));
  const elsewhere = openAuth();
  await storage.database.query("update users set banned_at = now() where id = $1", [banned]);
  await elsewhere.revocations.revoke({ userId: banned, issuerSessionId: undefined, reason: "banned" });
  await elsewhere.revocations.revoke({ userId: revoked, issuerSessionId: "s1", reason: "signed_out" });
  expect(await refusal(auth.authenticate(token(banned, "s2")))).toBe("user_banned");
  expect(await refusal(auth.authenticate(token(revoked, "s1")))).toBe("token_invalid");
  expect(await refusal(auth.authenticate(token(revoked, "s2")))).toBe("none");
  closers = [];
  clock.advance(500);
  await auth.revocations.poll();
  const isClosed = (session: Session) => closers.some((close) => close(session));
  expect(isClosed(sessionOf(banned, "any"))).toBe(true);
  expect(isClosed(sessionOf(revoked, "s1"))).toBe(true);
  expect(isClosed(sessionOf(revoked, "s2"))).toBe(false);
  await auth.stop();
});

test("[AUTH-9] someone signs up with a name and a password, gets a token, and loses it by signing out", async () => {
  const username = `Ann.${randomUUID().slice(0, 8)}`;
  const password = "canary-password";
  const signedUp = await ask("/sign-up/username", { body: { username, password } });
  expect(signedUp.status).toBe(200);
  expect(signedUp.setCookie.join()).toMatch(/mirage\.session_token=.*HttpOnly.*SameSite=Lax/i);
  const token = await tokenFor(signedUp.cookie);
  const identity = await auth.authenticate(token);
  expect(identity).toMatchObject({ username, isGuest: false, userId: signedUp.body.user.id });
  expect(identity.expiresAt).toBeGreaterThan(Date.now() + 14 * 60_000);

  expect((await ask("/sign-up/username", { body: { username: username.toUpperCase(), password } })).status).toBe(400);
  expect((await ask("/sign-up/username", { body: { username: "short.pass", password: "1234567" } })).status).toBe(400);
  expect((await ask("/sign-up/username", { body: { username: "p\u0430ypal", password } })).status).toBe(400);
  expect((await ask("/sign-in/username", { body: { username, password: "wrong-password" } })).status).toBe(401);
  const signedIn = await ask("/sign-in/username", { body: { username: username.toLowerCase(), password } });
  expect(signedIn.status).toBe(200);

  await ask("/sign-out", { body: {}, cookie: signedUp.cookie });
  expect(await refusal(auth.authenticate(token))).toBe("token_invalid");
  expect(closers.some((close) => close(sessionOf(identity.userId, identity.issuerSessionId)))).toBe(true);
  expect((await auth.authenticate(await tokenFor(signedIn.cookie))).userId).toBe(identity.userId);
  expect(logged.join("")).not.toContain(password);
  expect(logged.join("")).not.toContain(token.split(".")[1]);
});

test("[AUTH-10] a guest is in with one request, under the name given or a friendly one", async () => {
  const named = await ask("/sign-in/anonymous", { body: { name: "  Grüße \u202e " } });
  expect(await auth.authenticate(await tokenFor(named.cookie))).toMatchObject({ username: "Grüße", isGuest: true });
  const unnamed = await ask("/sign-in/anonymous", { body: {} });
  const identity = await auth.authenticate(await tokenFor(unnamed.cookie));
  expect(identity.username).toMatch(/^[A-Z]\w+ [A-Z]\w+ \d\d$/);
  const username = `Taken${randomUUID().slice(0, 8)}`;
  await ask("/sign-up/username", { body: { username, password: "password-1" } });
  expect((await ask("/sign-in/anonymous", { body: { name: username.toLowerCase() } })).status).toBe(400);
});

test("[AUTH-11] the eleventh guess at one account from one address waits", async () => {
  const guess = (username: string) => ask("/sign-in/username", { body: { username, password: "guess-guess" } });
  for (let count = 0; count < 10; count++) expect((await guess("victim")).status).toBe(401);
  const refused = await guess("VICTIM");
  expect([refused.status, refused.body.code]).toEqual([429, "RATE_LIMITED"]);
  expect((await guess("someone.else")).status).toBe(401);
});

test("[S57] another site's page can neither sign in nor use a session", async () => {
  const body = { username: `csrf${randomUUID().slice(0, 8)}`, password: "password-1" };
  const signedUp = await ask("/sign-up/username", { body });
  expect(signedUp.status).toBe(200);
  expect((await ask("/sign-in/username", { body, origin: "http://evil.test" })).status).toBe(403);
  expect((await ask("/sign-out", { body: {}, cookie: signedUp.cookie, origin: "http://evil.test" })).status).toBe(403);
  expect((await ask("/delete-anonymous-user", { body: {}, cookie: signedUp.cookie })).status).toBe(404);
});
