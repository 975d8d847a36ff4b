import { Extension } from "@tiptap/core";
import { Plugin } from "@tiptap/pm/state";

interface ImagePasteOptions {
  /** Takes pasted pictures; false where nobody may put any here. */
  onFiles: (files: readonly File[]) => boolean;
}

/** Pasted pictures are stored. What comes with words of its own (a table, a page) is left to the editor. */
export const ImagePaste = Extension.create<ImagePasteOptions>({
  name: "imagePaste",
  // Before what looks at the text that may come along.
  priority: 1_200,
  addOptions: () => ({ onFiles: () => false }),
  addProseMirrorPlugins() {
    const { onFiles } = this.options;
    return [
      new Plugin({
        props: {
          handlePaste(_view, event) {
            const files = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith("image/"));
            const words = event.clipboardData?.getData("text/plain").trim() ?? "";
            return files.length > 0 && words === "" && onFiles(files);
          },
        },
      }),
    ];
  },
});
