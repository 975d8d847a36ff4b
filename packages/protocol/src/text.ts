import { z } from "zod";

/** Counts Unicode code points, the unit of every length in the contract. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/**
 * Says whether a value from outside may go further: no U+0000 and no lone surrogate in any string or key,
 * nothing nested deeper than `maxDepth`, no `__proto__` key, bytes in the fields `bytesIn` alone. Walks with a stack of its own, so depth cannot overflow it.
 */
export function findUncleanPath(value: unknown, maxDepth: number, bytesIn: readonly string[] = []): string | undefined {
  const pending: { at: unknown; path: string; depth: number }[] = [{ at: value, path: "", depth: 0 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { at, path, depth } = next;
    if (typeof at === "string" && !isCleanText(at)) return path || "(value)";
    if (typeof at !== "object" || at === null) continue;
    if (at instanceof Uint8Array && bytesIn.includes(path)) continue;
    if (ArrayBuffer.isView(at) || at instanceof ArrayBuffer) return path || "(value)";
    if (depth >= maxDepth) return path || "(value)";
    for (const key of Object.keys(at)) {
      if (key === "__proto__" || !isCleanText(key)) return path ? `${path}.?` : "?";
      pending.push({
        at: (at as Record<string, unknown>)[key],
        path: path ? `${path}.${key}` : key,
        depth: depth + 1,
      });
    }
  }
  return undefined;
}

function isCleanText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\u0000");
}

/** Marks that turn the direction of all text after them: a name with one could write over its neighbours. */
const directionMarks = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const controlCharacters = /\p{Cc}/u;
/** Anything but white space, controls, format characters, and letters that are drawn as nothing. */
const visible = /[^\p{Cc}\p{Cf}\p{Z}\u115f\u1160\u2800\u3164\uffa0]/u;

/** Says whether there is nothing to see in a text. */
export function isBlank(text: string): boolean {
  return !visible.test(text);
}

/** A line of text that people read: NFC, at least one visible character, at most `max` code points, no control characters. */
export function line(max: number, required: string, tooLong = `at most ${max} characters`) {
  return z
    .string({ error: required })
    .transform((text) => text.normalize("NFC").replace(directionMarks, "").trim())
    .refine((text) => !isBlank(text), { error: required, abort: true })
    .refine((text) => !controlCharacters.test(text), { error: "one line, without control characters", abort: true })
    .refine((text) => countCodePoints(text) <= max, { error: tooLong });
}

/** An id from outside: opaque, never empty, bounded. */
export function id(required: string, max: number) {
  return z
    .string({ error: required })
    .min(1, { error: required })
    .max(max, { error: `at most ${max} characters` });
}
