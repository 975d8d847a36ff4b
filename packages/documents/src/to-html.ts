import type { Doc } from "yjs";
import { readContent } from "./fragment.ts";
import { writeHtml } from "./write-html.ts";

/** The document as an HTML fragment without anything that runs, loads or leads elsewhere than http, https or mailto. */
export function toHtml(doc: Doc): string {
  return writeHtml(readContent(doc));
}
