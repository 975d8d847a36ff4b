"use client";
import { type Editor, useEditorState } from "@tiptap/react";
import { Table2 } from "lucide-react";
import { DropdownMenu, Toolbar } from "radix-ui";
import { useDocumentLabels } from "../use-document-labels.ts";
import { ToolButton } from "./tool-button.tsx";
import { tableTools } from "./tools.tsx";

/** Makes a table; within one, what can be done with it. */
export function TableButton({ editor }: { editor: Editor }) {
  const words = useDocumentLabels();
  const isInTable = useEditorState({ editor, selector: (context) => context.editor.isActive("table") });
  if (!isInTable) {
    const insert = () => editor.chain().focus().insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run();
    return (
      <ToolButton label={words.insertTable} onClick={insert}>
        <Table2 size={17} aria-hidden />
      </ToolButton>
    );
  }
  return (
    <DropdownMenu.Root modal={false}>
      <Toolbar.Button asChild>
        <DropdownMenu.Trigger
          className="mrg-icon-button mrg-doc-tool"
          aria-label={words.table}
          title={words.table}
          data-active
        >
          <Table2 size={17} aria-hidden />
        </DropdownMenu.Trigger>
      </Toolbar.Button>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="mrg-menu mrg-layer"
          sideOffset={6}
          collisionPadding={8}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            editor.commands.focus();
          }}
        >
          {tableTools(words).map(({ label, run }) => (
            <DropdownMenu.Item key={label} className="mrg-menu-item" onSelect={() => run(editor)}>
              {label}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
