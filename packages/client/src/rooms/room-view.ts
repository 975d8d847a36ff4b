import type { Attachment, Message } from "@mirage/protocol";
import type { ConnectionUser } from "../connection/connection-state.ts";
import type { PendingChanges } from "./message-changes.ts";
import type { OutboxAttachment, OutboxEntry } from "./outbox-storage.ts";
import type { RoomState, TimelineItem } from "./room-handle.ts";
import type { RoomModel } from "./room-model.ts";

export interface RoomViewSource {
  model: RoomModel;
  changes: PendingChanges;
  entries: readonly OutboxEntry[];
  user: ConnectionUser | undefined;
  /** Where the person had read to when the room was opened; absent where nothing was unread. */
  dividerSeq: number | undefined;
}

/** The same message gives the same row, so that a list draws only what changed. */
const rows = new WeakMap<Message, TimelineItem>();

/** Puts together what a person sees of a room. */
export function viewRoom(source: RoomViewSource): RoomState {
  const { model } = source;
  const { timeline, tally } = model;
  const firstUnreadSeq = findFirstUnread(source);
  return {
    status: model.refusal ? "refused" : timeline.isLoaded ? "ready" : "loading",
    ...(model.refusal ? { refusal: model.refusal } : {}),
    ...(model.room ? { room: model.room } : {}),
    members: [...model.members.values()],
    memberCount: model.room?.memberCount ?? 0,
    items: listItems(source),
    hasMoreBefore: timeline.hasMoreBefore,
    hasMoreAfter: timeline.hasMoreAfter,
    readSeq: tally.readSeq,
    unread: tally.unread,
    mentions: tally.mentions,
    typing: model.typing.list(),
    ...(model.online ? { online: [...model.online] } : {}),
    ...(model.onlineCount === undefined ? {} : { onlineCount: model.onlineCount }),
    ...(firstUnreadSeq === undefined ? {} : { firstUnreadSeq }),
  };
}

function listItems({ model, changes, entries, user }: RoomViewSource): TimelineItem[] {
  const ownId = user?.userId;
  const ownNonces = new Set<string>();
  const items = model.timeline.messages.map((message) => {
    if (message.userId === ownId && message.nonce !== undefined) ownNonces.add(message.nonce);
    return rowOf(changes.applyTo(message), ownId);
  });
  // An entry whose message is there already is only waiting for its answer.
  for (const entry of entries) if (!ownNonces.has(entry.clientId)) items.push(unconfirmedRow(entry, user));
  return items;
}

function rowOf(message: Message, ownId: string | undefined): TimelineItem {
  const known = rows.get(message);
  if (known) return known;
  const key = message.userId === ownId && message.nonce !== undefined ? message.nonce : message.id;
  const row: TimelineItem = { key, message, state: "sent" };
  rows.set(message, row);
  return row;
}

const unconfirmedRows = new WeakMap<OutboxEntry, TimelineItem>();

function unconfirmedRow(entry: OutboxEntry, user: ConnectionUser | undefined): TimelineItem {
  const known = unconfirmedRows.get(entry);
  if (known && known.message.userId === (user?.userId ?? "")) return known;
  const row: TimelineItem = {
    key: entry.clientId,
    state: entry.state,
    ...(entry.error ? { error: entry.error } : {}),
    message: {
      id: entry.clientId,
      roomId: entry.roomId,
      userId: user?.userId ?? "",
      username: user?.username ?? "",
      content: entry.content,
      type: entry.attachments ? "file" : "text",
      metadata: entry.metadata ?? {},
      timestamp: entry.createdAt,
      edited: false,
      reactions: [],
      seq: 0,
      updatedSeq: 0,
      nonce: entry.clientId,
      ...(entry.replyTo === undefined ? {} : { replyTo: entry.replyTo }),
      ...(entry.attachments ? { attachments: entry.attachments.map(attachmentOf) } : {}),
    },
  };
  unconfirmedRows.set(entry, row);
  return row;
}

/** Before the server has it, a file goes by the id of its upload. */
function attachmentOf({ uploadId, fileId: _, ...facts }: OutboxAttachment): Attachment {
  return { id: uploadId, ...facts };
}

function findFirstUnread({ model, user, dividerSeq }: RoomViewSource): number | undefined {
  if (dividerSeq === undefined) return undefined;
  const { messages, hasMoreBefore } = model.timeline;
  const first = messages[0];
  // Where the window begins behind the divider, its first message need not be the first unread one.
  if (hasMoreBefore && first && first.seq > dividerSeq) return undefined;
  return messages.find(({ seq, userId }) => seq > dividerSeq && userId !== user?.userId)?.seq;
}
