// Text with marks → one piece of Markdown that reads back as the same. Emphasis in Markdown depends on what stands
// around it; where the marks would be read differently, the piece is written plainer.
import { Fragment, type Mark, type Node } from "@tiptap/pm/model";
import { type MessageLink, messageAddress } from "../message-link.ts";
import { encodeEntity } from "./entities.ts";
import { readInline } from "./read-inline.ts";
import { lexInline } from "./tokens.ts";

/** What is written for a line break: a backslash before the end of the line, or a tag where lines cannot end. */
export type LineBreak = "\\\n" | "<br>" | " ";

const delimiters: Record<string, string> = { bold: "**", italic: "*", strike: "~~" };
const order = ["link", "bold", "italic", "strike"];

/** Writes the inline content of a block. */
export function writeInline(content: readonly Node[], lineBreak: LineBreak): string {
  const nodes = trimBreaks(content);
  const wanted = describe(
    nodes.map((node) => node.toJSON() as Described),
    lineBreak,
  );
  for (const isStrict of [false, true]) {
    for (const kinds of [
      ["link", "bold", "italic", "strike", "code"],
      ["link", "code"],
    ]) {
      const written = writeRun(keepMarks(nodes, kinds), { open: [], lineBreak, isStrict });
      if (describe(readInline(lexInline(written)) as Described[], lineBreak) === wanted) return written;
    }
  }
  return writeRun(keepMarks(nodes, []), { open: [], lineBreak, isStrict: false });
}

/** Markdown knows no line break at the beginning or the end of a block. */
function trimBreaks(nodes: readonly Node[]): readonly Node[] {
  const isWord = (node: Node) => !isBlank(node);
  const last = nodes.findLastIndex(isWord);
  return last === -1 ? [] : nodes.slice(nodes.findIndex(isWord), last + 1);
}

function isBlank(node: Node | undefined): boolean {
  return node?.type.name === "hardBreak" || node?.text?.trim() === "";
}

interface Described {
  type: string;
  text?: string;
  attrs?: Record<string, unknown>;
  marks?: { type: string; attrs?: Record<string, unknown> }[];
}

/** Two pieces with the same description look the same. Whether a space is bold does not show. */
function describe(nodes: readonly Described[], lineBreak: LineBreak): string {
  let words = "";
  let before = "";
  for (const node of nodes) {
    const isBreak = node.type === "hardBreak";
    if (node.type !== "text" && !(isBreak && lineBreak === " ")) {
      words += `\n${node.type} ${JSON.stringify([node.attrs?.id, node.attrs?.label, node.attrs?.messageId, node.attrs?.text])}`;
      before = "";
      continue;
    }
    const marks = (node.marks ?? [])
      .map(({ type, attrs }) => `${type} ${attrs?.href ?? ""}`)
      .sort()
      .join();
    for (const character of isBreak ? " " : (node.text ?? "").replaceAll(/\s*\n\s*/g, " ")) {
      const isSpace = character.trim() === "";
      words += !isSpace && marks !== before ? `\n${marks}:${character}` : character;
      if (!isSpace) before = marks;
    }
  }
  return words.replaceAll(/ +(?=\n|$)/g, "");
}

function keepMarks(nodes: readonly Node[], kinds: readonly string[]): readonly Node[] {
  const kept = nodes.map((node) => node.mark(node.marks.filter((mark) => kinds.includes(mark.type.name))));
  return Fragment.fromArray(kept).content;
}

interface Within {
  /** Names of the marks around, which need not be written again. */
  open: readonly string[];
  lineBreak: LineBreak;
  /** Writes every character that is syntax anywhere as a reference. */
  isStrict: boolean;
}

function writeRun(nodes: readonly Node[], within: Within): string {
  let written = "";
  for (let at = 0; at < nodes.length; ) {
    const span = longestSpan(nodes, at, within.open);
    if (!span) {
      written += writeLeaf(nodes[at], within);
      at += 1;
      continue;
    }
    const inner = writeRun(nodes.slice(at, span.end), { ...within, open: [...within.open, span.mark.type.name] });
    written += enclose(span.mark, inner, nodes.slice(at, span.end));
    at = span.end;
  }
  return written;
}

