import type { JSONContent } from "@tiptap/core";
import type { Doc } from "yjs";
import { readContent } from "./fragment.ts";

/** The document as ProseMirror's JSON, valid in the schema of `documentExtensions`. */
export function toJson(doc: Doc): JSONContent {
  return readContent(doc).toJSON() as JSONContent;
}
