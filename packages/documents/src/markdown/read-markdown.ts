// Markdown → document. HTML in it stays what it is to a reader: characters.
import type { JSONContent } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { fitDocument } from "../fit.ts";
import { readInline } from "./read-inline.ts";
import { lexBlocks, type Token, type TokenOf } from "./tokens.ts";

/** Deeper nesting than this is read as text. */
const maxDepth = 24;

// The lexer recurses: what nests deeper than is read loses its marks before.
const nestingMark = "[ \\t]*(?:>|[-+*][ \\t]|\\d{1,9}[.)][ \\t])";
const deepNesting = new RegExp(`^((?:${nestingMark}){${maxDepth}})(?:${nestingMark})+`, "gm");

/** The document that Markdown describes. Any text is some document. */
export function readMarkdown(markdown: string): Node {
  const clean = markdown.replaceAll("\u0000", "\ufffd").replaceAll(/\r\n?/g, "\n").replaceAll(deepNesting, "$1");
  return fitDocument({ type: "doc", content: readBlocks(lexBlocks(clean), 0) });
}

function readBlocks(tokens: readonly Token[], depth: number): JSONContent[] {
  return tokens.flatMap((token): JSONContent[] => readBlock(token, depth));
}

function readBlock(token: Token, depth: number): JSONContent[] {
  if (depth > maxDepth) return readTextBlock(plain(token.raw));
  switch (token.type) {
    case "space":
    case "def":
      return [];
    case "hr":
      return [{ type: "horizontalRule" }];
    case "heading":
      return [{ type: "heading", attrs: { level: token.depth }, content: onOneLine(readInline(token.tokens ?? [])) }];
    case "code":
      return [readCode(token as TokenOf<"code">)];
    case "blockquote":
      return [{ type: "blockquote", content: readBlocks(token.tokens ?? [], depth + 1) }];
    case "list":
      return readList(token as TokenOf<"list">, depth);
    case "table":
      return [readTable(token as TokenOf<"table">)];
    case "paragraph":
    case "text":
      return readTextBlock(readInline(token.tokens ?? [token]));
    default:
      return readTextBlock(plain(token.raw));
  }
}

function plain(text: string): JSONContent[] {
  const lines = text.trim().split("\n");
  return lines.flatMap((line, index) => [
    ...(index > 0 ? [{ type: "hardBreak" }] : []),
    ...(line === "" ? [] : [{ type: "text", text: line }]),
  ]);
}

/** A paragraph; pictures in it, which are blocks here, part it. */
function readTextBlock(content: JSONContent[]): JSONContent[] {
  const blocks: JSONContent[] = [];
  let run: JSONContent[] = [];
  const endRun = () => {
    if (run.some(({ type, text }) => type !== "hardBreak" && text?.trim() !== "")) {
      blocks.push({ type: "paragraph", content: run });
    }
    run = [];
  };
  for (const inline of content) {
    if (inline.type === "image") {
      endRun();
      blocks.push(inline);
    } else run.push(inline);
  }
  endRun();
  return blocks;
}

/** Where no picture and no line break can stand. */
function onOneLine(content: JSONContent[]): JSONContent[] {
  return content.map((inline) => {
    if (inline.type === "image") return { type: "text", text: String(inline.attrs?.alt || "image") };
    return inline.type === "hardBreak" ? { type: "text", text: " " } : inline;
  });
}

function readCode({ text, lang }: TokenOf<"code">): JSONContent {
  return {
    type: "codeBlock",
    attrs: { language: lang?.split(/\s/)[0] },
    content: text === "" ? [] : [{ type: "text", text }],
  };
}

/** One list, or several where tasks and other items alternate. */
function readList(list: TokenOf<"list">, depth: number): JSONContent[] {
  const lists: JSONContent[] = [];
  list.items.forEach((item, index) => {
    const emptyTask = /^\[([ xX])\]\s*$/.exec(item.text.split("\n")[0] ?? "");
    const isTask = !list.ordered && (item.task || emptyTask !== null);
    const type = isTask ? "taskList" : list.ordered ? "orderedList" : "bulletList";
    let last = lists.at(-1);
    if (last?.type !== type) {
      last = { type, attrs: { start: list.ordered ? Number(list.start || 0) + index : 1 }, content: [] };
      lists.push(last);
    }
    const tokens = item.tokens.filter((token) => token.type !== "checkbox");
    const rest = emptyTask && !item.task ? tokens.slice(1) : tokens;
    const checked = item.checked === true || (emptyTask !== null && emptyTask[1] !== " ");
    const content = readBlocks(rest, depth + 1);
    last.content?.push({ type: isTask ? "taskItem" : "listItem", attrs: { checked }, content });
  });
  return lists;
}

function readTable({ header, rows, align }: TokenOf<"table">): JSONContent {
  const readRow = (type: string, cells: TokenOf<"table">["header"]): JSONContent => ({
    type: "tableRow",
    content: cells.map(({ tokens }, column) => ({
      type,
      attrs: { align: align[column] },
      content: [{ type: "paragraph", content: inCell(readInline(tokens)) }],
    })),
  });
  return { type: "table", content: [readRow("tableHeader", header), ...rows.map((row) => readRow("tableCell", row))] };
}

function inCell(content: JSONContent[]): JSONContent[] {
  return content.map((inline) => (inline.type === "image" ? (onOneLine([inline])[0] ?? inline) : inline));
}
