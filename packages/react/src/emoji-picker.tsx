"use client";
import {
  type EmojiPickerListCategoryHeaderProps,
  type EmojiPickerListEmojiProps,
  type EmojiPickerListRowProps,
  EmojiPicker as Picker,
} from "frimousse";
import { useRealtime } from "./provider.tsx";

function CategoryHeader({ category, ...props }: EmojiPickerListCategoryHeaderProps) {
  return (
    <div className="mrg-picker-category" {...props}>
      {category.label}
    </div>
  );
}

function Row(props: EmojiPickerListRowProps) {
  return <div className="mrg-picker-row" {...props} />;
}

function Emoji({ emoji, ...props }: EmojiPickerListEmojiProps) {
  return (
    <button
      className="mrg-picker-emoji"
      type="button"
      aria-label={emoji.label}
      data-active={emoji.isActive || undefined}
      {...props}
    >
      {emoji.emoji}
    </button>
  );
}

const listParts = { CategoryHeader, Row, Emoji };

/** The whole emoji picker; loaded only when it is opened. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const { labels, emojiUrl } = useRealtime();
  return (
    <Picker.Root
      className="mrg-picker"
      columns={8}
      locale="en"
      emojibaseUrl={new URL(emojiUrl, window.location.href).href}
      onEmojiSelect={({ emoji }) => onPick(emoji)}
    >
      <Picker.Search
        className="mrg-input mrg-picker-search"
        placeholder={labels.searchEmoji}
        aria-label={labels.searchEmoji}
        autoFocus
      />
      <Picker.Viewport className="mrg-picker-viewport">
        <Picker.Loading className="mrg-picker-note">{labels.loading}</Picker.Loading>
        <Picker.Empty className="mrg-picker-note">{labels.noEmoji}</Picker.Empty>
        <Picker.List components={listParts} />
      </Picker.Viewport>
    </Picker.Root>
  );
}
