import { encodeNotices } from "../../../hot-path/chat-lane/encode-notices.ts";
import type { Write } from "../../../hot-path/group-commit.ts";
import type { Topic } from "../../../hot-path/topics.ts";
import type { DocumentItem, JudgedUpdate } from "./items.ts";

/** A batch as the parameters of `commit_documents_v1`. */
export interface EncodedBatch {
  documents: string[];
  /** Who is told of something. */
  people: string[];
  /** JSON. */
  items: string;
  /** Each as Postgres writes bytes. */
  bytes: string[];
}

export function encodeBatch(batch: readonly Write<DocumentItem>[]): EncodedBatch {
  const documents = [...new Set(batch.map(({ item }) => item.documentId))];
  const bytes: string[] = [];
  const place = (update: Uint8Array): number =>
    bytes.push(`\\x${Buffer.from(update.buffer, update.byteOffset, update.byteLength).toString("hex")}`);
  const people = [...new Set(batch.flatMap(({ item }) => toldOf(item)))];
  const placeOf = (stream: Topic): number => documents.length + people.indexOf(stream.slice("user:".length)) + 1;
  const items = batch.map(({ item }) => ({
    ...encodeItem(item, place),
    d: documents.indexOf(item.documentId) + 1,
    notices: encodeNotices([item], [0], placeOf),
  }));
  return { documents, people, items: JSON.stringify(items), bytes };
}

function toldOf(item: DocumentItem): string[] {
  return item.op === "person" ? item.notices.flatMap(({ people }) => people.map(({ userId }) => userId)) : [];
}

/** `place` puts bytes beside the items and returns their number, counted from 1. */
function encodeItem(item: DocumentItem, place: (update: Uint8Array) => number): object {
  if (item.op === "create") {
    const { op, documentId, userId, title, roomId, roomFence, nonce, seed, at } = item;
    const content = seed ? encodeUpdate(seed, place) : {};
    const room = roomId === null ? {} : { room: roomId, roomFence };
    return { op, document: documentId, user: userId, title, nonce, at: new Date(at), ...room, ...content };
  }
  const judged = {
    op: item.op,
    fence: item.fence,
    ...(item.roomFence === null ? {} : { room: item.roomId, roomFence: item.roomFence }),
  };
  switch (item.op) {
    case "update":
      return { ...judged, user: item.userId, at: new Date(item.at), ...encodeUpdate(item, place) };
    case "change": {
      const { title, trashedAt } = item;
      const trashed = trashedAt === undefined ? {} : { trashedAt: trashedAt === null ? null : new Date(trashedAt) };
      return { ...judged, ...(title === undefined ? {} : { title }), ...trashed };
    }
    case "person":
      return { ...judged, person: item.personId, role: item.role };
    case "delete":
      return { ...judged, at: new Date(item.at) };
  }
}

function encodeUpdate({ update, clients }: JudgedUpdate, place: (update: Uint8Array) => number): object {
  return { bytes: place(update), clients: clients.map(({ clientId, known, to }) => ({ id: clientId, known, to })) };
}
