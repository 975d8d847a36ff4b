import { expect, test } from "vitest";
import { checkHistory } from "./check-history.ts";
import type { FinalRoom, HistoryEntry, Invariant } from "./history.ts";

const base = { client: "a", roomId: "r" };
const by = { ...base, userId: "ann" };

/** Two messages by Ann, both acknowledged, seen by her and by Bob. */
function goodHistory(): HistoryEntry[] {
  return [
    { ...base, atMs: 0, kind: "opened", seq: 0, isFresh: true },
    { ...base, atMs: 0, client: "b", kind: "opened", seq: 0, isFresh: true },
    { ...by, atMs: 1, kind: "sent", nonce: "n1" },
    { ...base, atMs: 2, kind: "applied", seq: 1, change: "message:m1" },
    { ...by, atMs: 3, kind: "acked", nonce: "n1", seq: 1, messageId: "m1" },
    { ...by, atMs: 4, kind: "sent", nonce: "n2" },
    { ...base, atMs: 5, kind: "applied", seq: 2, change: "message:m2" },
    { ...by, atMs: 6, kind: "acked", nonce: "n2", seq: 2, messageId: "m2" },
    { ...base, atMs: 7, client: "b", kind: "applied", seq: 1, change: "message:m1" },
    { ...base, atMs: 8, client: "b", kind: "applied", seq: 2, change: "message:m2" },
    { ...base, atMs: 9, kind: "read", startedAtMs: 8, fromSeq: 1, messageIds: ["m1", "m2"] },
  ];
}

function goodRoom(): FinalRoom {
  return {
    head: 2,
    messages: [
      { id: "m1", userId: "ann", nonce: "n1", seq: 1, updatedSeq: 1 },
      { id: "m2", userId: "ann", nonce: "n2", seq: 2, updatedSeq: 2 },
    ],
    otherPositions: [],
    clients: { a: { seq: 2, state: "m1 m2" }, b: { seq: 2, state: "m1 m2" } },
    state: "m1 m2",
  };
}

function broken(history: HistoryEntry[], room: Partial<FinalRoom> = {}): Invariant[] {
  const violations = checkHistory(history, { r: { ...goodRoom(), ...room } });
  return [...new Set(violations.map((violation) => violation.invariant))];
}

function without(match: Partial<HistoryEntry>): HistoryEntry[] {
  const isMatch = (entry: HistoryEntry) =>
    Object.entries(match).every(([key, value]) => Reflect.get(entry, key) === value);
  return goodHistory().filter((entry) => !isMatch(entry));
}

test("finds nothing where every promise was kept", () => {
  expect(broken(goodHistory())).toEqual([]);
});

test("acknowledged: finds an acknowledged message that is lost, and one that moved", () => {
  const messages = goodRoom().messages;
  const onlyFirst = messages.slice(0, 1);
  expect(broken(goodHistory(), { messages: onlyFirst })).toContain("acknowledged");
  const moved = messages.map((message) => (message.id === "m2" ? { ...message, seq: 3 } : message));
  expect(broken(goodHistory(), { messages: moved })).toContain("acknowledged");
});

test("once: finds one nonce stored twice", () => {
  const twice = [...goodRoom().messages, { id: "m3", userId: "ann", nonce: "n2", seq: 3, updatedSeq: 3 }];
  expect(broken(goodHistory(), { messages: twice, head: 3 })).toContain("once");
});

test("positions: finds a hole, a position past the head, and a shared one", () => {
  expect(broken(goodHistory(), { head: 3 })).toContain("positions");
  expect(broken(goodHistory(), { otherPositions: [9] })).toContain("positions");
  const shared = goodRoom().messages.map((message) => ({ ...message, seq: 1 }));
  expect(broken(goodHistory(), { messages: shared })).toContain("positions");
});

