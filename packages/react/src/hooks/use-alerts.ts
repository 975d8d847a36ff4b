"use client";
import { systemClock } from "@mirage/client";
import type { Tabs } from "@mirage/client/alerts";
import type { Notification } from "@mirage/protocol";
import { useEffect, useState } from "react";
import { loadPatiently } from "../lazy-part.ts";
import { useRealtime } from "../provider.tsx";

interface AlertOptions {
  /** The room in view: while somebody looks at it, it is silent. */
  activeRoomId: string | undefined;
  /** Leads to what a notification tells of, when it is clicked on the desktop. Stable over renders. */
  onOpen(notification: Notification): void;
  /** Where within the app it leads, for those that are clicked while no page is there. Stable over renders. */
  pathOf?: (notification: Notification) => string | undefined;
}

/** Makes new notifications sound, and shows them on the desktop where that is allowed: once for all tabs. */
export function useAlerts({ activeRoomId, onOpen, pathOf }: AlertOptions): void {
  const { realtime, me } = useRealtime();
  const [tabs, setTabs] = useState<Tabs>();
  useEffect(() => {
    let end: (() => void) | undefined;
    let isGone = false;
    // Nobody waits for it: the first notification comes long after the page.
    loadPatiently(() => import("@mirage/client/alerts")).then(({ browserOutside, openTabs, startAlerts }) => {
      if (isGone) return;
      const opened = openTabs(`mirage:${me.userId}`, systemClock);
      const open = (notification: Notification) => {
        // What could not be marked is still in the list.
        realtime.notifications.markRead(notification.id).catch(() => undefined);
        onOpen(notification);
      };
      const outside = browserOutside({ onOpen: open, pathOf });
      end = startAlerts({ realtime, clock: systemClock, tabs: opened, outside });
      setTabs(opened);
    });
    return () => {
      isGone = true;
      end?.();
    };
  }, [realtime, me.userId, onOpen, pathOf]);
  useEffect(() => {
    const look = () => {
      const isSeen = document.visibilityState === "visible" && document.hasFocus();
      tabs?.look(isSeen ? activeRoomId : undefined);
    };
    look();
    window.addEventListener("focus", look);
    window.addEventListener("blur", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      window.removeEventListener("focus", look);
      window.removeEventListener("blur", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [tabs, activeRoomId]);
}
