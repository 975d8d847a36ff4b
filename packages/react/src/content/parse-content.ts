// Turns what a person typed into a small tree that is rendered as elements, never as HTML.
// A linear scan with a bound on nesting: no input can make it slow or deep.

/** A piece of a line. */
export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "link"; href: string; text: string }
  | { kind: "mention"; text: string }
  | { kind: "bold" | "italic" | "strike"; children: Inline[] };

/** A paragraph with its line breaks, a quotation, or a block of code. */
export type Block =
  | { kind: "paragraph" | "quote"; children: Inline[] }
  | { kind: "code"; text: string; language: string };

const maxNesting = 4;
const wordCharacter = /[\p{L}\p{N}_]/u;
const linkStart = /^https?:\/\/[^\s<>"]+/i;

/** Parses a message; `names` are the people it mentions, without the `@`. */
export function parseContent(content: string, names: readonly string[] = []): Block[] {
  const known = [...names].sort((a, b) => b.length - a.length).map((name) => name.toLowerCase());
  const blocks: Block[] = [];
  // Odd parts are inside fences; an unclosed fence leaves an even number of parts and is ordinary text.
  const parts = content.split("```");
  const closed = parts.length % 2 === 1 ? parts.length : parts.length - 1;
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 1 && index < closed) blocks.push(parseFence(part));
    else addParagraphs(blocks, index >= closed ? `\`\`\`${part}` : part, known);
  }
  return blocks;
}

function parseFence(part: string): Block {
  const firstLine = part.indexOf("\n");
  const head = firstLine === -1 ? "" : part.slice(0, firstLine).trim();
  const isLanguage = firstLine !== -1 && /^[\w+#-]{0,20}$/.test(head);
  const text = isLanguage ? part.slice(firstLine + 1) : part;
  return { kind: "code", language: isLanguage ? head : "", text: text.replace(/\n$/, "") };
}

function addParagraphs(blocks: Block[], text: string, names: readonly string[]): void {
  const trimmed = text.replace(/^\n+|\n+$/g, "");
  if (trimmed.trim() === "") return;
  let kind: "paragraph" | "quote" | undefined;
  let lines: string[] = [];
  const flush = () => {
    if (kind !== undefined) blocks.push({ kind, children: parseInline(lines.join("\n"), { names, depth: 0 }) });
    lines = [];
  };
  for (const line of trimmed.split("\n")) {
    const next = line.startsWith("> ") ? "quote" : "paragraph";
    if (next !== kind) flush();
    kind = next;
    lines.push(next === "quote" ? line.slice(2) : line);
  }
  flush();
}

/** Where the scan is: whose names count as mentions, and how deep in nested marks. */
interface Within {
  names: readonly string[];
  depth: number;
}

function parseInline(text: string, within: Within): Inline[] {
  const found: Inline[] = [];
  let plainFrom = 0;
  let at = 0;
  while (at < text.length) {
    const hit = matchAt(text, at, within);
    if (!hit) {
      at++;
      continue;
    }
    if (at > plainFrom) found.push({ kind: "text", text: text.slice(plainFrom, at) });
    found.push(hit.node);
    at = hit.end;
    plainFrom = at;
  }
  if (plainFrom < text.length) found.push({ kind: "text", text: text.slice(plainFrom) });
  return found;
}

interface Match {
  node: Inline;
  end: number;
}

function matchAt(text: string, at: number, within: Within): Match | undefined {
  switch (text[at]) {
    case "`":
      return matchCode(text, at);
    case "*":
      return text[at + 1] === "*"
        ? matchSpan(text, at, { mark: "**", kind: "bold", within })
        : matchSpan(text, at, { mark: "*", kind: "italic", within });
    case "_":
      return matchSpan(text, at, { mark: "_", kind: "italic", within });
    case "~":
      return matchSpan(text, at, { mark: "~~", kind: "strike", within });
    case "h":
    case "H":
      return matchLink(text, at);
    case "@":
      return matchMention(text, at, within.names);
    default:
      return undefined;
  }
}

function matchCode(text: string, at: number): Match | undefined {
  const end = text.indexOf("`", at + 1);
  if (end <= at + 1) return undefined;
  return { node: { kind: "code", text: text.slice(at + 1, end) }, end: end + 1 };
}

interface Span {
  mark: string;
  kind: "bold" | "italic" | "strike";
  within: Within;
}

function matchSpan(text: string, at: number, span: Span): Match | undefined {
  const { mark, kind, within } = span;
  if (within.depth >= maxNesting || !text.startsWith(mark, at) || isWord(text[at - 1])) return undefined;
  const from = at + mark.length;
  const end = text.indexOf(mark, from + 1);
  if (end === -1 || /\s/.test(text[from] ?? " ") || /\s/.test(text[end - 1] ?? " ")) return undefined;
  if (isWord(text[end + mark.length])) return undefined;
  return {
    node: { kind, children: parseInline(text.slice(from, end), { ...within, depth: within.depth + 1 }) },
    end: end + mark.length,
  };
}

function matchLink(text: string, at: number): Match | undefined {
  if (isWord(text[at - 1])) return undefined;
  const raw = linkStart.exec(text.slice(at, at + 2_048))?.[0];
  if (raw === undefined) return undefined;
  const shown = trimLink(raw);
  if (!URL.canParse(shown)) return undefined;
  return { node: { kind: "link", href: new URL(shown).href, text: shown }, end: at + shown.length };
}

// The full stop after a link and the bracket around it belong to the sentence.
function trimLink(link: string): string {
  let end = link.length;
  while (end > 0) {
    const last = link[end - 1] ?? "";
    if (".,!?:;'*_~`".includes(last)) end--;
    else if (last === ")" && !link.slice(0, end - 1).includes("(")) end--;
    else break;
  }
  return link.slice(0, end);
}

function matchMention(text: string, at: number, names: readonly string[]): Match | undefined {
  if (isWord(text[at - 1])) return undefined;
  const rest = text.slice(at + 1, at + 1 + 130).toLowerCase();
  const name = names.find((candidate) => rest.startsWith(candidate) && !isWord(rest[candidate.length]));
  if (name === undefined) return undefined;
  const end = at + 1 + name.length;
  return { node: { kind: "mention", text: text.slice(at, end) }, end };
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && wordCharacter.test(character);
}

const onlyEmoji =
  /^(?:\s|\p{Regional_Indicator}{2}|[\d#*]\uFE0F?\u20E3|\p{Extended_Pictographic}|\p{Emoji_Modifier}|\uFE0F|\u200D)+$/u;

/** Whether a message is nothing but a few emoji, which are then shown large. */
export function isFewEmoji(content: string): boolean {
  const trimmed = content.trim();
  return trimmed.length > 0 && trimmed.length <= 30 && onlyEmoji.test(trimmed) && !/^[\d\s]+$/.test(trimmed);
}
