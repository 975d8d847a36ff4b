import type { JSONContent } from "@tiptap/core";
import { parseMessageAddress } from "../message-link.ts";
import { safeLink } from "../safe-url.ts";
import { decodeEntities } from "./entities.ts";
import type { Token, TokenOf } from "./tokens.ts";

type Mark = { type: string; attrs?: Record<string, unknown> };

const markOf: Record<string, string> = { strong: "bold", em: "italic", del: "strike" };

/** A line of Markdown as text with marks, line breaks, mentions, message links and pictures. */
export function readInline(tokens: readonly Token[], marks: readonly Mark[] = []): JSONContent[] {
  return tokens.flatMap((token): JSONContent[] => {
    switch (token.type) {
      case "strong":
      case "em":
      case "del":
        return readInline(token.tokens ?? [], [...marks, { type: markOf[token.type] ?? "" }]);
      case "link":
        return readLink(token as TokenOf<"link">, marks);
      case "image":
        return [{ type: "image", attrs: { src: token.href, alt: decodeEntities(String(token.text)) } }];
      case "codespan":
        return textNode(String(token.text), [...marks, { type: "code" }]);
      // A task's box, which its item already knows.
      case "checkbox":
        return [];
      case "br":
        return [{ type: "hardBreak" }];
      case "html":
        return /^<br\s*\/?>$/i.test(token.raw) ? [{ type: "hardBreak" }] : textNode(token.raw, marks);
      case "escape":
        return textNode(String(token.text), marks);
      case "text":
        if (token.tokens) return readInline(token.tokens, marks);
        return textNode(decodeEntities(String(token.text)), marks);
      default:
        return textNode(token.raw, marks);
    }
  });
}

function textNode(text: string, marks: readonly Mark[]): JSONContent[] {
  const flat = text.replaceAll(/\s*\n\s*/g, " ");
  return flat === "" ? [] : [{ type: "text", text: flat, marks: [...marks] }];
}

function readLink(link: TokenOf<"link">, marks: readonly Mark[]): JSONContent[] {
  const href = decodeEntities(link.href);
  const inner = () => readInline(link.tokens, marks);
  const words = () =>
    inner()
      .map(({ text = "" }) => text)
      .join("");
  if (href.startsWith("mention:")) {
    const id = decode(href.slice("mention:".length));
    return [{ type: "mention", attrs: { id, label: words().replace(/^@/, "") } }];
  }
  const message = parseMessageAddress(href);
  if (message) return [{ type: "messageLink", attrs: { ...message, text: words() } }];
  // An address that may not be followed leaves its words.
  const safe = safeLink(href);
  return safe === undefined ? inner() : readInline(link.tokens, [...marks, { type: "link", attrs: { href: safe } }]);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
