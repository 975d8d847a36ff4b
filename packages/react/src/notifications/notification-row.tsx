"use client";
import type { Notification } from "@mirage/protocol";
import { Check, ChevronDown, Trash2 } from "lucide-react";
import { IconButton } from "../icon-button.tsx";
import { useRealtime } from "../provider.tsx";
import type { NotificationGroup } from "./group-notifications.ts";
import { NotificationIcon } from "./notification-kinds.tsx";

/** What can be done with notifications of the list. Stable over renders. */
export interface NotificationActions {
  open(notification: Notification): void;
  markRead(notifications: readonly Notification[]): void;
  remove(notifications: readonly Notification[]): void;
}

interface RowProps {
  /** Where the arrow keys find it. */
  rowKey: string;
  /** Tab reaches this row and its buttons. */
  isTabStop: boolean;
  now: Date;
  actions: NotificationActions;
}

/** One notification: opening it leads to what it tells of. */
export function NotificationRow(props: RowProps & { notification: Notification }) {
  const { notification, actions, ...place } = props;
  return (
    <Line
      {...place}
      actions={actions}
      shown={notification}
      all={[notification]}
      onPress={() => actions.open(notification)}
    />
  );
}

interface GroupRowProps extends RowProps {
  group: NotificationGroup;
  isOpen: boolean;
  onToggle(): void;
}

/** Several of one subject as one line, which opens to show each. */
export function GroupRow({ group, isOpen, onToggle, ...row }: GroupRowProps) {
  const { labels } = useRealtime();
  const { notifications, newest } = group;
  return (
    <Line
      {...row}
      shown={newest}
      all={notifications}
      isOpen={isOpen}
      name={
        isOpen
          ? labels.notificationGroupOpen(notifications.length)
          : labels.notificationGroup(notifications.length, newest.title)
      }
      onPress={onToggle}
    />
  );
}

interface LineProps extends RowProps {
  shown: Notification;
  all: readonly Notification[];
  /** Only of a group. */
  isOpen?: boolean;
  name?: string;
  onPress(): void;
}

function Line(props: LineProps) {
  const { shown, all, isOpen = false, isTabStop } = props;
  const isGroup = props.isOpen !== undefined;
  const { labels } = useRealtime();
  const isUnread = all.some(({ read }) => !read);
  const isUrgent = all.some(({ urgent, read }) => urgent === true && !read);
  return (
    <div className="mrg-note" data-unread={isUnread || undefined} data-urgent={isUrgent || undefined}>
      <button
        type="button"
        className="mrg-note-open"
        data-key={props.rowKey}
        tabIndex={isTabStop ? 0 : -1}
        {...(isGroup ? { "aria-expanded": isOpen } : {})}
        onClick={props.onPress}
      >
        <NotificationIcon type={shown.type} />
        <span className="mrg-note-words">
          {isUrgent && <strong className="mrg-note-urgent">{labels.urgent}</strong>}
          <span className="mrg-note-title" dir="auto">
            {/* An open group shows its newest one below, among the others. */}
            {props.name && <span className={isOpen ? undefined : "mrg-hidden"}>{props.name}</span>}
            {!isOpen && <span aria-hidden={isGroup}>{shown.title}</span>}
          </span>
          {shown.content !== "" && !isOpen && (
            <span className="mrg-note-text" dir="auto">
              {shown.content}
            </span>
          )}
          <span className="mrg-note-foot">
            <Time at={new Date(shown.timestamp)} now={props.now} />
            {isGroup && (
              <span className="mrg-note-more" data-open={isOpen} aria-hidden>
                {isOpen ? labels.closeGroup : labels.moreInGroup(all.length - 1)}
                <ChevronDown size={14} />
              </span>
            )}
          </span>
        </span>
        {isUnread && (
          <span className="mrg-note-dot">
            <span className="mrg-hidden">{labels.unreadMark}</span>
          </span>
        )}
      </button>
      <Tools all={all} isUnread={isUnread} isTabStop={isTabStop} actions={props.actions} />
    </div>
  );
}

function Tools({
  all,
  isUnread,
  isTabStop,
  actions,
}: Pick<LineProps, "all" | "isTabStop" | "actions"> & { isUnread: boolean }) {
  const { labels } = useRealtime();
  const tabIndex = isTabStop ? 0 : -1;
  return (
    <span className="mrg-note-tools">
      {isUnread && (
        <IconButton label={labels.markOneRead} tabIndex={tabIndex} onClick={() => actions.markRead(all)}>
          <Check size={16} aria-hidden />
        </IconButton>
      )}
      <IconButton label={labels.deleteNotification} tabIndex={tabIndex} onClick={() => actions.remove(all)}>
        <Trash2 size={16} aria-hidden />
      </IconButton>
    </span>
  );
}

function Time({ at, now }: { at: Date; now: Date }) {
  const { formats } = useRealtime();
  return (
    <time dateTime={at.toISOString()} title={formats.exact(at)}>
      {at.toDateString() === now.toDateString() ? formats.ago(at, now) : formats.time(at)}
    </time>
  );
}
