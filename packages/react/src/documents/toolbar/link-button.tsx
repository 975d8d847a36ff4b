"use client";
import { safeLink } from "@mirage/documents";
import { type Editor, useEditorState } from "@tiptap/react";
import { Link } from "lucide-react";
import { Popover, Toolbar } from "radix-ui";
import { type FormEvent, useState } from "react";
import { useDocumentLabels } from "../use-document-labels.ts";

/** Asks for the address that the selected words lead to. */
export function LinkButton({ editor }: { editor: Editor }) {
  const words = useDocumentLabels();
  const [isOpen, setIsOpen] = useState(false);
  const [isBad, setIsBad] = useState(false);
  const href = useEditorState({ editor, selector: (context) => context.editor.getAttributes("link").href as unknown });
  const current = typeof href === "string" ? href : "";
  const change = (next: boolean) => {
    setIsBad(false);
    setIsOpen(next);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = String(new FormData(event.currentTarget).get("address") ?? "").trim();
    const address = safeLink(/^[\w.-]+\.\w{2,}(?:[/?#]|$)/.test(typed) ? `https://${typed}` : typed);
    if (address === undefined) return setIsBad(true);
    const chain = editor.chain().focus().extendMarkRange("link");
    if (editor.state.selection.empty && current === "") {
      chain.insertContent({ type: "text", text: typed, marks: [{ type: "link", attrs: { href: address } }] }).run();
    } else chain.setLink({ href: address }).run();
    change(false);
  };
  return (
    <Popover.Root open={isOpen} onOpenChange={change}>
      <Toolbar.Button asChild>
        <Popover.Trigger
          className="mrg-icon-button mrg-doc-tool"
          aria-label={words.link}
          title={words.link}
          data-active={current !== "" || undefined}
        >
          <Link size={17} aria-hidden />
        </Popover.Trigger>
      </Toolbar.Button>
      <Popover.Portal>
        <Popover.Content
          className="mrg-popover mrg-layer mrg-doc-link"
          sideOffset={6}
          collisionPadding={8}
          aria-label={words.link}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            editor.commands.focus();
          }}
        >
          <form onSubmit={submit}>
            <input
              name="address"
              className="mrg-input"
              dir="ltr"
              inputMode="url"
              aria-label={words.linkAddress}
              aria-invalid={isBad}
              placeholder="https://"
              defaultValue={current}
            />
            <button type="submit" className="mrg-button">
              {words.setLink}
            </button>
          </form>
          {isBad && (
            <p className="mrg-danger" role="alert">
              {words.badLink}
            </p>
          )}
          {current !== "" && (
            <button
              type="button"
              className="mrg-link-button"
              onClick={() => {
                editor.chain().focus().extendMarkRange("link").unsetLink().run();
                change(false);
              }}
            >
              {words.removeLink}
            </button>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
