import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChatItem } from "./items.ts";
import { planSteps } from "./plan-steps.ts";

const mentioning = { mentions: undefined, notices: [] };
const withdrawal = { cause: "", userIds: [], keptIds: [] };
const users = fc.constantFrom("ann", "bob");
const messages = fc.constantFrom("m1", "m2", "m3");

const item: fc.Arbitrary<ChatItem> = fc
  .record({
    op: fc.constantFrom("send", "edit", "delete", "react", "pin", "mark", "inbox", "read_all", "room"),
    userId: users,
    messageId: messages,
    on: fc.boolean(),
    emoji: fc.constantFrom("a", "b"),
    nonce: fc.constantFrom(undefined, "n"),
    replyTo: fc.constantFrom(undefined, "m1"),
  })
  .map(({ op, userId, messageId, on, emoji, nonce, replyTo }): ChatItem => {
    const base = { roomId: "r", messageId, userId, fence: 0 };
    const text = { username: userId, type: "text" as const, content: "", metadata: {}, bodyHash: nonce, nonce };
    if (op === "send") return { op, ...base, ...mentioning, ...text, replyTo, threadId: undefined, at: 0 };
    if (op === "edit") return { op, ...base, ...mentioning, content: "", unmentioned: [], withdrawal, at: 0 };
    if (op === "delete") return { op, ...base, withdrawal, at: 0 };
    if (op === "react") return { op, ...base, emoji, on, maxEmoji: 2, notices: [], at: 0 };
    if (op === "pin") return { op, ...base, on, at: 0 };
    if (op === "mark") return { op, roomId: "r", userId, seq: 1, at: 0 };
    if (op === "inbox")
      return { op, userId, notificationId: `${userId} ${messageId}`, change: on ? "read" : "delete", at: 0 };
    if (op === "read_all") return { op, userId, at: 0 };
    return { op: "room", roomId: "r", fence: 0, name: "n" };
  });

function isInbox(item: ChatItem): item is Extract<ChatItem, { op: "inbox" | "read_all" }> {
  return item.op === "inbox" || item.op === "read_all";
}

/** Whether what the second does may depend on what the first has done. */
function dependsOn(first: ChatItem, second: ChatItem): boolean {
  if (first.op === "room" || second.op === "room") return true;
  if (isInbox(first) && isInbox(second)) {
    if (first.userId !== second.userId) return false;
    const areSingle = first.op === "inbox" && second.op === "inbox";
    return !areSingle || first.notificationId === second.notificationId;
  }
  if (isInbox(first) || isInbox(second)) return false;
  if (first.op === "mark" || second.op === "mark") return first.op === second.op && first.userId === second.userId;
  if (!("messageId" in first) || !("messageId" in second)) return true;
  if (first.op === "send" && second.op === "send") {
    if (first.nonce !== undefined && first.nonce === second.nonce && first.userId === second.userId) return true;
    if (second.replyTo === first.messageId) return true;
  }
  if (first.messageId !== second.messageId) return false;
  if (first.op !== "react" || second.op !== "react") return true;
  return first.on !== second.on || (first.emoji === second.emoji && first.userId === second.userId);
}

test("an item runs in a later step than anything before it that it depends on, and every item runs once", () => {
  const property = fc.property(fc.array(item, { maxLength: 30 }), (batch) => {
    const steps = planSteps(batch);
    const stepOf = new Map(steps.flatMap(({ indexes }, step) => indexes.map((index) => [index, step])));
    expect(steps.flatMap(({ indexes }) => indexes).toSorted((a, b) => a - b)).toEqual([...batch.keys()]);
    for (const [later, second] of batch.entries()) {
      for (const [earlier, first] of batch.slice(0, later).entries()) {
        if (dependsOn(first, second)) expect(stepOf.get(earlier)).toBeLessThan(stepOf.get(later) ?? 0);
      }
    }
    for (const { op, indexes } of steps) {
      expect(indexes.map((index) => batch[index]?.op)).toEqual(indexes.map(() => op));
      expect(indexes).toEqual(indexes.toSorted((a, b) => a - b));
    }
  });
  fc.assert(property, { numRuns: 300 });
});

test("sends of a room keep their order, whatever comes between them", () => {
  const property = fc.property(fc.array(item, { maxLength: 30 }), (batch) => {
    const order = planSteps(batch).flatMap(({ indexes }) => indexes);
    const sends = order.filter((index) => batch[index]?.op === "send");
    expect(sends).toEqual(sends.toSorted((a, b) => a - b));
  });
  fc.assert(property, { numRuns: 300 });
});

test("a mixed batch of independent items takes one step for each kind", () => {
  const of = (number: number): ChatItem[] => {
    const base = { roomId: "r", userId: "ann", fence: 0 };
    return [
      { op: "react", ...base, messageId: "hot", emoji: `e${number}`, on: true, maxEmoji: 20, notices: [], at: 0 },
      { op: "delete", ...base, messageId: `old-${number}`, withdrawal, at: 0 },
    ];
  };
  expect(planSteps([1, 2, 3].flatMap(of))).toEqual([
    { op: "delete", indexes: [1, 3, 5] },
    { op: "react", indexes: [0, 2, 4] },
  ]);
});
