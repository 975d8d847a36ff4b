import type { Message } from "@mirage/protocol";

/** Address of the list of documents in this app, of all or of one room. */
export function documentsPath(roomId?: string): string {
  return roomId === undefined ? "/documents" : `/documents?room=${encodeURIComponent(roomId)}`;
}

/** Address of a document in this app. */
export function documentPath(documentId: string): string {
  return `/documents/${encodeURIComponent(documentId)}`;
}

const maxFound = 3;

/** The documents of this app that a message shows: the one that was made of messages, and those that its text links to. */
export function documentsOf({ content, metadata }: Pick<Message, "content" | "metadata">, origin: string): string[] {
  // A server that was not told where people reach the app writes no more than a path into the text.
  const made = typeof metadata.documentId === "string" && /^[\w-]{1,64}$/.test(metadata.documentId);
  const linked = content.includes("/documents/") ? findDocumentIds(content, origin) : [];
  return made ? [...new Set([String(metadata.documentId), ...linked])].slice(0, maxFound) : linked;
}

/** The documents of this app that a text links to, each once, the first three. */
export function findDocumentIds(text: string, origin: string): string[] {
  const found = new Set<string>();
  for (const [, address = ""] of text.matchAll(/(https?:\/\/[^\s<>"]+)/gi)) {
    if (!address.toLowerCase().startsWith(`${origin.toLowerCase()}/documents/`)) continue;
    const id = /^\/documents\/([\w-]{1,64})(?:[/?#.,!:;)]|$)/.exec(address.slice(origin.length))?.[1];
    if (id !== undefined && found.size < maxFound) found.add(id);
  }
  return [...found];
}
