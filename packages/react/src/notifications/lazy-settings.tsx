"use client";
import { type ReactNode, Suspense } from "react";
import { lazyPart } from "../lazy-part.ts";
import { useRealtime } from "../provider.tsx";
import type { WhyDialogProps } from "./why-dialog.tsx";

const Settings = lazyPart(() => import("./notification-settings.tsx").then((module) => module.NotificationSettings));
const Room = lazyPart(() => import("./room-notifications.tsx").then((module) => module.RoomNotifications));
const Why = lazyPart(() => import("./why-dialog.tsx").then((module) => module.WhyDialog));

/** How one wants to be told: triggers and channels, this browser's permission, do not disturb. Loaded when shown. */
export function NotificationSettings() {
  return (
    <Waiting>
      <Settings />
    </Waiting>
  );
}

/** How one wants to be told of one room. Loaded when shown. */
export function RoomNotifications({ roomId }: { roomId: string }) {
  return (
    <Waiting>
      <Room roomId={roomId} />
    </Waiting>
  );
}

/** Why one was told of a message or not. Loaded when shown. */
export function WhyDialog(props: WhyDialogProps) {
  return (
    <Suspense>
      <Why {...props} />
    </Suspense>
  );
}

function Waiting({ children }: { children: ReactNode }) {
  const { labels } = useRealtime();
  return <Suspense fallback={<p className="mrg-notes-empty">{labels.loading}</p>}>{children}</Suspense>;
}
