import { Extension } from "@tiptap/core";
import { Plugin } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";

/** Where nobody writes there is no caret to scroll a wide table by: the tab key stops at each, and the arrows scroll it. */
export const TableStops = Extension.create({
  name: "tableStops",
  addProseMirrorPlugins() {
    const { editor } = this;
    return [
      new Plugin({
        props: {
          decorations({ doc }) {
            if (editor.isEditable) return null;
            const stops: Decoration[] = [];
            doc.descendants((node, at) => {
              if (node.type.name !== "table") return !node.isTextblock;
              stops.push(Decoration.node(at, at + node.nodeSize, { tabindex: "0" }));
              return false;
            });
            return DecorationSet.create(doc, stops);
          },
        },
      }),
    ];
  },
});