test("positions: takes a position that a later change overtook as known where someone saw it or its `from` covers it", () => {
  const messages = goodRoom().messages.map((message) =>
    message.id === "m2" ? { ...message, updatedSeq: 4 } : message,
  );
  const clients = {};
  expect(broken(goodHistory(), { messages, head: 4, clients })).toEqual(["positions"]);
  const seen: HistoryEntry = { ...base, atMs: 10, kind: "applied", seq: 4, from: 3, change: "message:m2" };
  expect(broken([...goodHistory(), seen], { messages, head: 4, clients })).toEqual([]);
  // Nobody was there when it was overtaken: the answer to who comes back covers it, and one from the start does not.
  const returned: HistoryEntry = { ...base, atMs: 10, kind: "opened", seq: 4, isFresh: false };
  expect(broken([...goodHistory(), returned], { messages, head: 4, clients })).toEqual([]);
  expect(broken([...goodHistory(), { ...returned, isFresh: true }], { messages, head: 4, clients })).toEqual([
    "positions",
  ]);
});

test("agreement: finds one position that is two changes", () => {
  const other: HistoryEntry[] = [
    { ...base, atMs: 0, client: "c", kind: "opened", seq: 1, isFresh: true },
    { ...base, atMs: 9, client: "c", kind: "applied", seq: 2, change: "message:m1" },
  ];
  expect(broken([...goodHistory(), ...other])).toContain("agreement");
});

test("order: finds a gap, a repeat, an event before the answer, and an answer that goes back", () => {
  expect(broken(without({ client: "b", kind: "applied", seq: 1 }))).toEqual(["order"]);
  const again: HistoryEntry = { ...base, atMs: 9, client: "b", kind: "applied", seq: 2, change: "message:m2" };
  expect(broken([...goodHistory(), again])).toEqual(["order"]);
  expect(broken(without({ client: "b", kind: "opened" }))).toContain("order");
  const back: HistoryEntry = { ...base, atMs: 10, kind: "opened", seq: 1, isFresh: false };
  expect(broken([...goodHistory(), back])).toEqual(["order"]);
  const fresh: HistoryEntry = { ...base, atMs: 10, kind: "opened", seq: 1, isFresh: true };
  expect(broken([...goodHistory(), fresh])).toEqual([]);
});

test("phantoms: finds a refused message that is stored and a message seen that is not", () => {
  const refused = goodHistory().map((entry) =>
    entry.kind === "acked" && entry.nonce === "n2" ? { ...entry, kind: "refused" as const } : entry,
  );
  expect(broken(refused)).toEqual(["phantoms"]);
  const phantom: HistoryEntry = { ...base, atMs: 10, kind: "applied", seq: 3, change: "message:ghost" };
  expect(broken([...goodHistory(), phantom])).toContain("phantoms");
});

test("phantoms: lets a send whose outcome was unknown be there or not", () => {
  const lost = goodHistory().map((entry) =>
    entry.kind === "acked" && entry.nonce === "n2" ? { ...entry, kind: "lost" as const } : entry,
  );
  expect(broken(lost)).toEqual([]);
});

test("convergence: finds a client that ends behind, and one that ends different", () => {
  expect(broken(goodHistory(), { clients: { b: { seq: 1, state: "m1" } } })).toEqual(["convergence"]);
  expect(broken(goodHistory(), { clients: { b: { seq: 2, state: "m2" } } })).toEqual(["convergence"]);
});

test("sender order: finds acknowledgements of one sender out of order, but not in a repeat", () => {
  const swapped: HistoryEntry[] = goodHistory().map((entry) =>
    entry.kind === "acked" ? { ...entry, atMs: entry.nonce === "n1" ? 6 : 3 } : entry,
  );
  expect(broken(swapped)).toContain("sender order");
  const repeat: HistoryEntry = {
    ...by,
    atMs: 11,
    kind: "acked",
    nonce: "n1",
    seq: 1,
    messageId: "m1",
    duplicate: true,
  };
  expect(broken([...goodHistory(), repeat])).toEqual([]);
});

test("reads: finds a read that misses what was acknowledged before it", () => {
  const blind: HistoryEntry = { ...base, atMs: 20, kind: "read", startedAtMs: 15, fromSeq: 1, messageIds: ["m1"] };
  expect(broken([...goodHistory(), blind])).toEqual(["reads"]);
  const early: HistoryEntry = { ...base, atMs: 20, kind: "read", startedAtMs: 5, fromSeq: 1, messageIds: ["m1"] };
  expect(broken([...goodHistory(), early])).toEqual([]);
});
