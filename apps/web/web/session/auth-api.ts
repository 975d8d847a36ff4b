/** The account doors of the server, under `/api/auth`. */

export interface SessionUser {
  userId: string;
  username: string;
  isGuest: boolean;
}

/** A refusal that can be shown as it is. */
export class SignInError extends Error {
  override readonly name = "SignInError";
}

export async function findSession(): Promise<SessionUser | undefined> {
  const response = await fetch("/api/auth/get-session", { cache: "no-store" });
  if (!response.ok) throw new SignInError("The server could not be reached. Try again in a moment.");
  const body: { user?: { id: string; name: string; displayUsername?: string; isAnonymous?: boolean } } | null =
    await response.json();
  if (!body?.user) return undefined;
  const { id, name, displayUsername, isAnonymous } = body.user;
  return { userId: id, username: displayUsername ?? name, isGuest: isAnonymous === true };
}

export const signIn = (username: string, password: string) => post("/sign-in/username", { username, password });
export const signUp = (username: string, password: string) => post("/sign-up/username", { username, password });
export const signInAsGuest = (name: string) => post("/sign-in/anonymous", name === "" ? {} : { name });
export const signOut = () => post("/sign-out", {});

/** Where Discord asks the person; the browser goes there. */
export async function startDiscord(next: string): Promise<string> {
  const body = await post("/sign-in/social", { provider: "discord", callbackURL: next });
  if (typeof body !== "object" || body === null || !("url" in body) || typeof body.url !== "string") {
    throw new SignInError("Discord did not answer. Try again in a moment.");
  }
  return body.url;
}

/** A short-lived token for the socket; `undefined` where the session has ended. */
export async function findToken(): Promise<string | undefined> {
  const response = await fetch("/api/auth/token", { cache: "no-store" });
  if (response.status === 401 || response.status === 403) return undefined;
  if (!response.ok) throw new SignInError("The server could not be reached. Try again in a moment.");
  const body: { token: string } = await response.json();
  return body.token;
}

async function post(path: string, payload: object): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`/api/auth${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(payload),
    });
  } catch {
    throw new SignInError("The server could not be reached. Check your connection and try again.");
  }
  const body: { message?: string; retryAfterMs?: number } | null = await response.json().catch(() => null);
  if (response.ok) return body;
  if (response.status === 429) {
    const minutes = Math.max(1, Math.ceil((body?.retryAfterMs ?? 60_000) / 60_000));
    throw new SignInError(`Too many attempts. Try again in ${minutes} minute${minutes === 1 ? "" : "s"}.`);
  }
  throw new SignInError(body?.message ?? "That did not work. Try again in a moment.");
}
