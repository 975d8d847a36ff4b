"use client";
import { type Editor, useEditorState } from "@tiptap/react";
import { Check, ChevronDown } from "lucide-react";
import { DropdownMenu, Toolbar } from "radix-ui";
import { useDocumentLabels } from "../use-document-labels.ts";

const levels = [0, 1, 2, 3] as const;

/** Whether the block is text or a heading, and of which level. */
export function BlockKind({ editor }: { editor: Editor }) {
  const words = useDocumentLabels();
  const current = useEditorState({
    editor,
    selector: (context) => Number(context.editor.getAttributes("heading").level ?? 0),
  });
  const nameOf = (level: number) => (level === 0 ? words.text : words.heading(level));
  const choose = (level: (typeof levels)[number]) => {
    const chain = editor.chain().focus();
    (level === 0 ? chain.setParagraph() : chain.setHeading({ level })).run();
  };
  return (
    <DropdownMenu.Root modal={false}>
      <Toolbar.Button asChild>
        <DropdownMenu.Trigger className="mrg-doc-kind" aria-label={`${words.blockKind}: ${nameOf(current)}`}>
          <span>{nameOf(current)}</span>
          <ChevronDown size={15} aria-hidden />
        </DropdownMenu.Trigger>
      </Toolbar.Button>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="mrg-menu mrg-layer"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            editor.commands.focus();
          }}
        >
          {levels.map((level) => (
            <DropdownMenu.Item
              key={level}
              className="mrg-menu-item mrg-doc-kind-item"
              data-level={level}
              onSelect={() => choose(level)}
            >
              <span>{nameOf(level)}</span>
              {level === current && <Check size={15} aria-hidden />}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
