import type { RoomGuard } from "./access/room-access.ts";
import type { Settings } from "./config/settings.ts";
import type { Database } from "./database/database.ts";
import { createNotificationHandlers } from "./features/notifications/notifications.handlers.ts";
import { NotificationStore } from "./features/notifications/notifications.store.ts";
import { Notifications } from "./features/notifications/notifications.ts";
import { NotificationPreferences } from "./features/notifications/preferences.ts";
import { Teller } from "./features/notifications/teller.ts";
import type { HotPath } from "./hot-path/hot-path.ts";
import type { Topics } from "./hot-path/topics.ts";
import { createIdSource } from "./lib/ids.ts";
import type { Clock } from "./ports/clock.ts";

export interface NotificationsWorld {
  database: Database;
  hotPath: HotPath;
  topics: Topics;
  guard: RoomGuard;
  clock: Clock;
  epoch: string;
  settings: Settings;
  /** Whether somebody's presence says that they are not to be disturbed. */
  isDnd: (userId: string) => boolean;
}

/** Telling people: what rooms and messages ask of it, and its own commands. */
export function composeNotifications(world: NotificationsWorld) {
  const { database, clock, settings } = world;
  const store = new NotificationStore(database);
  const telling = new Teller({
    ...world,
    store,
    createId: createIdSource(() => clock.now()),
    isEnabled: settings.enableNotifications,
    notificationsPerMinute: settings.notificationsPerMinute,
    // Push and e-mail have no worker yet: to be told of them would be a promise that nobody keeps.
    channels: new Set(["inApp", "sound", "desktop"]),
  });
  const notifications = new Notifications({ ...world, store });
  const preferences = new NotificationPreferences({ ...world, store });
  return {
    telling,
    handlers: createNotificationHandlers({
      ...world,
      notifications,
      preferences,
      explaining: { ...world, store, teller: telling },
    }),
  };
}
