// Document → HTML. Written from a fitted document, tag by tag: nothing a document holds is ever taken for markup.
import type { Mark, Node } from "@tiptap/pm/model";
import { type MessageLink, messageAddress } from "./message-link.ts";

/** Writes a document as an HTML fragment. */
export function writeHtml(document: Node): string {
  return writeAll(document);
}

function writeAll(node: Node): string {
  return node.children.map(writeNode).join("");
}

const tags: Record<string, string> = {
  paragraph: "p",
  blockquote: "blockquote",
  bulletList: "ul",
  listItem: "li",
  tableRow: "tr",
};

function writeNode(node: Node): string {
  const { attrs } = node;
  switch (node.type.name) {
    case "text":
      return node.marks.reduceRight(writeMark, escapeHtml(node.text ?? ""));
    case "heading":
      return `<h${attrs.level} dir="auto">${writeAll(node)}</h${attrs.level}>`;
    case "orderedList":
      return `<ol${attrs.start === 1 ? "" : attribute("start", attrs.start)}>${writeAll(node)}</ol>`;
    case "taskList":
      return `<ul data-type="taskList">${writeAll(node)}</ul>`;
    case "taskItem":
      return `<li data-type="taskItem" data-checked="${attrs.checked}"><input type="checkbox" disabled${attrs.checked ? " checked" : ""}><div>${writeAll(node)}</div></li>`;
    case "codeBlock":
      return `<pre dir="ltr"><code${attrs.language ? attribute("class", `language-${attrs.language}`) : ""}>${writeAll(node)}</code></pre>`;
    case "horizontalRule":
      return "<hr>";
    case "hardBreak":
      return "<br>";
    case "image":
      return `<img${["src", "alt", "width", "height"].map((name) => attribute(name, name === "alt" ? (attrs.alt ?? "") : attrs[name])).join("")}>`;
    case "table":
      return `<table><tbody>${writeAll(node)}</tbody></table>`;
    case "tableHeader":
      return writeCell("th", node);
    case "tableCell":
      return writeCell("td", node);
    case "mention":
      return `<span data-type="mention"${attribute("data-id", attrs.id)}${attribute("data-label", attrs.label)}>@${escapeHtml(attrs.label ?? attrs.id)}</span>`;
    case "messageLink":
      return writeMessageLink(attrs as MessageLink);
    default: {
      const tag = tags[node.type.name];
      if (tag === undefined) return writeAll(node);
      return `<${tag}${node.isTextblock ? ' dir="auto"' : ""}>${writeAll(node)}</${tag}>`;
    }
  }
}

function writeMark(inner: string, mark: Mark): string {
  switch (mark.type.name) {
    case "bold":
      return `<strong>${inner}</strong>`;
    case "italic":
      return `<em>${inner}</em>`;
    case "strike":
      return `<s>${inner}</s>`;
    case "code":
      return `<code>${inner}</code>`;
    case "link":
      return `<a${attribute("href", mark.attrs.href)} rel="noopener noreferrer nofollow ugc">${inner}</a>`;
    default:
      return inner;
  }
}

function writeCell(tag: "td" | "th", cell: Node): string {
  const { colspan, rowspan, align } = cell.attrs;
  const spans = (colspan > 1 ? attribute("colspan", colspan) : "") + (rowspan > 1 ? attribute("rowspan", rowspan) : "");
  const style = align ? attribute("style", `text-align: ${align}`) : "";
  return `<${tag}${spans}${style}>${writeAll(cell)}</${tag}>`;
}

function writeMessageLink({ roomId, messageId, text }: MessageLink): string {
  const ids = attribute("data-room", roomId) + attribute("data-message", messageId) + attribute("data-text", text);
  return `<a${attribute("href", messageAddress({ roomId, messageId }))}${ids}>${escapeHtml(text || "message")}</a>`;
}

function attribute(name: string, value: unknown): string {
  return value === null || value === undefined ? "" : ` ${name}="${escapeHtml(String(value))}"`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
