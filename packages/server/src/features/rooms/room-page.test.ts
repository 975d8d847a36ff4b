import type { Message } from "@mirage/protocol";
import { expect, test } from "vitest";
import type { Change } from "../../hot-path/change.ts";
import { boundPage, carryOn, type RoomPage } from "./room-page.ts";

function message(id: string, seq: number, more: Partial<Message> = {}): Message {
  return {
    id,
    roomId: "r",
    userId: "olga",
    username: "Olga",
    content: id,
    type: "text",
    metadata: {},
    timestamp: "2026-01-01T00:00:00.000Z",
    edited: false,
    reactions: [],
    seq,
    updatedSeq: seq,
    ...more,
  };
}

function page(messages: Message[], seq: number): RoomPage {
  return {
    room: { id: "r", name: "room", type: "public", memberCount: 2, role: "member", seq, epoch: "e" },
    members: [{ userId: "ann", username: "Ann", role: "member", status: "online" }],
    messages,
    seq,
    epoch: "e",
    hasMore: false,
  };
}

const changed = (payload: Message): Change => ({
  stream: "room:r",
  position: payload.updatedSeq,
  entity: `message:${payload.id}`,
  ...(payload.seq === payload.updatedSeq ? { event: "chat_message", payload } : { event: "message_updated", payload }),
});

const members = (
  position: number,
  users: { userId: string; username: string; role: "admin" | "member" | null }[],
): Change => ({
  stream: "room:r",
  position,
  entity: `members:${position}`,
  event: "member_updated",
  payload: { roomId: "r", users, memberCount: 5, seq: position },
});

const idsOf = ({ messages }: RoomPage) => messages.map(({ id }) => id);

test("[LAW-1] a newest page is carried on by what is new, changed and deleted, and not by what is older than it", () => {
  const start = page([message("b", 5), message("c", 6)], 6);
  const changes = [
    changed(message("d", 7)),
    changed(message("b", 5, { updatedSeq: 8, content: "b again" })),
    changed(message("c", 6, { updatedSeq: 9, deleted: true, content: "" })),
    changed(message("a", 2, { updatedSeq: 10 })),
    // Made and changed since: its first state is no more.
    changed(message("e", 11, { updatedSeq: 12 })),
  ];
  const carried = carryOn(start, changes, { kind: "newest", to: 12, userId: "ann" });
  expect(idsOf(carried)).toEqual(["b", "d", "e"]);
  expect(carried).toMatchObject({ seq: 12, room: { seq: 12 }, messages: [{ content: "b again" }, {}, {}] });
  expect(idsOf(start)).toEqual(["b", "c"]);
});

test("[LAW-1] what changed since a position is carried on in order of last change, tombstones included", () => {
  const start = page([message("a", 2, { updatedSeq: 5 }), message("b", 6)], 6);
  const tombstone = message("a", 2, { updatedSeq: 8, deleted: true, content: "" });
  const carried = carryOn(start, [changed(message("c", 7)), changed(tombstone)], {
    kind: "since",
    to: 8,
    userId: "ann",
  });
  expect(carried.messages).toEqual([message("b", 6), message("c", 7), tombstone]);
});

test("[ACC-1] the role of whose page it is goes along, and is null once they have lost the room", () => {
  const promoted = members(7, [{ userId: "ann", username: "Ann", role: "admin" }]);
  const removed = members(8, [{ userId: "ann", username: "Ann", role: null }]);
  const options = { kind: "since", userId: "ann" } as const;
  expect(carryOn(page([], 6), [promoted], { ...options, to: 7 })).toMatchObject({
    room: { role: "admin", memberCount: 5 },
    members: [{ userId: "ann", role: "admin", status: "online" }],
  });
  const gone = carryOn(page([], 6), [promoted, removed], { ...options, to: 8 });
  expect(gone).toMatchObject({ room: { role: null }, members: [{ userId: "ann", role: null, status: "offline" }] });
  expect(carryOn(page([], 6), [removed], { ...options, kind: "newest", to: 8 }).members).toEqual([]);
});

test("[CAT-3] of what changed since a position the first fit, and `seq` leads on; one always goes", () => {
  const start = page([message("a", 1, { updatedSeq: 4 }), message("b", 5), message("c", 6)], 6);
  const size = (count: number) =>
    Buffer.byteLength(JSON.stringify({ ...start, messages: start.messages.slice(0, count) }));
  expect(boundPage(start, "since", size(3) + 10)).toBe(start);
  expect(boundPage(start, "since", size(2) + 10)).toMatchObject({ hasMore: true, seq: 5, room: { seq: 5 } });
  expect(idsOf(boundPage(start, "since", 1))).toEqual(["a"]);
  expect(boundPage(start, "since", 1).seq).toBe(4);
});

test("[CAT-3] of a newest page the last messages fit, and nothing after it is missing", () => {
  const start = page([message("a", 1, { updatedSeq: 6 }), message("b", 2), message("c", 3)], 6);
  const size = Buffer.byteLength(JSON.stringify({ ...start, messages: start.messages.slice(1) }));
  const bounded = boundPage(start, "newest", size + 10);
  expect(bounded).toMatchObject({ hasMore: true, seq: 6 });
  expect(idsOf(bounded)).toEqual(["b", "c"]);
});
