"use client";
import { Avatar } from "../avatar.tsx";
import { useRealtime } from "../provider.tsx";
import type { MentionSuggestions } from "./use-mention-suggestions.ts";

/** The suggestions above the composer; the text keeps the focus and points at the active one. */
export function MentionList({ id, mentions }: { id: string; mentions: MentionSuggestions }) {
  const { labels } = useRealtime();
  return (
    <div className="mrg-mentions" id={id} role="listbox" aria-label={labels.mentionSuggestions}>
      {mentions.people.map((person, index) => (
        // The keyboard works in the text field, which names the active option.
        <div
          key={person.userId}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === mentions.activeIndex}
          className="mrg-mention-option"
          onPointerDown={(event) => {
            event.preventDefault();
            mentions.choose(person);
          }}
          onPointerMove={() => mentions.setActiveIndex(index)}
        >
          <Avatar userId={person.userId} size={24} />
          <span dir="auto">{person.username}</span>
        </div>
      ))}
    </div>
  );
}
