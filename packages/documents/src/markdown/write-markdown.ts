// Document → Markdown. What Markdown cannot say (merged cells, sizes of pictures) is left out; what it can say reads
// back as the same, so that writing what was read changes nothing any more.
import type { Node } from "@tiptap/pm/model";
import { encodeEntity } from "./entities.ts";
import { escapeText, writeInline } from "./write-inline.ts";

/** Writes a document; the text ends with one line break, and that of an empty document is empty. */
export function writeMarkdown(document: Node): string {
  const written = writeBlocks(document.children);
  return written === "" ? "" : `${written}\n`;
}

/** `isFirstOther`: a list that begins these blocks stands on the line of another one's mark. */
function writeBlocks(blocks: readonly Node[], { separator = "\n\n", isFirstOther = false } = {}): string {
  let written = "";
  let before: Node | undefined;
  let isOther = false;
  for (const block of blocks) {
    // Lists that follow each other are told apart by their marks; equal marks on one line would be a rule.
    isOther = before ? isList(before) && isSameKind(before, block) && !isOther : isFirstOther && isList(block);
    const text = writeBlock(block, isOther);
    if (text === undefined) continue;
    // A mark without words right below a paragraph would underline it, or belong to it.
    const isBareMark = /^(?:[-*]|\d+[.)])(?:\n|$)/.test(text);
    if (before) written += isBareMark ? "\n\n" : separator;
    written += text;
    before = block;
  }
  return written;
}

function isList(node: Node): boolean {
  return /List$/.test(node.type.name);
}

function isSameKind(one: Node, other: Node): boolean {
  return isList(other) && (one.type.name === "orderedList") === (other.type.name === "orderedList");
}

/** One block without line breaks around it; nothing for one that Markdown does not know, like an empty paragraph. */
function writeBlock(block: Node, isOther: boolean): string | undefined {
  switch (block.type.name) {
    case "paragraph":
      return writeLines(writeInline(block.children, "\\\n")) || undefined;
    case "heading":
      return writeHeading(block);
    case "codeBlock":
      return writeCodeBlock(block);
    case "blockquote":
      return prefixLines(writeBlocks(block.children), "> ").replaceAll(/^> $/gm, ">");
    case "bulletList":
    case "orderedList":
    case "taskList":
      return writeList(block, isOther);
    case "table":
      return writeTable(block);
    case "image":
      return writeImage(block);
    case "horizontalRule":
      return "---";
    default:
      return undefined;
  }
}

/** Lines of text in which no line begins or ends like something else. */
function writeLines(text: string): string {
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [, indent = "", words = ""] = /^(\s*)(.*)$/su.exec(line) ?? [];
      return encodeAll(indent) + escapeLineStart(words);
    })
    .join("\n");
}

function encodeAll(text: string): string {
  return [...text].map(encodeEntity).join("");
}

function escapeLineStart(line: string): string {
  if (/^(?:#{1,6}|[-+])(?:\s|$)/.test(line) || line.startsWith(">")) return `\\${line}`;
  if (/^[=|:\s-]+$/.test(line) || /^[:|]?\s*:?-+/.test(line)) return `\\${line}`;
  return line.replace(/^(\d{1,9})([.)])(?=\s|$)/, "$1\\$2");
}

function writeHeading(block: Node): string {
  const text = writeInline(block.children, " ").trim();
  const marks = "#".repeat(Number(block.attrs.level));
  // Number signs at the end would belong to the mark.
  return text === "" ? marks : `${marks} ${text.replace(/#+$/, (signs) => `\\${[...signs].join("\\")}`)}`;
}

function writeCodeBlock(block: Node): string {
  const text = block.textContent;
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${block.attrs.language ?? ""}\n${text === "" ? "" : `${text}\n`}${fence}`;
}

function writeList(list: Node, isOther: boolean): string {
  const isTight = list.children.every((item) =>
    item.children.every((block, index) => isList(block) || (index === 0 && block.type.name === "paragraph")),
  );
  const separator = isTight ? "\n" : "\n\n";
  const items = list.children.map((item, index) => {
    const mark = markOf(list, { index, isOther });
    const box = list.type.name === "taskList" ? `[${item.attrs.checked ? "x" : " "}] ` : "";
    const content = writeItem(item, { separator, isFirstOther: !isOther });
    // Behind an empty paragraph the next block begins on the line of the mark; a task's box needs that line.
    const isBelow = box !== "" && item.firstChild?.content.size === 0 && content !== "";
    const text = isBelow ? `${box.trimEnd()}\n\n${content}` : `${box}${content}`;
    const indent = " ".repeat(mark.length);
    return `${mark}${prefixLines(text, indent).slice(indent.length)}`.replaceAll(/[ ]+$/gm, "");
  });
  return items.join(separator);
}

function writeItem(item: Node, layout: { separator: string; isFirstOther: boolean }): string {
  const content = writeBlocks(item.children, layout);
  // A rule of dashes would take the list's own into it, and marks alone in a row would be a rule.
  if (/^[-*\s]*$/.test(content) && !content.startsWith("---")) return "";
  return content.replace(/^---$/m, (rule, at) => (at === 0 ? "___" : rule));
}

function markOf(list: Node, { index, isOther }: { index: number; isOther: boolean }): string {
  if (list.type.name !== "orderedList") return isOther ? "* " : "- ";
  return `${Math.min(Number(list.attrs.start) + index, 999_999_999)}${isOther ? ")" : "."} `;
}

function prefixLines(text: string, prefix: string): string {
  return text
    .split("\n")
    .map((line) => (line === "" && prefix.trim() === "" ? "" : `${prefix}${line}`))
    .join("\n");
}

function writeImage({ attrs }: Node): string {
  const source = String(attrs.src);
  const alt = escapeText(
    String(attrs.alt ?? "")
      .replaceAll(/\s+/g, " ")
      .trim(),
  );
  return `![${alt}](${/[()]/.test(source) ? `<${source}>` : source})`;
}

function writeTable(table: Node): string {
  const rows = table.children.map((row) => row.children.map(writeCell));
  const width = Math.max(1, ...rows.map((row) => row.length));
  const line = (cells: readonly string[]) =>
    `| ${Array.from({ length: width }, (_, at) => cells[at] ?? "").join(" | ")} |`;
  const [head = [], ...body] = rows;
  const rule = Array.from({ length: width }, (_, at) => ruleOf(table.firstChild?.maybeChild(at)?.attrs.align));
  return [line(head), line(rule), ...body.map(line)].join("\n");
}

function ruleOf(align: unknown): string {
  return { left: ":---", right: "---:", center: ":---:" }[String(align)] ?? "---";
}

/** What a cell holds on one line: its paragraphs with line breaks between them. */
function writeCell(cell: Node): string {
  const lines: string[] = [];
  cell.descendants((block) => {
    if (!block.isTextblock) return true;
    const text = block.type.spec.code
      ? escapeText(block.textContent.replaceAll("\n", " "))
      : writeInline(block.children, "<br>");
    if (text.trim() !== "") lines.push(text);
    return false;
  });
  return lines.join("<br>").replaceAll("|", "\\|").trim();
}
