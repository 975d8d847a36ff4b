"use client";
import { NotificationCenter, NotificationSettings, useBackStep, useRealtime } from "@mirage/react";
import { AppDialog } from "../shell/app-dialog.tsx";
import { useOpenNotification } from "./use-open-notification.ts";

/** The bell of this app, and the settings behind it; nothing where notifications are switched off. */
export function AppBell({ activeRoomId }: { activeRoomId: string | undefined }) {
  const { hasNotifications, labels } = useRealtime();
  const open = useOpenNotification();
  const settings = useBackStep();
  if (!hasNotifications) return null;
  return (
    <>
      <NotificationCenter activeRoomId={activeRoomId} onOpen={open} onSettings={settings.open} />
      <AppDialog
        title={labels.notificationSettings}
        isOpen={settings.isOpen}
        onOpenChange={(isOpen) => (isOpen ? settings.open() : settings.close())}
      >
        <NotificationSettings />
      </AppDialog>
    </>
  );
}
