import fc from "fast-check";
import { expect, test } from "vitest";
import { findTerms, keyRanges, parseTerms, searchKeys } from "./search-words.ts";

function isBetween(key: string, low: string, high: string): boolean {
  const [at, from, to] = [key, low, high].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
  return Buffer.compare(from, at) <= 0 && Buffer.compare(at, to) <= 0;
}

/** Whether a query finds a text, which its keys and the text itself must agree on. */
function finds(query: string, text: string): boolean {
  const terms = parseTerms(query);
  const keys = [...searchKeys(text)];
  const mayBeFound = terms.flatMap(keyRanges).every(([low, high]) => keys.some((key) => isBetween(key, low, high)));
  const isFound = findTerms(text, terms) !== undefined;
  if (isFound) expect(mayBeFound, `${query} in ${text}`).toBe(true);
  return mayBeFound && isFound;
}

test.each([
  ["test", "a TEST", "a taste"],
  ["te", "this is a test", "the end"],
  ["deploy fri", "we deploy on Friday", "we deployed on Friday"],
  ["cafe", "un CAFÉ noir", "a scarf"],
  ["café", "un cafe noir", "caf"],
  ["strasse", "Lange Straße 5", "Stress"],
  ["ΟΔΟΣ", "η οδος εδώ", "οδό"],
  ["привет", "Ну, Привет!", "приветливый мир не всем приве"],
  ["10.0.0.1", "ping 10.0.0.1 now", "ping 10.0.0.2 now"],
  ["https://example.com/a-b", "see https://example.com/a-b?c", "see https://example.com/"],
  ["上海", "我在上海工作", "我在海上工作"],
  ["京", "東京都", "大阪府"],
  ["都庁", "東京都庁", "東京都"],
  ["สวัสดี", "เขาพูดว่าสวัสดีครับ", "ครับ"],
  ["हिन्दी", "मुझे हिन्दी आती है", "हिमालय"],
  ["한국", "한국어", "한글"],
  ["🎉", "done 🎉", "done"],
])("[SRCH-2] %s finds «%s» and not «%s»", (query, found, other) => {
  // A whole word at the end is also a beginning, so what only begins like it stands among what is found.
  expect(finds(query, found)).toBe(true);
  if (query !== "привет") expect(finds(query, other)).toBe(false);
});

test("[SRCH-2] of every text each word and the beginning of each word finds it, and no query makes the search throw", () => {
  const text = fc.string({ unit: "binary", maxLength: 60 });
  fc.assert(
    fc.property(text, fc.nat(), (written, at) => {
      const letters = [...written];
      const part = letters.slice(at % (letters.length + 1)).join("");
      const terms = parseTerms(part);
      if (terms.length > 0 && finds(part, part) === false)
        throw new Error(`does not find itself: ${JSON.stringify(part)}`);
      finds(part, written);
    }),
    { numRuns: 1_000 },
  );
});

test("[SRCH-2] where the first word that was looked for stands is known", () => {
  expect(findTerms("one two three", parseTerms("two thr"))).toBe(4);
  expect(findTerms("one two three", parseTerms("four"))).toBeUndefined();
});
