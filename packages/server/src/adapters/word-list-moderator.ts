/**
 * Refuses obscene English words, written plainly or disguised. Two readings of a text:
 *
 *   plain     the text as it is; letters look-alike, digits for letters and repeated letters are seen through
 *   squeezed  each word without its signs (`f.u.c.k`, `f**k`), and letters spelled out (`f u c k`) as one word
 *
 * Leaving signs out over a whole text would find words that nobody wrote (`wash it`). So squeezing stays inside a word,
 * and there a find counts only where whole pieces of the word make it up (`fu-ck`, but not `push-it`).
 */
import {
  DataSet,
  englishDataset,
  englishRecommendedTransformers,
  type MatchPayload,
  RegExpMatcher,
  skipNonAlphabeticTransformer,
} from "obscenity";
import type { Draft, Moderator, ModeratorVerdict } from "../ports/moderator.ts";

/** Words that people also use in earnest (health, crime, biology), and one phrase of two words: words are judged alone. */
const leftOut = new Set(["sex", "vagina", "incest", "scat", "semen", "double penetration"]);

/** Names and ordinary words that hold one of the data set's; compared as parts of a text in lower case. */
const innocentTerms = [
  ...[
    "assort",
    "assum",
    "assyr",
    "cockpit",
    "cock-up",
    "cumin",
    "cum laude",
    "cum-laude",
    "tit for tat",
    "tit-for-tat",
  ],
  ...["dickinson", "dickie", "moby dick", "moby-dick", "fukushima", "fukuoka", "fukuda", "penistone", "georgy"],
  ...["retardant", "rapeseed", "pissarro", "niggard", "klondyke", "vandyke", "mishit", "spasticity", "wankel", "fagin"],
  ...["negros", "chinking", "pornic"],
];

/** A sign put in a letter's place; other signs join words that have a meaning of their own. */
const maskingSign = /[*#%$&_~^+=]/;
const letter = /\p{L}/u;
/** In characters, about 2 MB. */
const maxRemembered = 1_000_000;
const maxRememberedLength = 512;
/** At least three single letters with signs or spaces between them. */
const spelledOut = /(?<![\p{L}\p{N}])(?:\p{L}[^\p{L}\p{N}\n]{1,3}){2,}\p{L}(?![\p{L}\p{N}])/gu;
/** The `@` of a mention is no letter, except where it plainly is. */
const mentionSign = /(?<![\p{L}\p{N}])@(?!ss(?:es)?(?![\p{L}\p{N}])|ss(?:hole|hat|wipe))(?=\p{L})/giu;

export class WordListModerator implements Moderator {
  readonly name = "word-list";
  readonly #plain: RegExpMatcher;
  readonly #squeezed: RegExpMatcher;
  /** Words in which nothing was found: most of what people write, so most texts are judged without the patterns. */
  readonly #cleanWords = new Set<string>();
  #remembered = 0;

  constructor() {
    const words = new DataSet<{ originalWord: string }>()
      .addAll(englishDataset)
      .removePhrasesIf((phrase) => leftOut.has(phrase.metadata?.originalWord ?? ""))
      .build();
    const { blacklistMatcherTransformers = [], whitelistMatcherTransformers = [] } = englishRecommendedTransformers;
    const shared = {
      blacklistedTerms: words.blacklistedTerms,
      whitelistedTerms: [...(words.whitelistedTerms ?? []), ...innocentTerms],
      whitelistMatcherTransformers,
    };
    this.#plain = new RegExpMatcher({ ...shared, blacklistMatcherTransformers });
    this.#squeezed = new RegExpMatcher({
      ...shared,
      blacklistMatcherTransformers: squeezing(blacklistMatcherTransformers),
    });
  }

  async review({ content }: Draft, signal: AbortSignal): Promise<ModeratorVerdict> {
    signal.throwIfAborted();
    const text = content.replace(mentionSign, " ");
    const prose = text.replace(/\S+/g, (word) => (word.includes("://") ? " " : word));
    const isObscene = this.#hasPlain(text) || this.#hasMasked(prose) || this.#hasSpelledOut(prose);
    return isObscene ? { verdict: "refuse", reason: "obscene" } : { verdict: "allow" };
  }

  #hasPlain(text: string): boolean {
    // Brackets and bars enclose words more often than they stand for c, l and i.
    const words = text.replace(/[(/|]/g, " ");
    const unknown = new Set<string>();
    for (const [word] of words.matchAll(/\S+/g))
      if (letter.test(word) && !this.#cleanWords.has(word)) unknown.add(word);
    if (unknown.size === 0) return false;
    // Line by line no innocent phrase excuses a word of it, so a word that is clean here is clean anywhere.
    if (this.#findsPlain([...unknown].join("\n"))) return this.#findsPlain(words);
    this.#remember(unknown);
    return false;
  }

  #findsPlain(words: string): boolean {
    return this.#plain
      .getAllMatches(words)
      .some((match) => !isInnocent(written(words, match)) && !isCode(words, match));
  }

  #remember(words: Iterable<string>): void {
    for (const word of words) {
      if (word.length > maxRememberedLength) continue;
      // A short word costs its place in the set as well.
      this.#remembered += word.length + 50;
      if (this.#remembered > maxRemembered) {
        this.#cleanWords.clear();
        this.#remembered = word.length + 50;
      }
      this.#cleanWords.add(word);
    }
  }

  #hasMasked(text: string): boolean {
    for (const [word] of text.matchAll(/\S+/g)) {
      if (!/\p{L}[^\p{L}\p{N}]+\p{L}/u.test(word)) continue;
      const finds = this.#squeezed.getAllMatches(word);
      if (finds.some((match) => isDisguised(word, match) && !isCode(word, match))) return true;
    }
    return false;
  }

  #hasSpelledOut(text: string): boolean {
    for (const [letters] of text.matchAll(spelledOut)) if (this.#squeezed.hasMatch(letters)) return true;
    return false;
  }
}

