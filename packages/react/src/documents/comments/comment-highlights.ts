import type { DocumentHandle } from "@mirage/client/documents";
import { Extension } from "@tiptap/core";
import { type EditorState, Plugin, PluginKey, type Transaction } from "@tiptap/pm/state";
import { Decoration, DecorationSet, type EditorView } from "@tiptap/pm/view";
import { type Range, rangeOf } from "./anchors.ts";
import { groupThreads } from "./threads.ts";

/** After a change the anchors are looked up again this much later; until then the marks move with the text. */
const settleMs = 200;

export interface Highlights {
  /** Where the open threads hang; what is not in it hangs nowhere (any more). */
  ranges: Readonly<Record<string, Range>>;
  /** The thread that is looked at. */
  activeId: string | undefined;
  /** What is about to be commented. */
  draft: Range | undefined;
}

const key = new PluginKey<Highlights>("commentHighlights");

/** What is marked now. */
export function highlightsOf(state: EditorState): Highlights {
  return key.getState(state) ?? { ranges: {}, activeId: undefined, draft: undefined };
}

/** Changes what is marked. */
export function setHighlights(view: EditorView, change: Partial<Highlights>): void {
  view.dispatch(view.state.tr.setMeta(key, change).setMeta("addToHistory", false));
}

/** Marks the text that open threads hang on. A click on it opens the thread. */
export const CommentHighlights = Extension.create<{ handle: DocumentHandle | undefined }>({
  name: "commentHighlights",
  addOptions: () => ({ handle: undefined }),
  addProseMirrorPlugins() {
    const { handle } = this.options;
    return handle ? [createPlugin(handle)] : [];
  },
});

function createPlugin(handle: DocumentHandle): Plugin<Highlights> {
  return new Plugin<Highlights>({
    key,
    state: { init: () => ({ ranges: {}, activeId: undefined, draft: undefined }), apply },
    props: {
      decorations: decorate,
      handleClick(view, at) {
        const { ranges } = highlightsOf(view.state);
        const hit = Object.entries(ranges).find(([, { from, to }]) => from <= at && at < to);
        if (hit) setHighlights(view, { activeId: hit[0] });
        return false;
      },
    },
    view(view) {
      const settle = () => {
        if (view.isDestroyed) return;
        const ranges = findRanges(view.state, handle);
        if (JSON.stringify(ranges) !== JSON.stringify(highlightsOf(view.state).ranges)) setHighlights(view, { ranges });
      };
      let timer = setTimeout(settle, settleMs);
      const later = () => {
        clearTimeout(timer);
        timer = setTimeout(settle, settleMs);
      };
      const unsubscribe = handle.comments.subscribe(later);
      return {
        update: (_view, before) => before.doc !== view.state.doc && later(),
        destroy() {
          clearTimeout(timer);
          unsubscribe();
        },
      };
    },
  });
}

function apply(tr: Transaction, before: Highlights): Highlights {
  const change = tr.getMeta(key) as Partial<Highlights> | undefined;
  if (!tr.docChanged) return change ? { ...before, ...change } : before;
  const move = ({ from, to }: Range) => ({ from: tr.mapping.map(from, 1), to: tr.mapping.map(to, -1) });
  const ranges = Object.fromEntries(
    Object.entries(before.ranges)
      .map(([id, range]) => [id, move(range)] as const)
      .filter(([, { from, to }]) => from < to),
  );
  return { ...before, ranges, draft: before.draft && move(before.draft), ...change };
}

function findRanges(state: EditorState, { doc, comments }: DocumentHandle): Record<string, Range> {
  const ranges: Record<string, Range> = {};
  for (const { id, first, isResolved } of groupThreads(comments.get())) {
    const range = isResolved || !first.anchor ? undefined : rangeOf(state, doc, first.anchor);
    if (range) ranges[id] = range;
  }
  return ranges;
}

function decorate(state: EditorState): DecorationSet {
  const { ranges, activeId, draft } = highlightsOf(state);
  const marks = Object.entries(ranges).map(([id, { from, to }]) =>
    Decoration.inline(from, to, { class: id === activeId ? "mrg-commented mrg-commented-active" : "mrg-commented" }),
  );
  if (draft && draft.from < draft.to) {
    marks.push(Decoration.inline(draft.from, draft.to, { class: "mrg-commented mrg-commented-active" }));
  }
  return DecorationSet.create(state.doc, marks);
}
