import type { UnreadNotification } from "./deliveries.store.ts";

/** Where a notification happened, within the web app; its first page where a host tells of something else. */
export function placeOf({ metadata, messageSeq }: Pick<UnreadNotification, "metadata" | "messageSeq">): string {
  const { documentId, commentId, roomId, messageId } = metadata;
  if (typeof documentId === "string") {
    const document = `/documents/${encodeURIComponent(documentId)}`;
    return typeof commentId === "string" ? `${document}?comment=${encodeURIComponent(commentId)}` : document;
  }
  if (typeof roomId !== "string") return "/";
  const room = `/rooms/${encodeURIComponent(roomId)}`;
  if (typeof messageId !== "string") return room;
  const seq = messageSeq || metadata.seq;
  return `${room}?message=${encodeURIComponent(messageId)}${typeof seq === "number" ? `&seq=${seq}` : ""}`;
}
