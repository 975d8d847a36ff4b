"use client";
import type { NotificationsState } from "@mirage/client";
import type { Notification } from "@mirage/protocol";
import { CheckCheck, Settings, X } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { useTrouble } from "../chat/trouble.tsx";
import { useConnection } from "../hooks/use-connection.ts";
import { useNotifications } from "../hooks/use-notifications.ts";
import { IconButton } from "../icon-button.tsx";
import { useRealtime } from "../provider.tsx";
import { filterNotifications, type NotificationFilter, notificationFilters } from "./group-notifications.ts";
import { NotificationList } from "./notification-list.tsx";
import type { NotificationActions } from "./notification-row.tsx";

interface PanelProps {
  onOpen(notification: Notification): void;
  onSettings: (() => void) | undefined;
  onClose(): void;
}

/** What the bell opens: the notifications, and what can be done with them. */
export function NotificationPanel({ onOpen, onSettings, onClose }: PanelProps) {
  const { notifications, state } = useNotifications();
  const { labels } = useRealtime();
  const isOnline = useConnection().status === "online";
  const [filter, setFilter] = useState<NotificationFilter>("all");
  const { text: trouble, fail } = useTrouble();
  const actions = useMemo((): NotificationActions => {
    const unread = (list: readonly Notification[]) => list.filter(({ read }) => !read);
    return {
      markRead: (list) => void Promise.all(unread(list).map(({ id }) => notifications.markRead(id))).catch(fail),
      remove: (list) => void Promise.all(list.map(({ id }) => notifications.remove(id))).catch(fail),
      open(notification) {
        if (!notification.read) notifications.markRead(notification.id).catch(fail);
        onOpen(notification);
      },
    };
  }, [notifications, onOpen, fail]);
  return (
    <div className="mrg-notes-panel">
      <header className="mrg-notes-head">
        <h2>{labels.notifications}</h2>
        <IconButton
          label={labels.markAllRead}
          disabled={state.unreadCount === 0}
          onClick={() => notifications.markAllRead().catch(fail)}
        >
          <CheckCheck size={18} aria-hidden />
        </IconButton>
        {onSettings && (
          <IconButton label={labels.notificationSettings} onClick={onSettings}>
            <Settings size={18} aria-hidden />
          </IconButton>
        )}
        <IconButton label={labels.close} onClick={onClose}>
          <X size={18} aria-hidden />
        </IconButton>
      </header>
      <Filters filter={filter} onChange={setFilter} />
      {!isOnline && state.status === "ready" && <p className="mrg-notes-note">{labels.notificationsOffline}</p>}
      {trouble && (
        <p className="mrg-notes-note mrg-danger" role="alert">
          {trouble}
        </p>
      )}
      <div className="mrg-notes-body">
        <Body state={state} filter={filter} actions={actions}>
          {state.hasMore && (
            <button type="button" className="mrg-button" onClick={() => notifications.loadMore().catch(fail)}>
              {labels.loadOlder}
            </button>
          )}
        </Body>
      </div>
    </div>
  );
}

interface BodyProps {
  state: NotificationsState;
  filter: NotificationFilter;
  actions: NotificationActions;
  /** What stands below the list. */
  children: ReactNode;
}

function Body({ state, filter, actions, children }: BodyProps) {
  const { realtime, labels } = useRealtime();
  const { status, notifications, hasMore, failure } = state;
  const shown = useMemo(() => filterNotifications(notifications, filter), [notifications, filter]);
  if (status === "error") {
    return (
      <div className="mrg-notes-empty" role="alert">
        <p>
          {labels.notificationsFailed} {failure?.message}
        </p>
        <button type="button" className="mrg-button" onClick={() => realtime.notifications.load()}>
          {labels.tryAgain}
        </button>
      </div>
    );
  }
  if (status !== "ready") return <p className="mrg-notes-empty">{labels.loading}</p>;
  return (
    <>
      {shown.length > 0 && <NotificationList notifications={shown} actions={actions} />}
      {shown.length === 0 && (
        <p className="mrg-notes-empty">{hasMore ? labels.noneLoaded : labels.noNotifications[filter]}</p>
      )}
      {children && <div className="mrg-notes-end">{children}</div>}
    </>
  );
}

function Filters(props: { filter: NotificationFilter; onChange(filter: NotificationFilter): void }) {
  const { labels } = useRealtime();
  return (
    <fieldset className="mrg-notes-filters">
      <legend className="mrg-hidden">{labels.notificationFilter}</legend>
      {notificationFilters.map((each) => (
        <button key={each} type="button" aria-pressed={each === props.filter} onClick={() => props.onChange(each)}>
          {labels.notificationFilters[each]}
        </button>
      ))}
    </fieldset>
  );
}
