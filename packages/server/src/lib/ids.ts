import { randomFillSync } from "node:crypto";

const randomLength = 8;

/**
 * A new id that sorts by time and that nobody can guess: UUID version 7 (RFC 9562 §5.7), 48 bits of milliseconds, a
 * counter that keeps ids of one millisecond in order, 62 random bits.
 */
export function createIdSource(now: () => number): () => string {
  let lastMs = 0;
  let counter = 0;
  // Drawn in bulk: each call to the random source costs more than the bytes.
  const pool = Buffer.alloc(512 * randomLength);
  let used = pool.length;
  return () => {
    const ms = Math.max(now(), lastMs);
    counter = ms === lastMs ? counter + 1 : 0;
    lastMs = counter > 0xfff ? ms + 1 : ms;
    if (counter > 0xfff) counter = 0;
    const time = lastMs.toString(16).padStart(12, "0");
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    pool[used] = ((pool[used] ?? 0) & 0x3f) | 0x80;
    const tail = pool.toString("hex", used, used + randomLength);
    used += randomLength;
    const ordered = (0x7000 | counter).toString(16);
    return `${time.slice(0, 8)}-${time.slice(8)}-${ordered}-${tail.slice(0, 4)}-${tail.slice(4)}`;
  };
}

/** Ids that were made before this time, in milliseconds since 1970, sort before it; those made later, after. */
export function idAt(ms: number): string {
  const time = Math.max(0, ms).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}
