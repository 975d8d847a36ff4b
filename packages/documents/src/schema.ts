import { type Extensions, getSchema, type NodeViewRenderer } from "@tiptap/core";
import { Image } from "@tiptap/extension-image";
import { TaskItem, TaskList } from "@tiptap/extension-list";
import { Mention, type MentionOptions } from "@tiptap/extension-mention";
import { TableKit } from "@tiptap/extension-table";
import type { Schema } from "@tiptap/pm/model";
import { StarterKit } from "@tiptap/starter-kit";
import { MessageLinkNode } from "./message-link.ts";
import { safeLink } from "./safe-url.ts";

/** Name of the Y.XmlFragment that holds a document's content. */
export const contentName = "content";

/** What an editor adds to the schema. */
export interface DocumentExtensionOptions {
  /** Offers people after an `@`. */
  suggestion?: MentionOptions["suggestion"];
  /** Shows a picture. Default: by its address as it stands. */
  imageView?: NodeViewRenderer;
}

/**
 * What a document may hold: the extensions of its editor, and of everything that reads or writes one without a browser.
 * No undo among them: each person's own comes with the collaboration extension. No underline: Markdown has none.
 * Nothing adds content by itself (StarterKit's trailing paragraph would), for a reader must change nothing.
 */
export function documentExtensions({ suggestion = {}, imageView }: DocumentExtensionOptions = {}): Extensions {
  return [
    StarterKit.configure({
      undoRedo: false,
      underline: false,
      trailingNode: false,
      link: {
        openOnClick: false,
        defaultProtocol: "https",
        isAllowedUri: (href) => safeLink(href) !== undefined,
        HTMLAttributes: { target: "_blank", rel: "noopener noreferrer nofollow ugc", class: null },
      },
    }),
    TaskList,
    TaskItem.configure({ nested: true }),
    TableKit.configure({ table: { resizable: false, cellMinWidth: 120 } }),
    imageView ? Image.extend({ addNodeView: () => imageView }) : Image,
    Mention.configure({ suggestion, HTMLAttributes: { class: "mrg-mention" } }),
    MessageLinkNode,
  ];
}

let schema: Schema | undefined;

/** The schema of documents, made once. */
export function documentSchema(): Schema {
  schema ??= getSchema(documentExtensions());
  return schema;
}
