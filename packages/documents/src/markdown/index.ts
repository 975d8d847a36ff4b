import type { JSONContent } from "@tiptap/core";
import type { Doc } from "yjs";
import { readContent, writeContent } from "../fragment.ts";
import { readMarkdown } from "./read-markdown.ts";
import { writeMarkdown } from "./write-markdown.ts";

/** The document as Markdown (GFM), as it would be read back. Mentions are links to `mention:<userId>`. */
export function toMarkdown(doc: Doc): string {
  return writeMarkdown(readContent(doc));
}

/**
 * The Yjs update (V1) that puts Markdown into an empty document, or, with `base`, behind all that stands in it.
 * The update has a client id of its own; `base` is left as it is and must be at least as new where it is applied.
 */
export function fromMarkdown(markdown: string, base?: Doc): Uint8Array {
  return writeContent(readMarkdown(markdown), base);
}

/** Markdown as ProseMirror's JSON, for an editor that takes it in. */
export function markdownToJson(markdown: string): JSONContent {
  return readMarkdown(markdown).toJSON() as JSONContent;
}
