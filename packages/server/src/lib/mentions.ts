/**
 * Finds who a message calls. Names may hold spaces and any sign, so a mention's end is known only with the room's names:
 *
 *   parseMentions(content).names   every way each `@…` may end, as keys to look members up by
 *   matchMentions(content, found)  at each `@` the longest name that exists wins
 *
 * Never inside code or an address. One pass; each `@` looks at most 64 code points ahead.
 */
import { limits } from "@mirage/protocol";
import { usernameKey } from "./username-key.ts";
import { findVerbatimRanges, walkRanges } from "./verbatim-ranges.ts";

/** Ends tried after one `@`: enough for a name of several words, few enough for a look-up of all of them at once. */
const maxEndsPerMention = 12;
/** `@` signs looked at in one message, so that a text of nothing else costs no more than one full of people. */
const maxMentionsTried = 4 * limits.mentionsPerMessage;

export interface ParsedMentions {
  /** Keys as `usernameKey` makes them; at most 50 mentions with 12 possible ends each. */
  names: string[];
  everyone: boolean;
  here: boolean;
}

export function parseMentions(content: string): ParsedMentions {
  const names = new Set<string>();
  const parsed: ParsedMentions = { names: [], everyone: false, here: false };
  let count = 0;
  for (const keys of findMentions(content)) {
    // A group's name is never a person's: whoever calls themselves "everyone" is not called by it.
    if (keys.includes("everyone")) parsed.everyone = true;
    else if (keys.includes("here")) parsed.here = true;
    else if (count < limits.mentionsPerMessage) {
      if (keys.some((key) => !names.has(key))) count++;
      for (const key of keys) names.add(key);
    }
  }
  parsed.names = [...names];
  return parsed;
}

/** Ids of the people named, in order, each once, at most 50. People who share a name are all named. */
export function matchMentions(content: string, candidates: Iterable<{ userId: string; username: string }>): string[] {
  const usersByKey = new Map<string, string[]>();
  for (const { userId, username } of candidates) {
    const key = usernameKey(username);
    const users = usersByKey.get(key);
    if (users) users.push(userId);
    else usersByKey.set(key, [userId]);
  }
  const named = new Set<string>();
  for (const keys of findMentions(content)) {
    if (keys.includes("everyone") || keys.includes("here")) continue;
    const longest = keys.findLast((key) => usersByKey.has(key));
    for (const userId of (longest !== undefined && usersByKey.get(longest)) || []) named.add(userId);
  }
  return [...named].slice(0, limits.mentionsPerMessage);
}

/** For each `@` that begins a mention: the keys of all names it may be, shortest first. */
function* findMentions(content: string): Generator<string[]> {
  if (!content.includes("@")) return;
  const rangeAt = walkRanges(findVerbatimRanges(content));
  let tried = 0;
  for (let at = content.indexOf("@"); at !== -1; at = content.indexOf("@", at + 1)) {
    if (rangeAt(at) || !mayPrecede(content.slice(Math.max(0, at - 2), at))) continue;
    if (++tried > maxMentionsTried) return;
    const keys = possibleNames(content.slice(at + 1, at + 1 + 2 * codePointsAhead));
    if (keys.length > 0) yield keys;
  }
}

/** A name, and the two signs after it that say whether it ends there. */
const codePointsAhead = limits.usernameCodePoints + 2;
const wordChar = /[\p{L}\p{M}\p{N}]|\u200d/u;
/** Scripts written without spaces: there a mention may follow a letter. */
const unspacedLetter =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]$/u;
/** Ends the local part of an e-mail address, or stands in a path or a handle of somewhere else. */
const addressEnd = /[\p{L}\p{M}\p{N}._%+\-/\\=#&@]$/u;
/** Between two parts of one name: `anna.b` is not `anna`. */
const joiner = /[._@-]/;

function mayPrecede(before: string): boolean {
  // `_@anna_` is emphasis; `a_@b` an address.
  if (/(^|[^\p{L}\p{N}])_$/u.test(before)) return true;
  return !addressEnd.test(before) || unspacedLetter.test(before);
}

function possibleNames(text: string): string[] {
  const chars = Array.from(text.split("\n", 1)[0] ?? "").slice(0, codePointsAhead);
  const keys: string[] = [];
  let name = "";
  for (let index = 0; index < chars.length && index < limits.usernameCodePoints; index++) {
    const char = chars[index] ?? "";
    if (/\s/u.test(char) && (index === 0 || chars[index + 1] === "@")) break;
    name += char;
    if (!mayEnd(char, chars[index + 1], chars[index + 2])) continue;
    keys.push(usernameKey(name));
    if (keys.length === maxEndsPerMention) break;
  }
  return keys;
}

function mayEnd(last: string, next: string | undefined, afterNext: string | undefined): boolean {
  if (/\s/u.test(last)) return false;
  if (next === undefined) return true;
  if (wordChar.test(last) && wordChar.test(next)) return false;
  // A mark or a joining sign belongs to what stands before it, whatever that is.
  if (/\p{M}|\u200d/u.test(next)) return false;
  return !(wordChar.test(last) && joiner.test(next) && afterNext !== undefined && wordChar.test(afterNext));
}
