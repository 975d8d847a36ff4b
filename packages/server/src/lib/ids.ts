import { randomBytes } from "node:crypto";

/**
 * A new id that sorts by time and that nobody can guess: UUID version 7 (RFC 9562 §5.7), 48 bits of milliseconds, a
 * counter that keeps ids of one millisecond in order, 62 random bits.
 */
export function createIdSource(now: () => number): () => string {
  let lastMs = 0;
  let counter = 0;
  return () => {
    const ms = Math.max(now(), lastMs);
    counter = ms === lastMs ? counter + 1 : 0;
    lastMs = counter > 0xfff ? ms + 1 : ms;
    if (counter > 0xfff) counter = 0;
    const time = lastMs.toString(16).padStart(12, "0");
    const random = randomBytes(8);
    random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
    const tail = random.toString("hex");
    const ordered = (0x7000 | counter).toString(16);
    return `${time.slice(0, 8)}-${time.slice(8)}-${ordered}-${tail.slice(0, 4)}-${tail.slice(4)}`;
  };
}
