import type { RoomGuard } from "./access/room-access.ts";
import type { Settings } from "./config/settings.ts";
import type { Database } from "./database/database.ts";
import { HostNotifications } from "./features/notifications/host-notifications.ts";
import { createNotificationHandlers } from "./features/notifications/notifications.handlers.ts";
import { NotificationStore } from "./features/notifications/notifications.store.ts";
import { Notifications } from "./features/notifications/notifications.ts";
import { NotificationPreferences } from "./features/notifications/preferences.ts";
import { RoomJobStore } from "./features/notifications/room-jobs.store.ts";
import { RoomJobs } from "./features/notifications/room-jobs.ts";
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
  onFault: (error: unknown) => void;
}

/** Telling people: what rooms and messages ask of it, and its own commands. */
export function composeNotifications(world: NotificationsWorld) {
  const { database, clock, settings } = world;
  const { enableNotifications: isEnabled, notificationsPerMinute } = settings;
  const store = new NotificationStore(database);
  const jobStore = new RoomJobStore(database);
  const createId = createIdSource(() => clock.now());
  // Push and e-mail have no worker yet: to be told of them would be a promise that nobody keeps.
  const channels = new Set(["inApp", "sound", "desktop"] as const);
  const teller = new Teller({ ...world, store, createId, isEnabled, notificationsPerMinute, channels });
  const jobs = new RoomJobs({ ...world, store: jobStore, teller, isEnabled });
  const notifications = new Notifications({ ...world, store });
  const preferences = new NotificationPreferences({ ...world, store });
  return {
    telling: teller,
    jobs,
    host: new HostNotifications({ ...world, store, jobStore, jobs, teller, createId, isEnabled }),
    handlers: createNotificationHandlers({
      ...world,
      notifications,
      preferences,
      explaining: { ...world, store, teller },
    }),
  };
}
