/** How much an answer may hold, and how much of a list that is. Whoever asks for a list goes on where its page ends. */
import { limits } from "@mirage/protocol";

/** Bytes of an answer, less what is around it. */
export const answerBytes = limits.resumeAnswerBytes - 200;

/** Many people are answered the same objects: each is measured once. */
const measured = new WeakMap<object, number>();

/** Bytes, as JSON, of an object that does not change any more. */
export function jsonBytesOf(value: object): number {
  const known = measured.get(value);
  if (known !== undefined) return known;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  measured.set(value, bytes);
  return bytes;
}

/** How many of the first fit into so many bytes. */
export function countFitting(items: readonly object[], maxBytes: number): number {
  let spare = maxBytes;
  const tooMany = items.findIndex((item) => {
    spare -= jsonBytesOf(item) + 1;
    return spare < 0;
  });
  return tooMany < 0 ? items.length : tooMany;
}

/** The first of a page that fit into an answer, one at least, so that every page leads on. */
export function fittingPage<Item extends object>(items: readonly Item[], maxBytes: number = answerBytes): Item[] {
  return items.slice(0, Math.max(1, countFitting(items, maxBytes)));
}