/**
 * The mark that begins here and lasts longest; of several, the outermost kind. It neither begins nor ends with a space,
 * which would be read back without it.
 */
function longestSpan(nodes: readonly Node[], at: number, open: readonly string[]) {
  let longest: { mark: Mark; end: number } | undefined;
  if (isBlank(nodes[at])) return undefined;
  const marks = (nodes[at]?.marks ?? []).filter(({ type }) => order.includes(type.name) && !open.includes(type.name));
  marks.sort((a, b) => order.indexOf(a.type.name) - order.indexOf(b.type.name));
  for (const mark of marks) {
    let end = at + 1;
    while (end < nodes.length && nodes[end]?.marks.some((other) => other.eq(mark))) end++;
    while (isBlank(nodes[end - 1])) end--;
    if (!longest || end > longest.end) longest = { mark, end };
  }
  return longest;
}

function enclose(mark: Mark, inner: string, nodes: readonly Node[]): string {
  if (mark.type.name === "link") {
    const href = String(mark.attrs.href);
    const isBare = nodes.length === 1 && nodes[0]?.text === href && nodes[0].marks.length === 1;
    if (isBare && /^https?:/.test(href)) return `<${href}>`;
    return `[${inner}](${/[()]/.test(href) ? `<${href}>` : href})`;
  }
  const delimiter = delimiters[mark.type.name] ?? "";
  // Emphasis neither begins nor ends with a space: the space moves out.
  const [, before = "", words = "", after = ""] = /^((?:\s|&#32;)*)([\s\S]*?)((?:\s|&#32;)*)$/.exec(inner) ?? [];
  return words === "" ? inner : `${before}${delimiter}${words}${delimiter}${after}`;
}

function writeLeaf(node: Node | undefined, { lineBreak, isStrict }: Within): string {
  if (!node) return "";
  const escapeAll = isStrict ? encodePunctuation : escapeText;
  switch (node.type.name) {
    case "text": {
      const text = (node.text ?? "").replaceAll(/\s*\n\s*/g, " ");
      return node.marks.some(({ type }) => type.name === "code") ? writeCode(text) : escapeAll(text);
    }
    case "hardBreak":
      return lineBreak;
    case "mention": {
      const { id, label } = node.attrs;
      return `[@${escapeAll(String(label ?? id))}](mention:${encodeAddress(String(id))})`;
    }
    case "messageLink": {
      const link = node.attrs as MessageLink;
      const address = messageAddress(link).replaceAll(/[()]/g, (one) => (one === "(" ? "%28" : "%29"));
      return `[${escapeAll(link.text)}](${address})`;
    }
    default:
      return escapeAll(node.textContent);
  }
}

function encodePunctuation(text: string): string {
  return text.replaceAll(/[!-/:-@[-`{-~]|\p{Cc}|[\u2028\u2029]/gu, encodeEntity);
}

function encodeAddress(text: string): string {
  return encodeURIComponent(text).replaceAll(/[()*'!~_]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
}

function writeCode(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = /^[` ]|[` ]$/.test(text) && text.trim() !== "" ? " " : "";
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** Text in which nothing is syntax, wherever in a line it stands. */
export function escapeText(text: string): string {
  return text
    .replaceAll(/[\\`*[\]~]/g, "\\$&")
    .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_")
    .replaceAll("<", "\\<")
    .replaceAll(/&(?=#|\w)/g, "\\&")
    .replaceAll(/(https?|ftp):(?=\/\/)/gi, "$1\\:")
    .replaceAll(/\bwww\./gi, (word) => `${word.slice(0, 3)}\\.`)
    .replaceAll(/(?<=[\w.+-])@(?=\w)/g, "\\@")
    .replaceAll(/\p{Cc}|[\u2028\u2029]/gu, encodeEntity);
}
