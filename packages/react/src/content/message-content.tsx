"use client";
import { memo, type ReactNode } from "react";
import { type Block, type Inline, isFewEmoji, parseContent } from "./parse-content.ts";

/** Renders a message's text: elements made from a parsed tree, never HTML from outside. */
export const MessageContent = memo(function MessageContent(props: {
  content: string;
  /** Names of the people it mentions. */
  names: readonly string[];
  /** The reader's own name: their mention stands out. */
  ownName: string;
}) {
  const blocks = parseContent(props.content, props.names);
  const className = isFewEmoji(props.content) ? "mrg-content mrg-content-emoji" : "mrg-content";
  return <div className={className}>{blocks.map((block, index) => renderBlock(block, index, props.ownName))}</div>;
});

function renderBlock(block: Block, index: number, ownName: string): ReactNode {
  if (block.kind === "code") {
    return (
      <pre key={index} className="mrg-codeblock" dir="ltr">
        <code>{block.text}</code>
      </pre>
    );
  }
  const Tag = block.kind === "quote" ? "blockquote" : "p";
  return (
    <Tag key={index} dir="auto">
      {renderInlines(block.children, ownName)}
    </Tag>
  );
}

function renderInlines(inlines: readonly Inline[], ownName: string): ReactNode[] {
  return inlines.map((inline, index) => (
    <InlineView key={inlineKey(inline, index)} inline={inline} ownName={ownName} />
  ));
}

function inlineKey(inline: Inline, index: number): string {
  return `${index}-${inline.kind}`;
}

function InlineView({ inline, ownName }: { inline: Inline; ownName: string }): ReactNode {
  switch (inline.kind) {
    case "text":
      return inline.text;
    case "code":
      return (
        <code className="mrg-code" dir="ltr">
          {inline.text}
        </code>
      );
    case "link":
      return (
        <a href={inline.href} target="_blank" rel="noopener noreferrer nofollow ugc">
          {inline.text}
        </a>
      );
    case "mention": {
      const isOwn =
        inline.text.slice(1).toLowerCase() === ownName.toLowerCase() || /^@(everyone|here)$/i.test(inline.text);
      return <span className={isOwn ? "mrg-mention mrg-mention-own" : "mrg-mention"}>{inline.text}</span>;
    }
    case "bold":
      return <strong>{renderInlines(inline.children, ownName)}</strong>;
    case "italic":
      return <em>{renderInlines(inline.children, ownName)}</em>;
    case "strike":
      return <s>{renderInlines(inline.children, ownName)}</s>;
  }
}
