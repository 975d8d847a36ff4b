"use client";
import { NodeSelection } from "@tiptap/pm/state";
import { type Editor, useEditorState } from "@tiptap/react";
import { type KeyboardEvent, useEffect, useState } from "react";
import { useDocumentLabels } from "../use-document-labels.ts";

/** Says in words what the selected picture shows; nothing while none is selected. Stored when it is left. */
export function ImageDescription({ editor }: { editor: Editor }) {
  const selected = useEditorState({
    editor,
    selector: ({ editor: { state } }) => {
      const { selection } = state;
      if (!(selection instanceof NodeSelection) || selection.node.type.name !== "image") return null;
      const { src, alt } = selection.node.attrs;
      return { at: selection.from, src: String(src), alt: String(alt ?? "") };
    },
  });
  if (!selected) return null;
  // By what it is, since its place moves while others write.
  return <Field key={selected.src} editor={editor} at={selected.at} alt={selected.alt} />;
}

function Field({ editor, at, alt }: { editor: Editor; at: number; alt: string }) {
  const words = useDocumentLabels();
  const [text, setText] = useState(alt);
  useEffect(() => setText(alt), [alt]);
  const store = () => {
    if (text === alt || editor.state.doc.nodeAt(at)?.type.name !== "image") return;
    editor.commands.command(({ tr }) => Boolean(tr.setNodeAttribute(at, "alt", text)));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") setText(alt);
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    editor.commands.focus();
  };
  return (
    <label className="mrg-doc-alt">
      {words.describeImage}
      <input
        className="mrg-input"
        dir="auto"
        value={text}
        maxLength={1_000}
        placeholder={words.imageShows}
        onChange={(event) => setText(event.target.value)}
        onBlur={store}
        onKeyDown={onKeyDown}
      />
    </label>
  );
}
