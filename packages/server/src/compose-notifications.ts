import type { Channel } from "@mirage/protocol";
import type { DocumentGuard } from "./access/document-access.ts";
import type { RoomGuard } from "./access/room-access.ts";
import type { Session } from "./access/session.ts";
import { composeAway } from "./compose-away.ts";
import type { Settings } from "./config/settings.ts";
import type { Database } from "./database/database.ts";
import type { PushKeys } from "./database/push-keys.ts";
import { DocumentTeller } from "./features/notifications/document-teller.ts";
import { HostNotifications } from "./features/notifications/host-notifications.ts";
import { KeywordBook } from "./features/notifications/keyword-book.ts";
import { createNotificationHandlers } from "./features/notifications/notifications.handlers.ts";
import { NotificationStore } from "./features/notifications/notifications.store.ts";
import { Notifications } from "./features/notifications/notifications.ts";
import { NotificationPreferences } from "./features/notifications/preferences.ts";
import { RetentionStore } from "./features/notifications/retention.store.ts";
import { Retention } from "./features/notifications/retention.ts";
import { RoomJobStore } from "./features/notifications/room-jobs.store.ts";
import { RoomJobs } from "./features/notifications/room-jobs.ts";
import { Teller } from "./features/notifications/teller.ts";
import type { HotPath } from "./hot-path/hot-path.ts";
import type { Topics } from "./hot-path/topics.ts";
import { createIdSource } from "./lib/ids.ts";
import type { Logger } from "./lib/logger.ts";
import type { Metrics } from "./lib/metrics.ts";
import type { Clock } from "./ports/clock.ts";

export interface NotificationsWorld {
  database: Database;
  hotPath: HotPath;
  topics: Topics;
  guard: RoomGuard;
  documentGuard: DocumentGuard;
  clock: Clock;
  epoch: string;
  settings: Settings;
  metrics: Metrics;
  pushKeys: PushKeys;
  /** Signs the links in mail. */
  linkKey: string;
  log: Logger;
  /** Whether somebody's presence says that they are not to be disturbed. */
  isDnd: (userId: string) => boolean;
  /** Whether somebody sits at the app at this moment, on any node. */
  isActive: (userId: string) => boolean;
  onFault: (error: unknown) => void;
}

/** Telling people: what rooms and messages ask of it, and its own commands. */
export function composeNotifications(world: NotificationsWorld) {
  const { database, clock, settings } = world;
  const { enableNotifications: isEnabled, notificationsPerMinute, notificationRetentionDays: retentionDays } = settings;
  const store = new NotificationStore(database);
  const jobStore = new RoomJobStore(database);
  const createId = createIdSource(() => clock.now());
  // To be told by mail that nobody sends would be a promise that is not kept.
  const channels = new Set<Channel>([
    "inApp",
    "sound",
    "desktop",
    "push",
    ...(settings.mail ? (["email"] as const) : []),
  ]);
  const mailDelayMs = settings.mail?.delayMs ?? 0;
  const keywords = new KeywordBook(store, clock);
  const teller = new Teller({
    ...world,
    store,
    keywords,
    createId,
    isEnabled,
    notificationsPerMinute,
    channels,
    mailDelayMs,
  });
  const away = composeAway({ ...world, teller });
  const jobs = new RoomJobs({ ...world, store: jobStore, teller, isEnabled });
  const retention = new Retention({ ...world, store: new RetentionStore(database), retentionDays });
  const notifications = new Notifications({ ...world, store });
  const preferences = new NotificationPreferences({ ...world, store, keywords });
  return {
    telling: teller,
    /** Somebody looks at a document. */
    documentSeen(session: Session, documentId: string): void {
      if (isEnabled) notifications.markDocumentSeen(session, documentId).catch(world.onFault);
    },
    documentTelling: new DocumentTeller({ store, teller, createId, isEnabled }),
    jobs,
    retention,
    deliveries: away.worker,
    emailAddresses: away.emailAddresses,
    host: new HostNotifications({ ...world, store, jobStore, jobs, teller, createId, isEnabled }),
    handlers: createNotificationHandlers({
      ...world,
      notifications,
      preferences,
      pushDevices: away.pushDevices,
      emailAddresses: away.emailAddresses,
      explaining: { ...world, store, teller },
    }),
  };
}
