"use client";
import type { Editor } from "@tiptap/react";
import { useEffect, useId, useSyncExternalStore } from "react";
import { createPortal } from "react-dom";
import { Avatar } from "../avatar.tsx";
import type { Mentions } from "./extensions/mentions.ts";
import { useDocumentLabels } from "./use-document-labels.ts";

const widthPx = 260;
const marginPx = 8;
/** Less than this below the `@`, and they stand above it. */
const roomPx = 200;

/** The people offered behind an `@`, below it; the text keeps the focus and names the active one. */
export function MentionPopover({ editor, mentions }: { editor: Editor; mentions: Mentions }) {
  const words = useDocumentLabels();
  const id = useId();
  const offer = useSyncExternalStore(mentions.subscribe, mentions.get, () => undefined);
  const activeIndex = offer?.activeIndex;
  useEffect(() => {
    const { dom } = editor.view;
    if (activeIndex === undefined) return;
    const attributes = {
      "aria-controls": id,
      "aria-expanded": "true",
      "aria-activedescendant": `${id}-${activeIndex}`,
    };
    for (const [name, value] of Object.entries(attributes)) dom.setAttribute(name, value);
    return () => {
      for (const name of Object.keys(attributes)) dom.removeAttribute(name);
    };
  }, [editor, id, activeIndex]);
  if (!offer?.rect) return null;
  const { rect } = offer;
  // A phone's keyboard covers the page without making it smaller.
  const visibleHeight = window.visualViewport?.height ?? window.innerHeight;
  const left = Math.max(marginPx, Math.min(rect.left, window.innerWidth - widthPx - marginPx));
  const isBelow = rect.bottom + roomPx < visibleHeight;
  const place = isBelow ? { top: rect.bottom + 4 } : { bottom: window.innerHeight - rect.top + 4 };
  return createPortal(
    <div
      className="mrg-menu mrg-layer mrg-doc-mentions"
      style={{ left, width: widthPx, ...place }}
      id={id}
      role="listbox"
      aria-label={words.people}
    >
      {offer.people.map((person, index) => (
        <div
          key={person.userId}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === activeIndex}
          className="mrg-mention-option"
          onPointerDown={(event) => {
            event.preventDefault();
            mentions.choose(person);
          }}
        >
          <Avatar userId={person.userId} size={24} />
          <span dir="auto">{person.username}</span>
        </div>
      ))}
    </div>,
    document.body,
  );
}
