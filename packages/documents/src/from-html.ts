// Kept apart: in Node this brings a whole DOM along, which no page should load.
import type { JSONContent } from "@tiptap/core";
import { generateJSON } from "@tiptap/html";
import type { Doc } from "yjs";
import { fitDocument } from "./fit.ts";
import { writeContent } from "./fragment.ts";
import { documentExtensions } from "./schema.ts";

/** Parsers recurse: more open elements than this at once are no document. */
const maxDepth = 400;

/**
 * The Yjs update (V1) that puts HTML into an empty document, or, with `base`, behind all that stands in it.
 * Scripts, styles, handlers and addresses that may not be followed are dropped; nothing is loaded.
 * @throws RangeError if elements are nested more than 400 deep.
 */
export function fromHtml(html: string, base?: Doc): Uint8Array {
  if (depthOf(html) > maxDepth) throw new RangeError("unable to read this HTML; its elements are nested too deep");
  const safe = html.replaceAll("\u0000", "\ufffd");
  return writeContent(fitDocument(generateJSON(safe, documentExtensions()) as JSONContent), base);
}

const voidTags = /^(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)$/i;

function depthOf(html: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [, slash, name = ""] of html.matchAll(/<(\/?)([a-z][a-z\d-]*)/gi)) {
    if (slash === "/") depth = Math.max(0, depth - 1);
    else if (!voidTags.test(name)) deepest = Math.max(deepest, ++depth);
  }
  return deepest;
}