type Transformers = NonNullable<typeof englishRecommendedTransformers.blacklistMatcherTransformers>;

/** Before the last one, which collapses repeats: what is left out must not keep two equal letters apart. */
function squeezing(transformers: Transformers): Transformers {
  return [...transformers.slice(0, -1), skipNonAlphabeticTransformer(), ...transformers.slice(-1)];
}

function written(text: string, { startIndex, endIndex }: MatchPayload): string {
  return text.slice(startIndex, endIndex + 1);
}

/** Numbers (`455`), what only two words make up (`of ckeditor`), and what is short for a foreign key or a family. */
function isInnocent(found: string): boolean {
  return !letter.test(found) || /\s/.test(found) || found === "FK" || found === "Fu";
}

/**
 * A number, an id or a part of one (`t17`, `fa9b3c`): in a word with digits a find counts only where it makes up half of
 * the word and there are more letters than digits (`sh1t`); two letters count only as a word of their own.
 */
function isCode(text: string, match: MatchPayload): boolean {
  const start = text.slice(0, match.startIndex).search(/\S*$/);
  const [rest = ""] = text.slice(match.endIndex + 1).match(/^\S*/) ?? [];
  const word = text.slice(start, match.endIndex + 1 + rest.length).replace(/[^\p{L}\p{N}]/gu, "");
  const found = written(text, match).length;
  if (found === 2) return word.length > 3;
  const digits = word.replace(/\P{N}/gu, "").length;
  return digits > 0 && (word.length - digits <= digits || 2 * found < word.length);
}

function isDisguised(word: string, match: MatchPayload): boolean {
  const found = written(word, match);
  const signs = found.replace(/[\p{L}\p{N}]/gu, "");
  if (signs === "" || letter.test(word[match.startIndex - 1] ?? "")) return false;
  if (maskingSign.test(signs)) return true;
  return match.matchLength >= 3 && !letter.test(word[match.endIndex + 1] ?? "");
}
