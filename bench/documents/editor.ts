import type * as Y from "yjs";

/** Somebody who has the document open, on whichever server. */
export interface Editor {
  doc: Y.Doc;
  /** Calls back once for each update of this editor, in their order, when the server says that it has it. */
  onAnswer(answered: (refusal?: string) => void): void;
  close(): void;
}

/** The place of a document on a server, and how to get in. */
export interface Desk {
  port: number;
  jwtSecret: string;
}

/** Of an update that came from the server, so that it is not sent back. */
export const remote = Symbol("remote");

/**
 * One edit: a few letters, and its number under the editor's name, by which the others know how far they have come.
 * Both travel in one update.
 */
export function type(doc: Y.Doc, { editor, index }: { editor: number; index: number }): void {
  doc.transact(() => {
    const text = doc.getText("content");
    text.insert(Math.floor(Math.random() * (text.length + 1)), "lorem ");
    doc.getMap<number>("edits").set(String(editor), index);
  });
}

/** Calls back for each editor whose edits up to `index` have come; what was merged on the way comes at once. */
export function onEdits(doc: Y.Doc, came: (editor: number, index: number) => void): void {
  const edits = doc.getMap<number>("edits");
  edits.observe(({ keysChanged, transaction }) => {
    if (transaction.local) return;
    for (const editor of keysChanged) came(Number(editor), edits.get(editor) ?? -1);
  });
}
