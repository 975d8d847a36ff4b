import type { Message } from "@mirage/protocol";

/** A message in one line: its text, or else what its files show or are called. Empty for one that was deleted. */
export function summariseMessage({ content, attachments = [] }: Pick<Message, "content" | "attachments">): string {
  return content || attachments.map(({ alt, name }) => alt ?? name).join(", ");
}
