/** Address of a room in this app. */
export function roomPath(roomId: string): string {
  return `/rooms/${encodeURIComponent(roomId)}`;
}

/** Address of a message: its room, moved to where it stands; with its position it is found however old it is. */
export function messagePath(roomId: string, messageId: string, seq?: number): string {
  const position = seq === undefined ? "" : `&seq=${seq}`;
  return `${roomPath(roomId)}?message=${encodeURIComponent(messageId)}${position}`;
}
