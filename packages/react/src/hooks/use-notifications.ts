"use client";
import type { NotificationsHandle, NotificationsState } from "@mirage/client";
import { useEffect } from "react";
import { useRealtime } from "../provider.tsx";
import { useStore } from "./use-store.ts";

/** One's notifications, newest first and kept true over all devices, and what can be done with them. */
export function useNotifications(): { notifications: NotificationsHandle; state: NotificationsState } {
  const { notifications } = useRealtime().realtime;
  useEffect(() => notifications.load(), [notifications]);
  return { notifications, state: useStore(notifications.state) };
}
