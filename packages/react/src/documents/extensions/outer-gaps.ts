import { Extension } from "@tiptap/core";
import { isChangeOrigin } from "@tiptap/extension-collaboration";
import { GapCursor } from "@tiptap/pm/gapcursor";
import { type Command, type EditorState, Plugin } from "@tiptap/pm/state";

type End = "start" | "end";

/**
 * Lets the caret before and behind a table or a picture that begins or ends the text, by the keys that go there; what is
 * typed then is a paragraph of its own. Nothing is added until somebody types.
 */
export const OuterGaps = Extension.create({
  name: "outerGaps",
  addKeyboardShortcuts() {
    const { editor } = this;
    const go = (end: End) => () => goTo(end)(editor.state, editor.view.dispatch);
    return {
      "Ctrl-Home": go("start"),
      "Ctrl-End": go("end"),
      // Where Macs have them.
      "Meta-ArrowUp": go("start"),
      "Meta-ArrowDown": go("end"),
    };
  },
  addProseMirrorPlugins() {
    return [new Plugin({ appendTransaction: keepCaret })];
  },
});

function goTo(end: End): Command {
  return (state, dispatch) => {
    const gap = findGap(state, end);
    if (gap) dispatch?.(state.tr.setSelection(gap).scrollIntoView());
    return gap !== undefined;
  };
}

/** What comes in from others puts carets back by the words around them, and a gap has none. */
const keepCaret: NonNullable<Plugin["spec"]["appendTransaction"]> = (transactions, { selection, doc }, state) => {
  if (!(selection instanceof GapCursor) || !transactions.some(isChangeOrigin)) return null;
  const end = selection.head === 0 ? "start" : selection.head === doc.content.size ? "end" : undefined;
  const gap = end && findGap(state, end);
  return gap && !gap.eq(state.selection) ? state.tr.setSelection(gap) : null;
};

/** The place at an end of the text, where no words are that the caret could stand in. */
function findGap({ doc }: EditorState, end: End): GapCursor | undefined {
  const at = new GapCursor(doc.resolve(end === "start" ? 0 : doc.content.size));
  // What it stands for in this text; elsewhere than in a gap that is the nearest words.
  const found = at.getBookmark().resolve(doc);
  return found instanceof GapCursor ? found : undefined;
}
