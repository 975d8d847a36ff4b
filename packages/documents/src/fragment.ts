// Between Yjs and documents. The way in and the way out are the ones of the editor's binding: an XML element a node,
// an XML text a run of text whose formatting attributes are marks.
import type { JSONContent } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { prosemirrorToYDoc } from "@tiptap/y-tiptap";
import * as Y from "yjs";
import { fitDocument } from "./fit.ts";
import { contentName } from "./schema.ts";

/** As deep as is looked: fitting keeps less. */
const maxDepth = 100;

/** The document that a Yjs document holds. */
export function readContent(doc: Y.Doc): Node {
  return fitDocument({ type: "doc", content: readChildren(doc.getXmlFragment(contentName), 0) });
}

/**
 * The Yjs update that adds a document's blocks: to an empty document, or, with `base`, after everything that stands
 * there. `base` itself is left as it is; the update depends on its state.
 */
export function writeContent(content: Node, base?: Y.Doc): Uint8Array {
  const made = prosemirrorToYDoc(content, contentName);
  const scratch = new Y.Doc();
  try {
    if (base) Y.applyUpdate(scratch, Y.encodeStateAsUpdate(base));
    const before = Y.encodeStateVector(scratch);
    const fragment = scratch.getXmlFragment(contentName);
    const blocks = made.getXmlFragment(contentName).toArray();
    scratch.transact(() => fragment.push(blocks.map((block) => block.clone() as Y.XmlElement)));
    return Y.encodeStateAsUpdate(scratch, before);
  } finally {
    made.destroy();
    scratch.destroy();
  }
}

function readChildren(parent: Y.XmlFragment | Y.XmlElement, depth: number): JSONContent[] {
  if (depth > maxDepth) return [];
  return parent.toArray().flatMap((child) => {
    if (child instanceof Y.XmlText) return readText(child);
    if (!(child instanceof Y.XmlElement)) return [];
    return [{ type: child.nodeName, attrs: child.getAttributes(), content: readChildren(child, depth + 1) }];
  });
}

function readText(text: Y.XmlText): JSONContent[] {
  const delta = text.toDelta() as { insert: unknown; attributes?: Record<string, unknown> }[];
  return delta.flatMap(({ insert, attributes = {} }) => {
    if (typeof insert !== "string") return [];
    const marks = Object.entries(attributes).map(([key, attrs]) => ({
      // Marks that may overlap themselves carry a hash behind their name.
      type: key.replace(/--[\w+/=]{8}$/, ""),
      attrs: typeof attrs === "object" && attrs !== null ? (attrs as Record<string, unknown>) : {},
    }));
    return [{ type: "text", text: insert, marks }];
  });
}
