import { findUncleanPath, messages } from "@mirage/protocol";
import { z } from "zod";
import { type AccountHandler, guestNameHeader } from "./better-auth.ts";
import { fitDisplayName } from "./claims.ts";
import type { SignInLimits } from "./sign-in-limits.ts";
import { internalEmail } from "./username-rules.ts";
import type { UserStore } from "./users.store.ts";

/** Where a request came from, proxies seen through. */
interface Caller {
  address: string;
  /** Scheme and host that the browser used. */
  origin: string;
}

export type HandleSignIn = (request: Request, caller: Caller) => Promise<Response>;

type Answer = (request: Request, caller: Caller) => Promise<Response>;

/** What of the account library is reachable; the rest of it answers 404. */
const passedOn = [
  "GET /get-session",
  "GET /token",
  "GET /jwks",
  "GET /list-sessions",
  "GET /error",
  "POST /is-username-available",
  "POST /sign-out",
  "POST /revoke-session",
  "POST /revoke-sessions",
  "POST /revoke-other-sessions",
  "POST /change-password",
];

const signUpSchema = z.object({ username: z.string(), password: z.string() });
const signInSchema = signUpSchema.extend({ rememberMe: z.boolean().optional() });
const guestSchema = z.object({ name: z.string().max(200).optional() });
const socialSchema = z.object({
  provider: z.literal("discord"),
  callbackURL: z.string().max(2_048).optional(),
  errorCallbackURL: z.string().max(2_048).optional(),
});

export interface SignInOptions {
  accounts: AccountHandler;
  users: UserStore;
  limits: SignInLimits;
  /** People may come from Discord. */
  hasDiscord: boolean;
  /** Other origins whose pages may sign people in. */
  corsOrigins: readonly string[];
}

/**
 * The road to `/api/auth/*`: a short list of doors, with limits, and bodies rebuilt from what was checked. People sign up
 * and in with a name and a password; the address that the account library wants is made here.
 */
export function createSignIn(options: SignInOptions): HandleSignIn {
  const { accounts, corsOrigins, hasDiscord } = options;
  const doors = new Map<string, Answer>([
    ...passedOn.map((door) => [door, (request: Request) => accounts(request)] as const),
    ["POST /sign-up/username", createSignUp(options)],
    ["POST /sign-up/email", createSignUp(options)],
    ["POST /sign-in/username", createPasswordSignIn(options)],
    ["POST /sign-in/anonymous", createGuestSignIn(options)],
    ...(hasDiscord ? elsewhere(options) : []),
  ]);

  return async (request, caller) => {
    const { pathname, search } = new URL(request.url);
    const answer = doors.get(`${request.method} ${pathname.replace(/^\/api\/auth/, "")}`);
    if (answer === undefined) return refuse(404, "NOT_FOUND", "there is nothing here");
    const origin = request.headers.get("origin");
    if (request.method !== "GET" && origin !== null && origin !== caller.origin && !corsOrigins.includes(origin)) {
      return refuse(403, "INVALID_ORIGIN", "this page may not sign people in");
    }
    const seen = new Request(new URL(`${pathname}${search}`, caller.origin), request);
    return secured(await answer(seen, caller), caller.origin);
  };
}

function elsewhere(options: SignInOptions): [string, Answer][] {
  return [
    ["POST /sign-in/social", createSignInElsewhere(options)],
    ["GET /callback/discord", (request) => options.accounts(request)],
  ];
}

function createSignUp({ accounts, limits }: SignInOptions): Answer {
  return async (request, { address }) => {
    const body = signUpSchema.safeParse(await readJson(request));
    if (!body.success) return refuse(400, "INVALID_BODY", "username and password are required");
    const waitMs = await limits.tryNewAccount(address);
    if (waitMs !== undefined) return refuseForNow(waitMs);
    const { username, password } = body.data;
    const account = { username, password, name: username, email: internalEmail(username), displayUsername: username };
    return accounts(rebuild(request, "/sign-up/email", account));
  };
}

function createPasswordSignIn({ accounts, limits }: SignInOptions): Answer {
  return async (request, { address }) => {
    const body = signInSchema.safeParse(await readJson(request));
    if (!body.success) return refuse(400, "INVALID_BODY", "username and password are required");
    const waitMs = await limits.trySignIn(body.data.username, address);
    if (waitMs !== undefined) return refuseForNow(waitMs);
    const response = await accounts(rebuild(request, "/sign-in/username", body.data));
    if (response.ok) await limits.forgetGuesses(body.data.username, address);
    return response;
  };
}

function createGuestSignIn({ accounts, users, limits }: SignInOptions): Answer {
  return async (request, { address }) => {
    const body = guestSchema.safeParse((await readJson(request)) ?? {});
    if (!body.success) return refuse(400, "INVALID_BODY", "name must be a text");
    const chosen = body.data.name?.trim();
    const name = chosen ? fitDisplayName(chosen) : undefined;
    if (chosen && name === undefined) return refuse(400, "INVALID_NAME", "choose another name");
    if (name !== undefined && (await users.isTaken(name))) {
      return refuse(400, "USERNAME_IS_ALREADY_TAKEN", "this name belongs to someone; choose another");
    }
    const waitMs = await limits.tryGuest(address);
    if (waitMs !== undefined) return refuseForNow(waitMs);
    const rebuilt = rebuild(request, "/sign-in/anonymous", {});
    if (name === undefined) rebuilt.headers.delete(guestNameHeader);
    else rebuilt.headers.set(guestNameHeader, encodeURIComponent(name));
    return accounts(rebuilt);
  };
}

function createSignInElsewhere({ accounts }: SignInOptions): Answer {
  return async (request) => {
    const body = socialSchema.safeParse(await readJson(request));
    if (!body.success) return refuse(400, "INVALID_BODY", "provider must be discord");
    return accounts(rebuild(request, "/sign-in/social", body.data));
  };
}

async function readJson(request: Request): Promise<unknown> {
  try {
    const body: unknown = await request.json();
    return findUncleanPath(body, 4) === undefined ? body : undefined;
  } catch {
    return undefined;
  }
}

function rebuild(request: Request, path: string, body: object): Request {
  const headers = new Headers(request.headers);
  headers.set("content-type", "application/json");
  headers.delete("content-length");
  const url = new URL(`/api/auth${path}`, request.url);
  return new Request(url, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Cookies travel only over TLS where the page itself came over TLS. */
function secured(response: Response, origin: string): Response {
  const cookies = response.headers.getSetCookie();
  if (!origin.startsWith("https:") || cookies.length === 0) return response;
  const headers = new Headers(response.headers);
  headers.delete("set-cookie");
  for (const cookie of cookies) headers.append("set-cookie", /;\s*secure/i.test(cookie) ? cookie : `${cookie}; Secure`);
  return new Response(response.body, { status: response.status, headers });
}

function refuse(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status });
}

function refuseForNow(waitMs: number): Response {
  const response = Response.json(
    { code: "RATE_LIMITED", message: messages.rateLimited, retryAfterMs: Math.ceil(waitMs) },
    { status: 429 },
  );
  response.headers.set("retry-after", String(Math.ceil(waitMs / 1_000)));
  return response;
}
