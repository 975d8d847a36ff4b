import { Extension } from "@tiptap/core";
import { type EditorState, Plugin, type Selection, TextSelection } from "@tiptap/pm/state";
import type { EditorView } from "@tiptap/pm/view";
import { getRelativeSelection, type ProsemirrorBinding, ySyncPluginKey } from "@tiptap/y-tiptap";
import type { Doc, Transaction } from "yjs";

/**
 * Keeps a caret where its owner has just put it. A browser moves the caret at once and tells of it up to a frame later.
 * Whatever is drawn in between, as somebody's cursor or words that come in, would put it back to where it was. So
 * before that, the browser is asked where it is.
 */
export const LatestSelection = Extension.create<{ doc: Doc | undefined }>({
  name: "latestSelection",
  addOptions: () => ({ doc: undefined }),
  addProseMirrorPlugins() {
    const { doc } = this.options;
    return doc ? [createPlugin(doc)] : [];
  },
});

function createPlugin(doc: Doc): Plugin {
  let view: EditorView | undefined;
  /** Words that come in are put in around the selection that the binding remembers. */
  const onTransaction = ({ local }: Transaction) => {
    const selection = view && !local && findMoved(view);
    const binding = selection && bindingOf(view?.state);
    if (binding) binding.beforeTransactionSelection = getRelativeSelection(binding, { selection } as EditorState);
  };
  return new Plugin({
    appendTransaction(transactions, _before, state) {
      if (!view || transactions.some((tr) => tr.docChanged || tr.selectionSet)) return null;
      const selection = findMoved(view);
      return selection ? state.tr.setSelection(selection) : null;
    },
    view(made) {
      view = made;
      doc.on("beforeTransaction", onTransaction);
      return {
        destroy() {
          view = undefined;
          doc.off("beforeTransaction", onTransaction);
        },
      };
    },
  });
}

/** What is selected on the screen, where that is text and the editor does not know it yet. */
function findMoved(view: EditorView): Selection | undefined {
  const { selection, doc } = view.state;
  if (view.composing || !view.hasFocus() || !(selection instanceof TextSelection)) return undefined;
  const shown = document.getSelection();
  if (
    !shown?.anchorNode ||
    !shown.focusNode ||
    ![shown.anchorNode, shown.focusNode].every((node) => view.dom.contains(node))
  )
    return undefined;
  const [anchor, head] = [
    view.posAtDOM(shown.anchorNode, shown.anchorOffset, 1),
    view.posAtDOM(shown.focusNode, shown.focusOffset, 1),
  ].map((at) => doc.resolve(at));
  if (!anchor?.parent.inlineContent || !head?.parent.inlineContent) return undefined;
  const moved = TextSelection.between(anchor, head);
  return moved.eq(selection) ? undefined : moved;
}

function bindingOf(state: EditorState | undefined): ProsemirrorBinding | undefined {
  const sync = state && (ySyncPluginKey.getState(state) as { binding?: ProsemirrorBinding | null } | undefined);
  return sync?.binding ?? undefined;
}
