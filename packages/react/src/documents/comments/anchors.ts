// Where a comment hangs: two relative positions of Yjs. They name characters, not places, so they move along with the
// text, and when the text goes both end up at one spot.
import { contentName } from "@mirage/documents";
import type { EditorState } from "@tiptap/pm/state";
import {
  absolutePositionToRelativePosition,
  type ProsemirrorBinding,
  relativePositionToAbsolutePosition,
  ySyncPluginKey,
} from "@tiptap/y-tiptap";
import * as Y from "yjs";

export interface Anchor {
  start: string;
  end: string;
}

export interface Range {
  from: number;
  to: number;
}

/** The anchor of a stretch of the text; nothing while the editor is not bound to its document yet. */
export function anchorOf(state: EditorState, { from, to }: Range): Anchor | undefined {
  const binding = bindingOf(state);
  if (!binding) return undefined;
  const encode = (at: number) =>
    toBase64url(Y.encodeRelativePosition(absolutePositionToRelativePosition(at, binding.type, binding.mapping)));
  return { start: encode(from), end: encode(to) };
}

/** So far into a selection words are looked for. */
const maxLookedAt = 2_000;

/** Whether there are words in a selection that a comment can be about. */
export function hasWords({ doc, selection: { from, to } }: EditorState): boolean {
  return doc.textBetween(from, Math.min(to, from + maxLookedAt), " ").trim() !== "";
}

/** Where an anchored text is now; nothing when it is gone, or the anchor is not one. */
export function rangeOf(state: EditorState, doc: Y.Doc, anchor: Anchor): Range | undefined {
  const binding = bindingOf(state);
  if (!binding) return undefined;
  const decode = (text: string) => {
    const position = Y.decodeRelativePosition(fromBase64url(text));
    return relativePositionToAbsolutePosition(doc, doc.getXmlFragment(contentName), position, binding.mapping);
  };
  try {
    const [from, to] = [decode(anchor.start), decode(anchor.end)];
    if (from === null || to === null || from >= to || to > state.doc.content.size) return undefined;
    return state.doc.textBetween(from, to, " ").trim() === "" ? undefined : { from, to };
  } catch {
    // Anchors come from other clients: what cannot be read hangs nowhere.
    return undefined;
  }
}

function bindingOf(state: EditorState): ProsemirrorBinding | undefined {
  const sync = ySyncPluginKey.getState(state) as { binding?: ProsemirrorBinding | null } | undefined;
  return sync?.binding ?? undefined;
}

function toBase64url(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64url(text: string): Uint8Array {
  const characters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}
