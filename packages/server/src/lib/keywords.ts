/**
 * Finds words that people listen for: whole words, however they are written in upper and lower case, and phrases of
 * several. In scripts without spaces a word may stand anywhere.
 */

const unspaced = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}`;
/** A run of letters and digits, or one letter of a script without spaces. */
const token = new RegExp(String.raw`[${unspaced}]|[[\p{L}\p{M}\p{N}_]--[${unspaced}]]+`, "gv");
const spacedWordChar = new RegExp(String.raw`[[\p{L}\p{M}\p{N}_]--[${unspaced}]]`, "v");

/** The one form in which a keyword is compared. */
function foldKeyword(text: string): string {
  return text.normalize("NFC").toLowerCase().replace(/\s+/gu, " ");
}

interface Entry<Listener> {
  keyword: string;
  /** What of the keyword stands before its first token: `.` of `.net`. */
  before: number;
  listener: Listener;
}

/** Keywords of many listeners, looked up by their first token: a text costs what it is long, however many listen. */
export class KeywordIndex<Listener> {
  readonly #entries = new Map<string, Entry<Listener>[]>();

  add(keyword: string, listener: Listener): void {
    const folded = foldKeyword(keyword).trim();
    const first = folded.matchAll(token).next().value;
    if (!first) return;
    const entries = this.#entries.get(first[0]) ?? [];
    entries.push({ keyword: folded, before: first.index, listener });
    this.#entries.set(first[0], entries);
  }

  /** Whoever listens for a word of this text. */
  find(text: string): Set<Listener> {
    const found = new Set<Listener>();
    if (this.#entries.size === 0) return found;
    const folded = foldKeyword(text);
    for (const { 0: word, index } of folded.matchAll(token)) {
      for (const { keyword, before, listener } of this.#entries.get(word) ?? []) {
        if (!found.has(listener) && standsAt(folded, keyword, index - before)) found.add(listener);
      }
    }
    return found;
  }
}

/** Whether a text holds one of these words. */
export function hasKeyword(text: string, keywords: readonly string[]): boolean {
  const index = new KeywordIndex<true>();
  for (const keyword of keywords) index.add(keyword, true);
  return index.find(text).size > 0;
}

function standsAt(text: string, keyword: string, start: number): boolean {
  const end = start + keyword.length;
  if (start < 0 || text.slice(start, end) !== keyword) return false;
  return isEdge(text[start - 1], text[start]) && isEdge(text[end - 1], text[end]);
}

/** Whether a word may begin or end between two characters. */
function isEdge(before: string | undefined, after: string | undefined): boolean {
  return !(before && after && spacedWordChar.test(before) && spacedWordChar.test(after));
}
