"use client";
import type { Notification } from "@mirage/protocol";
import { useMemo, useRef, useState } from "react";
import { useNow } from "../hooks/use-now.ts";
import { useRealtime } from "../provider.tsx";
import { groupNotifications, type NotificationGroup, type NotificationLine } from "./group-notifications.ts";
import { GroupRow, type NotificationActions, NotificationRow } from "./notification-row.tsx";
import { useListKeys } from "./use-list-keys.ts";

/** Times of the last hours are told anew this often. */
const renewTimesMs = 30_000;

/** Notifications by day and subject. */
export function NotificationList(props: { notifications: readonly Notification[]; actions: NotificationActions }) {
  const { notifications, actions } = props;
  const { formats } = useRealtime();
  const now = useNow(renewTimesMs);
  const container = useRef<HTMLUListElement>(null);
  const [openKeys, setOpenKeys] = useState<ReadonlySet<string>>(new Set());
  const lines = useMemo(() => groupNotifications(notifications), [notifications]);
  const rows = useMemo(() => listRows(lines, openKeys), [lines, openKeys]);
  const { tabStopKey, handlers } = useListKeys({
    keys: [...rows.keys()],
    container,
    onDelete: (key) => actions.remove(rows.get(key) ?? []),
  });
  const toggle = (key: string) =>
    setOpenKeys((keys) => new Set(keys.has(key) ? [...keys].filter((one) => one !== key) : [...keys, key]));
  const place = (rowKey: string) => ({ rowKey, isTabStop: rowKey === tabStopKey, now, actions });
  return (
    <ul ref={container} className="mrg-notes" {...handlers}>
      {lines.map((line) => {
        if (line.kind === "day") {
          return (
            <li key={line.key} className="mrg-notes-day">
              <h3>{formats.day(line.at, now)}</h3>
            </li>
          );
        }
        const { key, newest } = line;
        if (!isGroup(line)) {
          return (
            <li key={key}>
              <NotificationRow {...place(newest.id)} notification={newest} />
            </li>
          );
        }
        const isOpen = openKeys.has(key);
        return (
          <li key={key}>
            <GroupRow {...place(key)} group={line} isOpen={isOpen} onToggle={() => toggle(key)} />
            {isOpen && (
              <ul className="mrg-notes-inner">
                {line.notifications.map((one) => (
                  <li key={one.id}>
                    <NotificationRow {...place(one.id)} notification={one} />
                  </li>
                ))}
              </ul>
            )}
          </li>
        );
      })}
    </ul>
  );
}

const isGroup = ({ notifications }: NotificationGroup) => notifications.length > 1;

/** The rows that are shown, from top to bottom, each with the notifications it stands for. */
function listRows(lines: readonly NotificationLine[], openKeys: ReadonlySet<string>) {
  const rows = new Map<string, readonly Notification[]>();
  for (const line of lines) {
    if (line.kind === "day") continue;
    if (isGroup(line)) rows.set(line.key, line.notifications);
    if (!isGroup(line) || openKeys.has(line.key)) for (const one of line.notifications) rows.set(one.id, [one]);
  }
  return rows;
}
