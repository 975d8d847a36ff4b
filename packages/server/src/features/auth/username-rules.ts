import { createHash } from "node:crypto";
import { usernameKey } from "../../lib/username-key.ts";

const minLength = 2;
export const usernameLength = { min: minLength, max: 30 };
export const passwordLength = { min: 8, max: 128 };

/** Letters that look alike across these scripts could make one name pass for another. */
const scripts = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u];

/** A name to sign in with: letters and digits of any one script, with . _ - inside. */
export function isUsername(name: string): boolean {
  if (!/^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u.test(name)) return false;
  return scripts.filter((script) => script.test(name)).length <= 1;
}

/** People type no address; the account still needs one that is unique and can never be delivered to. */
export function internalEmail(username: string): string {
  const digest = createHash("sha256").update(usernameKey(username)).digest("hex").slice(0, 40);
  return `${digest}@users.invalid`;
}
