import type { EventPayload, Notification } from "@mirage/protocol";
import type { Clock } from "../lib/clock.ts";
import type { Realtime } from "../realtime.ts";
import { playChime } from "./chime.ts";
import { showPopup } from "./popup.ts";
import { type ClaimStorage, openLockedTabs, openStoredTabs, type Tabs } from "./tabs.ts";

export type { Tabs } from "./tabs.ts";

/** Sounds that come faster than this are one. */
const soundEveryMs = 3_000;
/** So many notifications are shown outside of the page at once; older ones make room. */
const maxShown = 20;

type Told = EventPayload<"notification">;

/** What an alert needs of the browser; made by `browserOutside`. */
export interface Outside {
  playSound(): void;
  /** Shows it outside of the page and answers what takes it away; undefined where that is not allowed. */
  show(notification: Notification): (() => void) | undefined;
}

export interface AlertsOptions {
  realtime: Realtime;
  clock: Clock;
  tabs: Tabs;
  outside: Outside;
}

/**
 * Makes new notifications heard and seen outside of the page, once for all tabs of a browser, by the `channels` of each,
 * and not while its room is looked at in any of them. What is read or deleted anywhere disappears. Returns what ends it.
 */
export function startAlerts({ realtime, clock, tabs, outside }: AlertsOptions): () => void {
  const shown = new Map<string, () => void>();
  let soundedAtMs = Number.NEGATIVE_INFINITY;
  const hide = (id: string): void => {
    shown.get(id)?.();
    shown.delete(id);
  };
  const show = (notification: Told): void => {
    const close = outside.show(notification);
    if (!close) return;
    shown.set(notification.id, close);
    const [oldest] = shown.keys();
    if (shown.size > maxShown && oldest !== undefined) hide(oldest);
  };
  const tell = async (notification: Told): Promise<void> => {
    const { id, channels, metadata } = notification;
    if (!channels.sound && !channels.desktop) return;
    const isSeen = typeof metadata.roomId === "string" && (await tabs.isLookedAt(metadata.roomId));
    // Also what is seen is claimed, so that a tab that cannot know of it stays silent.
    if (!(await tabs.claim(id)) || isSeen) return;
    const nowMs = clock.monotonicMs();
    if (channels.sound && nowMs - soundedAtMs >= soundEveryMs) {
      soundedAtMs = nowMs;
      outside.playSound();
    }
    if (channels.desktop) show(notification);
  };
  const hideRead = (): void => {
    const { status, notifications } = realtime.notifications.state.get();
    if (status !== "ready" || shown.size === 0) return;
    const unread = new Set(notifications.filter(({ read }) => !read).map(({ id }) => id));
    for (const id of shown.keys()) if (!unread.has(id)) hide(id);
  };
  const ends = [
    realtime.on("notification", (notification) => void tell(notification)),
    realtime.notifications.state.subscribe(hideRead),
  ];
  return () => {
    for (const end of ends) end();
    for (const id of [...shown.keys()]) hide(id);
    tabs.close();
  };
}

/**
 * The tabs of this browser, by the best means that it has; where the browser forbids storage, each tab is alone.
 * `name` keeps people and apps apart.
 */
export function openTabs(name: string, clock: Clock): Tabs {
  if (typeof navigator !== "undefined" && navigator.locks)
    return openLockedTabs(name, { locks: navigator.locks, clock });
  return openStoredTabs(name, { storage: findStorage(), clock });
}

// Reading `localStorage` itself throws where the browser forbids storage.
function findStorage(): ClaimStorage {
  try {
    return localStorage;
  } catch {
    const kept = new Map<string, string>();
    return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
  }
}

/** What a click on something outside of the page leads to. */
export interface OutsideOptions {
  /** Somebody has clicked it. */
  onOpen(notification: Notification): void;
  /** Its place within the app; without it a browser that is pushed to may show one notification twice. */
  pathOf?: ((notification: Notification) => string | undefined) | undefined;
}

/** The sound and the notifications of this browser. */
export function browserOutside(options: OutsideOptions): Outside {
  return {
    playSound: playChime,
    show(notification) {
      if (typeof window.Notification === "undefined" || window.Notification.permission !== "granted") return undefined;
      let isOver = false;
      let close: (() => void) | undefined;
      showPopup(notification, options).then(
        (shown) => {
          close = shown;
          if (isOver) close();
        },
        // Phones show them from a service worker only.
        () => undefined,
      );
      return () => {
        isOver = true;
        close?.();
      };
    },
  };
}
