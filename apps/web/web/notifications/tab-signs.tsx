"use client";
import { useAlerts, useNotifications, usePushes } from "@mirage/react";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { notificationPath, useOpenNotification } from "./use-open-notification.ts";
import { withCount } from "./with-count.ts";

const dottedIcon = "/icon-unread.svg";

/**
 * Makes new notifications heard, and shows on the tab and on the installed app how many notifications are unread: each mention is one of them. Pages set
 * their titles and icons when they like, so whatever they set is looked at again.
 */
export function TabSigns({ activeRoomId }: { activeRoomId: string | undefined }) {
  const { unreadCount } = useNotifications().state;
  useAlerts({ activeRoomId, onOpen: useOpenNotification(), pathOf: notificationPath });
  usePushes(useRouter().push);
  useEffect(() => {
    const sign = () => {
      const title = withCount(document.title, unreadCount);
      if (title !== document.title) document.title = title;
      for (const link of document.head.querySelectorAll<HTMLLinkElement>("link[rel=icon]")) signIcon(link, unreadCount);
    };
    sign();
    const observer = new MutationObserver(sign);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => observer.disconnect();
  }, [unreadCount]);
  useEffect(() => {
    // Not every browser has it, and only an installed app shows it.
    if (!("setAppBadge" in navigator)) return;
    navigator.setAppBadge(unreadCount).catch(() => undefined);
    return () => void navigator.clearAppBadge().catch(() => undefined);
  }, [unreadCount]);
  return null;
}

/** The page's own icon waits in the element until nothing is unread any more. */
function signIcon(link: HTMLLinkElement, unreadCount: number): void {
  const now = link.getAttribute("href") ?? "";
  if (now !== dottedIcon) link.dataset.ownIcon = now;
  const wanted = unreadCount > 0 ? dottedIcon : link.dataset.ownIcon;
  if (wanted !== undefined && wanted !== now) link.setAttribute("href", wanted);
}
