/** Where one goes without a wish of one's own. */
export const defaultPath = "/rooms";

/** Where to go after signing in: a path of this app and nothing else, whatever the address bar says. */
export function safeNextPath(next: string | null): string {
  if (next === null || !/^\/(?![/\\])/.test(next)) return defaultPath;
  const url = new URL(next, "http://app.invalid");
  return url.origin === "http://app.invalid" ? `${url.pathname}${url.search}` : defaultPath;
}
