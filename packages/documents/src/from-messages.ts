// Messages of a chat as the beginning of a document: who said what and when, with a way back to each.
import type { JSONContent } from "@tiptap/core";
import { fitDocument } from "./fit.ts";
import { writeContent } from "./fragment.ts";
import { readMarkdown } from "./markdown/read-markdown.ts";

/** One message as it goes into a document. */
export interface QuotedMessage {
  roomId: string;
  messageId: string;
  username: string;
  /** ISO 8601, UTC. */
  timestamp: string;
  /** Markdown, as people write it in a chat. */
  content: string;
}

/** The Yjs update (V1) that puts messages, in the order given, into an empty document. Whoever they call is not called by it. */
export function fromMessages(messages: readonly QuotedMessage[]): Uint8Array {
  return writeContent(fitDocument({ type: "doc", content: messages.flatMap(quote) }));
}

function quote({ roomId, messageId, username, timestamp, content }: QuotedMessage): JSONContent[] {
  const when = timestamp.replace(/^(.{10})T(.{5}).*$/, "$1 $2 UTC");
  return [
    {
      type: "paragraph",
      content: [
        { type: "text", text: username, marks: [{ type: "bold" }] },
        { type: "text", text: " · " },
        { type: "messageLink", attrs: { roomId, messageId, text: when } },
      ],
    },
    { type: "blockquote", content: uncall(readMarkdown(content).toJSON().content) },
  ];
}

/** Mentions become words. */
function uncall(nodes: JSONContent[] | undefined): JSONContent[] {
  return (nodes ?? []).map((node) => {
    if (node.type === "mention") return { type: "text", text: `@${node.attrs?.label ?? node.attrs?.id}` };
    return node.content ? { ...node, content: uncall(node.content) } : node;
  });
}
