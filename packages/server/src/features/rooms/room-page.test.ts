import { limits, type Message } from "@mirage/protocol";
import { expect, test } from "vitest";
import type { Change } from "../../hot-path/change.ts";
import {
  boundNewest,
  bytesOfPage,
  carryContent,
  carryStanding,
  collectChanged,
  type RoomContent,
  type RoomPage,
} from "./room-page.ts";

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

function contentOf(messages: Message[], seq: number, more: Partial<RoomContent> = {}): RoomContent {
  const members = [{ userId: "ann", username: "Ann", role: "member" as const }];
  return { seq, messages, hasMore: false, members, isShort: false, ...more };
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

const idsOf = ({ messages }: { messages: readonly Message[] }) => messages.map(({ id }) => id);

test("[LAW-1] a newest page is carried on by what is new, changed and deleted, and not by what is older than it", () => {
  const start = contentOf([message("b", 5), message("c", 6)], 6);
  const changes = [
    changed(message("d", 7)),
    changed(message("b", 5, { updatedSeq: 8, content: "b again" })),
    changed(message("c", 6, { updatedSeq: 9, deleted: true, content: "" })),
    changed(message("a", 2, { updatedSeq: 10 })),
    // Made and changed since: its first state is no more.
    changed(message("e", 11, { updatedSeq: 12 })),
  ];
  const carried = carryContent(start, changes, 12);
  expect(idsOf(carried)).toEqual(["b", "d", "e"]);
  expect(carried).toMatchObject({ seq: 12, isShort: false, messages: [{ content: "b again" }, {}, {}] });
  expect(idsOf(start)).toEqual(["b", "c"]);
});

test("[LAW-1] a newest page that is carried on stays as long as one that is read, or says that it is not", () => {
  const full = Array.from({ length: limits.pageMessages }, (_, i) => message(`${i + 1}`, i + 1));
  const start = contentOf(full, limits.pageMessages);
  const grown = carryContent(start, [changed(message("new", 51))], 51);
  expect(grown).toMatchObject({ hasMore: true, isShort: false });
  expect([grown.messages.length, grown.messages[0]?.id, grown.messages.at(-1)?.id]).toEqual([50, "2", "new"]);
  const deletion = changed(message("9", 9, { updatedSeq: 52, deleted: true }));
  expect(carryContent(grown, [deletion], 52)).toMatchObject({ isShort: true });
  expect(carryContent(start, [deletion], 52)).toMatchObject({ isShort: false, hasMore: false });
});

test("[LAW-1] members are carried on by rank and name; of a list that was cut somebody may be missing", () => {
  const start = contentOf([], 6);
  const came = members(7, [
    { userId: "zoe", username: "zoe", role: "admin" },
    { userId: "bob", username: "bob", role: "member" },
  ]);
  const carried = carryContent(start, [came], 7);
  expect(carried.members.map(({ userId }) => userId)).toEqual(["zoe", "ann", "bob"]);
  const left = members(8, [{ userId: "ann", username: "Ann", role: null }]);
  expect(carryContent(carried, [left], 8)).toMatchObject({ isShort: false, members: [{}, { userId: "bob" }] });
  const many = Array.from({ length: limits.pageMembers - 1 }, (_, i) => ({
    userId: `m${i}`,
    username: `m${i}`,
    role: "member" as const,
  }));
  const cut = contentOf([], 6, { members: [...start.members, ...many] });
  expect(carryContent(cut, [came], 7)).toMatchObject({ isShort: false });
  expect(carryContent(cut, [came], 7).members).toHaveLength(limits.pageMembers);
  expect(carryContent(cut, [left], 8)).toMatchObject({ isShort: true });
});

test("[ACC-1] how one stands goes along, and is null once one has lost the room", () => {
  const room = { id: "r", name: "room", type: "public" as const, memberCount: 2 };
  const promoted = members(7, [{ userId: "ann", username: "Ann", role: "admin" }]);
  const removed = members(8, [{ userId: "ann", username: "Ann", role: null }]);
  const other = members(9, [{ userId: "bob", username: "bob", role: null }]);
  const start = { room, role: "member" as const };
  expect(carryStanding(start, [promoted, other], "ann")).toMatchObject({ role: "admin", room: { memberCount: 5 } });
  expect(carryStanding(start, [promoted, removed, other], "ann").role).toBeNull();
});

test("[LAW-1] what changed comes by last change, tombstones included, and people as they are last", () => {
  const tombstone = message("a", 2, { updatedSeq: 8, deleted: true, content: "" });
  const changes = [
    changed(message("b", 6)),
    members(7, [{ userId: "ann", username: "Ann", role: "admin" }]),
    changed(tombstone),
    members(9, [{ userId: "ann", username: "Ann", role: null }]),
  ];
  expect(collectChanged(changes, { to: 10, maxBytes: 10_000 })).toEqual({
    messages: [message("b", 6), tombstone],
    members: [{ userId: "ann", username: "Ann", role: null }],
    seq: 10,
  });
});

test("[CAT-3] of what changed since a position the first fit, and `seq` leads on; one always goes", () => {
  const changes = [
    changed(message("a", 1, { updatedSeq: 4 })),
    members(5, [{ userId: "ann", username: "Ann", role: "admin" }]),
    changed(message("c", 6)),
  ];
  const bytes = Buffer.byteLength(JSON.stringify(changes.map(({ payload }) => payload)));
  expect(collectChanged(changes, { to: 6, maxBytes: bytes + 100 })).toMatchObject({ seq: 6 });
  const cut = collectChanged(changes, { to: 6, maxBytes: bytes - 100 });
  expect(cut).toMatchObject({ seq: 5, members: [{ userId: "ann" }] });
  expect(idsOf(cut)).toEqual(["a"]);
  expect(collectChanged(changes, { to: 6, maxBytes: 1 })).toMatchObject({ seq: 4, members: [] });
});

test("[CAT-3] of a newest page the last messages and the first members fit, and nothing after them is missing", () => {
  const people = Array.from({ length: 5 }, (_, i) => `${i}`);
  const page: RoomPage = {
    room: { id: "r", name: "room", type: "public", memberCount: 2, role: "member", seq: 6, epoch: "e" },
    members: people.map((userId) => ({ userId, username: userId, role: "member", status: "online" })),
    messages: [message("a", 1, { updatedSeq: 6 }), message("b", 2), message("c", 3)],
    seq: 6,
    epoch: "e",
    hasMore: false,
  };
  const size = bytesOfPage(page);
  expect(size).toBeGreaterThanOrEqual(Buffer.byteLength(JSON.stringify(page)));
  expect(boundNewest(page, size)).toBe(page);
  const bounded = boundNewest(page, size - 10);
  expect(bounded).toMatchObject({ hasMore: true, seq: 6 });
  expect(idsOf(bounded)).toEqual(["b", "c"]);
  expect(bounded.members[0]).toEqual(page.members[0]);
  expect(bytesOfPage(bounded)).toBeLessThan(size);
  expect(idsOf(boundNewest(page, 100))).toEqual(["c"]);
});
