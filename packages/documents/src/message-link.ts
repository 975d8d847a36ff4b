import { mergeAttributes, Node } from "@tiptap/core";

/** A message that a document points to, with its words as they were when the link was made. */
export interface MessageLink {
  roomId: string;
  messageId: string;
  text: string;
}

/** Where the app shows a message. The address of a message link in Markdown and HTML. */
export function messageAddress({ roomId, messageId }: Pick<MessageLink, "roomId" | "messageId">): string {
  return `/rooms/${encodeURIComponent(roomId)}?message=${encodeURIComponent(messageId)}`;
}

/**
 * Reads a message's address. Its position there, if any, is passed over.
 * @param origin Where whole addresses must lead, for instance `https://chat.example`; absent: paths alone are read.
 */
export function parseMessageAddress(address: string, origin?: string): Omit<MessageLink, "text"> | undefined {
  const isWhole = origin !== undefined && address.startsWith(`${origin}/`);
  const path = isWhole ? address.slice(origin.length) : address;
  const match = /^\/rooms\/([^/?#\s]{1,200})\?message=([^&#\s]{1,200})(?:&seq=\d{1,15})?$/.exec(path);
  if (!match) return undefined;
  try {
    return { roomId: decodeURIComponent(match[1] ?? ""), messageId: decodeURIComponent(match[2] ?? "") };
  } catch {
    return undefined;
  }
}

/** The chip that stands for a message. */
export const MessageLinkNode = Node.create({
  name: "messageLink",
  group: "inline",
  inline: true,
  atom: true,
  addAttributes() {
    const text = (name: string) => ({
      default: "",
      parseHTML: (element: HTMLElement) => element.getAttribute(name) ?? "",
      renderHTML: () => ({}),
    });
    return { roomId: text("data-room"), messageId: text("data-message"), text: text("data-text") };
  },
  parseHTML: () => [{ tag: "a[data-message]", priority: 1_001 }],
  renderHTML({ node, HTMLAttributes }) {
    const { roomId, messageId, text } = node.attrs as MessageLink;
    const own = {
      href: messageAddress({ roomId, messageId }),
      class: "mrg-message-chip",
      "data-room": roomId,
      "data-message": messageId,
      "data-text": text,
    };
    return ["a", mergeAttributes(HTMLAttributes, own), text === "" ? "message" : text];
  },
  renderText: ({ node }) => (node.attrs as MessageLink).text,
});
