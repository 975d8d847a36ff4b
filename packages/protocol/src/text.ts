import { z } from "zod";

/** Counts Unicode code points, the unit of every length in the contract. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/**
 * Says whether a value from outside may go further: no U+0000 and no lone surrogate in any string or key,
 * nothing nested deeper than `maxDepth`, no `__proto__` key. Walks with a stack of its own, so depth cannot overflow it.
 */
export function findUncleanPath(value: unknown, maxDepth: number): string | undefined {
  const pending: { at: unknown; path: string; depth: number }[] = [{ at: value, path: "", depth: 0 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { at, path, depth } = next;
    if (typeof at === "string" && !isCleanText(at)) return path || "(value)";
    if (typeof at !== "object" || at === null) continue;
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

/** A line of text that people read: NFC, at least one visible character, at most `max` code points. */
export function line(max: number, required: string, tooLong = `at most ${max} characters`) {
  return z
    .string({ error: required })
    .transform((text) => text.normalize("NFC").trim())
    .refine((text) => text.length > 0, { error: required, abort: true })
    .refine((text) => countCodePoints(text) <= max, { error: tooLong });
}

/** An id from outside: opaque, never empty, bounded. */
export function id(required: string, max: number) {
  return z
    .string({ error: required })
    .min(1, { error: required })
    .max(max, { error: `at most ${max} characters` });
}
