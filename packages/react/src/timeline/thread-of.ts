import type { Message } from "@mirage/protocol";

/**
 * The messages that answer each other: what this one answers, and all that answers any of them, oldest first. What is
 * deleted is left out. Of the messages that are not loaded only the one that the oldest answers is in it.
 *
 * @param messages Oldest first.
 * @returns Ids, this message's own among them.
 */
export function threadOf(messages: readonly Message[], message: Message): string[] {
  const byId = new Map(messages.map((one) => [one.id, one]));
  const rootId = rootOf(byId, message);
  const members = new Set([rootId]);
  for (const { id, replyTo, threadId } of messages) {
    if ([replyTo, threadId].some((other) => other !== undefined && members.has(other))) members.add(id);
  }
  members.add(message.id);
  return [...members].filter((id) => !byId.get(id)?.deleted);
}

/** What a message answers, and what that answers, up to the first. Nobody's answers go in a circle for ever. */
function rootOf(byId: ReadonlyMap<string, Message>, message: Message): string {
  const seen = new Set<string>();
  let current: Message | undefined = message;
  let rootId = message.id;
  while (current && !seen.has(current.id)) {
    seen.add(current.id);
    rootId = current.replyTo ?? current.threadId ?? current.id;
    current = byId.get(rootId);
  }
  return rootId;
}
