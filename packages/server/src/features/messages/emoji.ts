/**
 * Emoji short names and reactions. Standard names become Unicode when a message is posted or edited, not when it is
 * shown: then every client shows the same, stock ones without a table too, and a later change of the table rewrites no
 * history. Custom `:name:` stay as they are, because their picture may change; so does what is no known name.
 */
import { createRequire } from "node:module";
import { Refusal } from "@mirage/protocol";
import { z } from "zod";
import { findVerbatimRanges, walkRanges } from "../../lib/verbatim-ranges.ts";

/** Whether this instance has an emoji of its own by this name; it goes before the standard one. */
export type IsCustomEmoji = (name: string) => boolean;

interface EmojiTable {
  /** Short name → Unicode, fully qualified. */
  byName: Map<string, string>;
  /** Without variation selectors → fully qualified. */
  byBareForm: Map<string, string>;
}

/** Longest standard name is 47 characters; custom ones have the same room. */
const shortName = /:([a-z0-9_+-]{1,64}):/giy;
const asciiWord = /[a-z0-9_:]/i;
/**
 * An emoji newer than the table, in the form of UTS #51: pictographs, each with its modifier, joined. Of at most ten
 * parts, the most that any family has with room to spare.
 */
const wellFormedEmoji =
  /^\p{Extended_Pictographic}\ufe0f?\p{Emoji_Modifier}?(?:\u200d\p{Extended_Pictographic}\ufe0f?\p{Emoji_Modifier}?){0,9}$/u;

/** Turns standard short names into Unicode; never inside code or an address, nor between letters (`a:b:c`, `12:30:45`). */
export function resolveShortNames(content: string, isCustom: IsCustomEmoji): string {
  if (!content.includes(":")) return content;
  const rangeAt = walkRanges(findVerbatimRanges(content));
  let resolved = "";
  let copiedTo = 0;
  let lastNameEnd = 0;
  for (let at = content.indexOf(":"); at !== -1; at = content.indexOf(":", at)) {
    const range = rangeAt(at);
    const match = range ? undefined : matchShortName(content, at, lastNameEnd);
    const unicode = match && !isCustom(match.name) ? standardEmoji(match.name) : undefined;
    if (match && unicode !== undefined) {
      resolved += content.slice(copiedTo, at) + unicode;
      copiedTo = match.end;
    }
    if (match && (unicode !== undefined || isCustom(match.name))) lastNameEnd = match.end;
    // The last colon of a known name opens no other; that of an unknown one may.
    at = range?.end ?? Math.max(at + 1, lastNameEnd);
  }
  return resolved + content.slice(copiedTo);
}

/**
 * The one form of a reaction: Unicode as Unicode has it (with or without a variation selector it is the same one), a
 * standard `:name:` as its emoji, a custom one as it is.
 */
export function normaliseReaction(emoji: string, isCustom: IsCustomEmoji): string {
  const name = /^:([a-z0-9_+-]{1,64}):$/i.exec(emoji)?.[1];
  if (name !== undefined) {
    if (isCustom(name)) return emoji;
    const standard = standardEmoji(name);
    if (standard !== undefined) return standard;
    throw new Refusal("bad_request", `There is no emoji ${emoji}`);
  }
  const known = emojiTable().byBareForm.get(withoutSelectors(emoji));
  if (known !== undefined) return known;
  if (wellFormedEmoji.test(emoji)) return emoji;
  throw new Refusal("bad_request", "A reaction is one emoji or a :name:");
}

function standardEmoji(name: string): string | undefined {
  return emojiTable().byName.get(name.toLowerCase());
}

function matchShortName(content: string, at: number, lastNameEnd: number): { name: string; end: number } | undefined {
  const isAfterEmoji = at === lastNameEnd && at > 0;
  if (!isAfterEmoji && asciiWord.test(content[at - 1] ?? "")) return undefined;
  shortName.lastIndex = at;
  const name = shortName.exec(content)?.[1];
  if (name === undefined) return undefined;
  const end = at + name.length + 2;
  // The next name may follow at once, a letter may not.
  return /[a-z0-9_]/i.test(content[end] ?? "") ? undefined : { name, end };
}

let loadedTable: EmojiTable | undefined;

/** Read when first needed, about 10 ms, and kept. */
function emojiTable(): EmojiTable {
  loadedTable ??= buildTable();
  return loadedTable;
}

const namesSchema = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

function buildTable(): EmojiTable {
  const load = createRequire(import.meta.url);
  const table: EmojiTable = { byName: new Map(), byBareForm: new Map() };
  // Where the two disagree, people mean what they know from elsewhere: the first one counts.
  for (const set of ["github", "emojibase"]) {
    const names = namesSchema.parse(load(`emojibase-data/en/shortcodes/${set}.json`));
    for (const [hexcode, written] of Object.entries(names)) {
      const unicode = fromHexcode(hexcode);
      // A letter of a flag is half an emoji.
      if (/^\p{Regional_Indicator}$/u.test(unicode)) continue;
      table.byBareForm.set(withoutSelectors(unicode), unicode);
      for (const name of [written].flat()) if (!table.byName.has(name)) table.byName.set(name, unicode);
    }
  }
  return table;
}

/** The data leaves the variation selector out where a sign stands alone. */
function fromHexcode(hexcode: string): string {
  const unicode = String.fromCodePoint(...hexcode.split("-").map((part) => Number.parseInt(part, 16)));
  const needsSelector = /^\p{Emoji}$/u.test(unicode) && !/^\p{Emoji_Presentation}$/u.test(unicode);
  return needsSelector ? `${unicode}\ufe0f` : unicode;
}

function withoutSelectors(emoji: string): string {
  return emoji.replaceAll("\ufe0f", "");
}
