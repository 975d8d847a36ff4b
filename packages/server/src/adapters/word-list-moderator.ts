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

/** Phrases of the data set that people also use in earnest: health, crime, biology. */
const plainWords = new Set(["sex", "vagina", "incest", "scat", "semen"]);

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
/** At least three single letters with signs or spaces between them. */
const spelledOut = /(?<![\p{L}\p{N}])(?:\p{L}[^\p{L}\p{N}\n]{1,3}){2,}\p{L}(?![\p{L}\p{N}])/gu;
/** The `@` of a mention is no letter, except where it plainly is. */
const mentionSign = /(?<![\p{L}\p{N}])@(?!ss(?:es)?(?![\p{L}\p{N}])|ss(?:hole|hat|wipe))(?=\p{L})/giu;

export class WordListModerator implements Moderator {
  readonly name = "word-list";
  readonly #plain: RegExpMatcher;
  readonly #squeezed: RegExpMatcher;

  constructor() {
    const words = new DataSet<{ originalWord: string }>()
      .addAll(englishDataset)
      .removePhrasesIf((phrase) => plainWords.has(phrase.metadata?.originalWord ?? ""))
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
    const isObscene = this.#hasPlain(text) || this.#hasMasked(text) || this.#hasSpelledOut(text);
    return isObscene ? { verdict: "refuse", reason: "obscene" } : { verdict: "allow" };
  }

  #hasPlain(text: string): boolean {
    return this.#plain.getAllMatches(text).some((match) => !isInnocent(written(text, match)));
  }

  #hasMasked(text: string): boolean {
    for (const [word] of text.matchAll(/\S+/g)) {
      if (!/\p{L}[^\p{L}\p{N}]+\p{L}/u.test(word) || word.includes("://")) continue;
      if (this.#squeezed.getAllMatches(word).some((match) => isDisguised(word, match))) return true;
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

/** Numbers (`455`), brackets and bars of code (`if(ck`), and what is only short for something else. */
function isInnocent(found: string): boolean {
  return !letter.test(found) || /[(/|]/.test(found) || found === "FK" || found === "Fu";
}

function isDisguised(word: string, match: MatchPayload): boolean {
  const found = written(word, match);
  const signs = found.replace(/[\p{L}\p{N}]/gu, "");
  if (signs === "" || letter.test(word[match.startIndex - 1] ?? "")) return false;
  if (maskingSign.test(signs)) return true;
  return match.matchLength >= 3 && !letter.test(word[match.endIndex + 1] ?? "");
}
