import { limits, type ReadMarker, type Room } from "@mirage/protocol";
import { expect, test } from "vitest";
import { boundUserState, nothingMissed, type UserState } from "./user-state.ts";

const marker = (n: number): ReadMarker => ({ roomId: `room ${n}`, seq: n, unread: 0, mentions: 0 });
const room = (n: number): Room => ({ id: `room ${n}`, name: "\u0001".repeat(80), type: "public", memberCount: 2 });
const notification = (n: number) => ({
  id: `${n}`,
  title: "title",
  content: "\u0001".repeat(100),
  type: "mention",
  metadata: {},
  timestamp: "2026-01-01T00:00:00.000Z",
  read: false,
  seq: n,
});
const many = <Item>(count: number, make: (n: number) => Item): Item[] =>
  Array.from({ length: count }, (_, n) => make(n));

test("[CAT-3] a person's own part keeps to its bytes, says what is not all, and keeps the newest notifications", () => {
  const small: UserState = { ...nothingMissed(9), markers: many(3, marker), notifications: many(3, notification) };
  expect(boundUserState(small, 10_000)).toEqual(small);
  const large: UserState = {
    ...nothingMissed(9),
    notifications: many(500, notification),
    markers: many(200, marker),
    added: many(30, room),
    removed: many(10, (n) => `gone ${n}`),
  };
  const maxBytes = limits.resumeAnswerBytes / 8;
  const bounded = boundUserState(large, maxBytes);
  expect(Buffer.byteLength(JSON.stringify(bounded))).toBeLessThanOrEqual(maxBytes + 200);
  expect(bounded).toMatchObject({ isCut: true, head: 9, removed: large.removed, added: large.added });
  expect(bounded.markers).toEqual(large.markers);
  expect(bounded.notifications.length).toBeGreaterThan(10);
  expect(bounded.notifications.at(-1)).toBe(large.notifications.at(-1));
  expect(boundUserState(large, 100)).toMatchObject({ isCut: true, markers: [], added: [], notifications: [] });
  expect(boundUserState({ ...small, isCut: true }, 10_000).isCut).toBe(true);
});
