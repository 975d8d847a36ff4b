import { contentName } from "@mirage/documents";
import type { Editor } from "@tiptap/core";
import { Fragment, Slice } from "@tiptap/pm/model";
import type { EditorState } from "@tiptap/pm/state";
import { dropPoint } from "@tiptap/pm/transform";
import {
  absolutePositionToRelativePosition,
  type ProsemirrorBinding,
  relativePositionToAbsolutePosition,
  ySyncPluginKey,
} from "@tiptap/y-tiptap";
import type { Doc, RelativePosition } from "yjs";
import type { StoredImage } from "./image-upload.ts";

/** A place in the text that stays there while others write around it. */
export type Place = RelativePosition | undefined;

export function placeAt(state: EditorState, at: number): Place {
  const binding = bindingOf(state);
  return binding && absolutePositionToRelativePosition(at, binding.type, binding.mapping);
}

/**
 * Puts a picture next to what stands at a place now, in no paragraph's middle; behind the text where the place is gone.
 * Answers the place behind it.
 */
export function insertImage(
  editor: Editor,
  { doc, place, image }: { doc: Doc; place: Place; image: StoredImage },
): Place {
  const node = editor.schema.node("image", { ...image });
  const { state } = editor;
  const { size } = state.doc.content;
  const at = dropPoint(state.doc, positionOf(state, doc, place), new Slice(Fragment.from(node), 0, 0)) ?? size;
  // The cursor stays where it is: somebody may be writing.
  editor.commands.command(({ tr }) => Boolean(tr.insert(at, node)));
  return placeAt(editor.state, at + node.nodeSize);
}

function positionOf(state: EditorState, doc: Doc, place: Place): number {
  const { size } = state.doc.content;
  const binding = bindingOf(state);
  if (!place || !binding) return size;
  const at = relativePositionToAbsolutePosition(doc, doc.getXmlFragment(contentName), place, binding.mapping);
  return at === null ? size : Math.min(at, size);
}

function bindingOf(state: EditorState): ProsemirrorBinding | undefined {
  const sync = ySyncPluginKey.getState(state) as { binding?: ProsemirrorBinding | null } | undefined;
  return sync?.binding ?? undefined;
}
