import { type Editor, Extension } from "@tiptap/core";
import { Plugin } from "@tiptap/pm/state";

/** Whether text reads as Markdown that plain text would lose: blocks, marks, links. */
function looksLikeMarkdown(text: string): boolean {
  const blocks = /^(?:#{1,6} \S|[-*+] \S|\d{1,9}[.)] \S|> ?\S|```|~~~|\|.*\|\s*$|(?:---|\*\*\*|___)\s*$)/m;
  const marks = /\*\*\S[^*]*\*\*|~~\S[^~]*~~|`[^`\n]+`|\[[^\]\n]+\]\([^)\s]+\)/;
  return blocks.test(text) || marks.test(text);
}

/** Pasted text that is Markdown becomes what it describes. Text that comes with HTML is left to the editor. */
export const MarkdownPaste = Extension.create({
  name: "markdownPaste",
  addProseMirrorPlugins() {
    const { editor } = this;
    return [
      new Plugin({
        props: {
          handlePaste(view, event) {
            const data = event.clipboardData;
            const text = data?.getData("text/plain") ?? "";
            const hasHtml = (data?.getData("text/html") ?? "") !== "";
            if (hasHtml || view.state.selection.$from.parent.type.spec.code || !looksLikeMarkdown(text)) return false;
            void insert(editor, text);
            return true;
          },
        },
      }),
    ];
  },
});

/** The parser is loaded with the first paste that needs it; without it (offline) the text goes in as it is. */
async function insert(editor: Editor, text: string): Promise<void> {
  const content = await import("@mirage/documents/markdown").then(
    ({ markdownToJson }) => markdownToJson(text).content ?? [],
    () => [{ type: "text", text }],
  );
  if (!editor.isDestroyed) editor.commands.insertContent(content);
}
