import type { ConnectionUser } from "./connection-state.ts";

/**
 * Reads who a token is for, without checking it: that is the server's part.
 * Answers `undefined` for a token that is not a JWT or names nobody.
 */
export function readTokenUser(token: string): ConnectionUser | undefined {
  const payload = token.split(".")[1];
  if (!payload) return undefined;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (char) =>
      char.charCodeAt(0),
    );
    const claims: Record<string, unknown> = JSON.parse(new TextDecoder().decode(bytes));
    const userId = claims.userId ?? claims.sub;
    const username = claims.username ?? claims.name;
    if (typeof userId !== "string") return undefined;
    return { userId, username: typeof username === "string" ? username : userId };
  } catch {
    // Not a JWT: hosts may use opaque tokens.
    return undefined;
  }
}
