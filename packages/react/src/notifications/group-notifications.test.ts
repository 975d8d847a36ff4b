import type { Notification } from "@mirage/protocol";
import { expect, it } from "vitest";
import { filterNotifications, groupNotifications } from "./group-notifications.ts";

function one(id: string, timestamp: string, more: Partial<Notification> = {}): Notification {
  return { id, title: id, content: "", type: "message", metadata: {}, timestamp, read: false, seq: 1, ...more };
}
// Without a zone: local time, wherever this runs.
const [morning, noon, yesterday] = ["2026-03-02T08:00:00", "2026-03-02T12:00:00", "2026-03-01T12:00:00"];
const list = [
  one("e", noon, { groupKey: "room:a" }),
  one("d", noon),
  one("c", morning, { groupKey: "room:a", read: true, type: "mention" }),
  one("b", morning),
  one("a", yesterday, { groupKey: "room:a" }),
];
const shown = (notifications: readonly Notification[]) =>
  groupNotifications(notifications).map((line) =>
    line.kind === "day" ? line.at.getDate() : `${line.notifications.map(({ id }) => id)} ${line.unreadCount}`,
  );

it("[FACE-16] one subject of one day is one group, at its newest", () => {
  expect(shown(list)).toEqual([2, "e,c 1", "d 1", "b 1", 1, "a 1"]);
  expect(shown([])).toEqual([]);
});

it("[FACE-16] a group keeps its key when more of its subject come, and another day's has another", () => {
  const keys = (notifications: readonly Notification[]) => groupNotifications(notifications).map(({ key }) => key);
  expect(keys(list)).toEqual(expect.arrayContaining(keys(list.slice(2))));
  expect(new Set(keys(list)).size).toBe(keys(list).length);
});

it("[FACE-16] filters let through what is unread, and what are mentions", () => {
  expect(filterNotifications(list, "all")).toHaveLength(5);
  expect(filterNotifications(list, "unread").map(({ id }) => id)).toEqual(["e", "d", "b", "a"]);
  expect(filterNotifications(list, "mentions").map(({ id }) => id)).toEqual(["c"]);
});
