import type { Editor } from "@tiptap/react";
import {
  Bold,
  Code,
  Italic,
  List,
  ListOrdered,
  ListTodo,
  type LucideIcon,
  Quote,
  SquareCode,
  Strikethrough,
} from "lucide-react";
import type { DocumentLabels } from "../document-labels.ts";

/** A button that switches something of the selection on and off. */
export interface Tool {
  id: "bold" | "italic" | "strike" | "code" | "bulletList" | "orderedList" | "taskList" | "quote" | "codeBlock";
  icon: LucideIcon;
  /** What it is called in the schema. */
  name: string;
  keys?: string;
  run(editor: Editor): void;
}

export const markTools: readonly Tool[] = [
  { id: "bold", name: "bold", icon: Bold, keys: "B", run: (editor) => editor.chain().focus().toggleBold().run() },
  {
    id: "italic",
    name: "italic",
    icon: Italic,
    keys: "I",
    run: (editor) => editor.chain().focus().toggleItalic().run(),
  },
  {
    id: "strike",
    name: "strike",
    icon: Strikethrough,
    keys: "⇧S",
    run: (editor) => editor.chain().focus().toggleStrike().run(),
  },
  { id: "code", name: "code", icon: Code, keys: "E", run: (editor) => editor.chain().focus().toggleCode().run() },
];

export const blockTools: readonly Tool[] = [
  {
    id: "bulletList",
    name: "bulletList",
    icon: List,
    run: (editor) => editor.chain().focus().toggleBulletList().run(),
  },
  {
    id: "orderedList",
    name: "orderedList",
    icon: ListOrdered,
    run: (editor) => editor.chain().focus().toggleOrderedList().run(),
  },
  { id: "taskList", name: "taskList", icon: ListTodo, run: (editor) => editor.chain().focus().toggleTaskList().run() },
  { id: "quote", name: "blockquote", icon: Quote, run: (editor) => editor.chain().focus().toggleBlockquote().run() },
  {
    id: "codeBlock",
    name: "codeBlock",
    icon: SquareCode,
    run: (editor) => editor.chain().focus().toggleCodeBlock().run(),
  },
];

/** What a table can be told. */
export function tableTools(words: DocumentLabels): { label: string; run(editor: Editor): void }[] {
  return [
    { label: words.addRow, run: (editor) => editor.chain().focus().addRowAfter().run() },
    { label: words.addColumn, run: (editor) => editor.chain().focus().addColumnAfter().run() },
    { label: words.deleteRow, run: (editor) => editor.chain().focus().deleteRow().run() },
    { label: words.deleteColumn, run: (editor) => editor.chain().focus().deleteColumn().run() },
    { label: words.deleteTable, run: (editor) => editor.chain().focus().deleteTable().run() },
  ];
}
