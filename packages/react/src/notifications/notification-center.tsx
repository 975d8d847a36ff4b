"use client";
import type { Notification } from "@mirage/protocol";
import { Bell } from "lucide-react";
import { Dialog } from "radix-ui";
import { type ComponentProps, Suspense, useCallback } from "react";
import { useBackStep } from "../hooks/use-back-step.ts";
import { useMedia } from "../hooks/use-media.ts";
import { useNotifications } from "../hooks/use-notifications.ts";
import { lazyPart } from "../lazy-part.ts";
import { LazyPopover } from "../lazy-popover.tsx";
import { useRealtime } from "../provider.tsx";
import { NotificationAnnouncer } from "./notification-announcer.tsx";

const NotificationPanel = lazyPart(() => import("./notification-panel.tsx").then((module) => module.NotificationPanel));

export interface NotificationCenterProps {
  /** The room that is in view: its news are told by the conversation itself. */
  activeRoomId?: string | undefined;
  /** Leads to what a notification tells of; `metadata` of those of messages has `roomId` and `messageId`. */
  onOpen(notification: Notification): void;
  /** Shows `NotificationSettings`; without it there is no button for them. */
  onSettings?: (() => void) | undefined;
}

/**
 * A bell with the number of unread notifications. It opens them: beside the bell, or over the whole of a phone's screen.
 * Needs a `RealtimeProvider` above it.
 *
 * @example
 * ```tsx
 * <NotificationCenter onOpen={({ metadata }) => router.push(`/rooms/${metadata.roomId}`)} />
 * ```
 */
export function NotificationCenter({ activeRoomId, onOpen, onSettings }: NotificationCenterProps) {
  const { labels } = useRealtime();
  const { isOpen, open, close } = useBackStep();
  const isPhone = useMedia("(width < 768px)");
  const setIsOpen = (next: boolean) => (next ? open() : close());
  const goTo = useCallback((notification: Notification) => close(() => onOpen(notification)), [close, onOpen]);
  const openSettings =
    onSettings &&
    (() => {
      // On a phone they lie over the list, one step of "back" above it.
      if (!isPhone) close();
      onSettings();
    });
  const panel = (
    <Suspense fallback={<p className="mrg-notes-empty">{labels.loading}</p>}>
      <NotificationPanel onOpen={goTo} onSettings={openSettings} onClose={close} />
    </Suspense>
  );
  return (
    <>
      <NotificationAnnouncer activeRoomId={activeRoomId} />
      {isPhone ? (
        <Dialog.Root open={isOpen} onOpenChange={setIsOpen}>
          <Dialog.Trigger asChild>
            <BellButton />
          </Dialog.Trigger>
          <Dialog.Portal>
            <Dialog.Content className="mrg-layer mrg-notes-sheet" aria-describedby={undefined}>
              <Dialog.Title className="mrg-hidden">{labels.notifications}</Dialog.Title>
              {panel}
            </Dialog.Content>
          </Dialog.Portal>
        </Dialog.Root>
      ) : (
        <LazyPopover
          trigger={<BellButton />}
          isOpen={isOpen}
          onOpenChange={setIsOpen}
          className="mrg-notes-popover"
          align="start"
          label={labels.notifications}
        >
          {panel}
        </LazyPopover>
      )}
    </>
  );
}

function BellButton(props: ComponentProps<"button">) {
  const { labels } = useRealtime();
  const { unreadCount } = useNotifications().state;
  const name = labels.notificationsUnread(unreadCount);
  return (
    <button type="button" {...props} className="mrg-icon-button mrg-bell" aria-label={name} title={name}>
      <Bell size={20} aria-hidden />
      {unreadCount > 0 && (
        <span className="mrg-badge mrg-badge-mention" aria-hidden>
          {unreadCount >= 100 ? "99+" : unreadCount}
        </span>
      )}
    </button>
  );
}
