/**
 * What of a text is found by a search, and where: words in any script, however they are written in upper and lower case
 * and with or without accents. Scripts that put no spaces between words are found by any part of a run of them.
 */

const unspaced = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}`;
/** A run of a script without spaces, a word, or an emoji. */
const piece = new RegExp(
  String.raw`(?<run>[${unspaced}]+)|[[\p{L}\p{M}\p{N}_]--[${unspaced}]]+|\p{Extended_Pictographic}`,
  "gv",
);
/** Accents of Latin, Greek and Cyrillic; signs of other scripts are letters to those who write them. */
const accents = /[\u0300-\u036f]/g;
/** Longer words are told apart by their beginnings. */
const maxWordCharacters = 40;
/** Sorts behind everything that goes on from a prefix, byte by byte. */
const last = "\u{10ffff}";

/**
 * `word`: all of one. `prefix`: how one begins. `run`: any part of a run without spaces. `phrase`: several that were written
 * with no space between them, as in an address, and are found as they were written.
 */
export interface SearchTerm {
  readonly kind: "word" | "prefix" | "run" | "phrase";
  readonly text: string;
}

interface Piece {
  text: string;
  isRun: boolean;
  index: number;
}

/** What a text is stored under. Of a run these are its pairs of letters, and its last letter. */
export function searchKeys(text: string): Set<string> {
  const keys = new Set<string>();
  for (const { text: folded, isRun } of piecesOf(text)) {
    if (!isRun) keys.add(folded);
    else for (const key of keysOfRun(folded)) keys.add(key);
  }
  return keys;
}

/** The words of a query; of the last one its beginning is enough. */
export function parseTerms(query: string): SearchTerm[] {
  const pieces = piecesOf(query);
  const terms = pieces.map(
    ({ text, isRun }, index): SearchTerm => ({
      text,
      kind: isRun ? "run" : index === pieces.length - 1 ? "prefix" : "word",
    }),
  );
  return [...terms, ...phrasesOf(query)];
}

/** Between which keys, both included and in byte order, a text must have one each to come into question. */
export function keyRanges(term: SearchTerm): [low: string, high: string][] {
  const { kind, text } = term;
  if (kind === "phrase") return [];
  if (kind === "word") return [[text, text]];
  const pairs = kind === "run" ? pairsOf([...text]) : [];
  return pairs.length > 0 ? pairs.map((pair) => [pair, pair]) : [[text, text + last]];
}

/** Where the first of the terms stands in a text that has all of them; undefined where one is missing. */
export function findTerms(text: string, terms: readonly SearchTerm[]): number | undefined {
  const folded = terms.some(({ kind }) => kind === "phrase") ? fold(text) : "";
  const missing = new Set(terms.filter((term) => term.kind !== "phrase" || !folded.includes(term.text)));
  let first: number | undefined;
  for (const { index, ...found } of piecesOf(text)) {
    for (const term of terms) {
      if (!isFoundIn(term, found)) continue;
      missing.delete(term);
      first ??= index;
    }
  }
  return missing.size === 0 ? (first ?? 0) : undefined;
}

function isFoundIn({ kind, text }: SearchTerm, found: Omit<Piece, "index">): boolean {
  if (kind === "phrase") return false;
  if (kind === "run") return found.isRun && found.text.includes(text);
  return kind === "word" ? found.text === text : found.text.startsWith(text);
}

function phrasesOf(query: string): SearchTerm[] {
  return query.split(/\s+/u).flatMap((part) => {
    const pieces = [...part.matchAll(piece)];
    const [start, end] = [pieces[0], pieces.at(-1)];
    if (pieces.length < 2 || !start || !end) return [];
    return [{ kind: "phrase" as const, text: fold(part.slice(start.index, end.index + end[0].length)) }];
  });
}

function piecesOf(text: string): Piece[] {
  return [...text.matchAll(piece)].flatMap((match) => {
    const isRun = match.groups?.run !== undefined;
    const folded = fold(match[0]);
    const kept =
      isRun || folded.length <= maxWordCharacters ? folded : [...folded].slice(0, maxWordCharacters).join("");
    return kept === "" ? [] : [{ text: kept, isRun, index: match.index }];
  });
}

function fold(text: string): string {
  const plain = text.normalize("NFKD").toLowerCase().replace(accents, "");
  return plain.replaceAll("ς", "σ").replaceAll("ß", "ss").normalize("NFKC");
}

function keysOfRun(run: string): string[] {
  const letters = [...run];
  return [...pairsOf(letters), ...letters.slice(-1)];
}

function pairsOf(letters: readonly string[]): string[] {
  return letters.slice(1).map((letter, index) => `${letters[index]}${letter}`);
}
