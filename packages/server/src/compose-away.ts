import webPush from "web-push";
import { SmtpMailSender } from "./adapters/smtp-mail-sender.ts";
import { TargetGuard } from "./adapters/target-guard.ts";
import { WebPushSender } from "./adapters/web-push-sender.ts";
import { addressOf, type MailSettings, parseMailUrl } from "./config/mail-settings.ts";
import type { Settings } from "./config/settings.ts";
import type { Database } from "./database/database.ts";
import type { PushKeys } from "./database/push-keys.ts";
import { ConfirmationCourier } from "./features/notifications/away/confirmation-courier.ts";
import type { Courier } from "./features/notifications/away/courier.ts";
import { DeliveryStore } from "./features/notifications/away/deliveries.store.ts";
import { DeliveryWorker } from "./features/notifications/away/delivery-worker.ts";
import { EmailAddressStore } from "./features/notifications/away/email-addresses.store.ts";
import { EmailAddresses } from "./features/notifications/away/email-addresses.ts";
import { MailCourier } from "./features/notifications/away/mail-courier.ts";
import { createMessageIds } from "./features/notifications/away/mailing.ts";
import { PushCourier } from "./features/notifications/away/push-courier.ts";
import { PushDeviceStore } from "./features/notifications/away/push-devices.store.ts";
import { PushDevices } from "./features/notifications/away/push-devices.ts";
import { ShownPushStore } from "./features/notifications/away/shown-pushes.store.ts";
import { UnreadJudge } from "./features/notifications/away/unread-judge.ts";
import type { Teller } from "./features/notifications/teller.ts";
import type { HotPath } from "./hot-path/hot-path.ts";
import { LinkTokens } from "./lib/link-tokens.ts";
import type { Logger } from "./lib/logger.ts";
import type { Metrics } from "./lib/metrics.ts";
import type { Clock } from "./ports/clock.ts";

export interface AwayWorld {
  database: Database;
  hotPath: HotPath;
  clock: Clock;
  log: Logger;
  settings: Settings;
  metrics: Metrics;
  pushKeys: PushKeys;
  /** Signs the links in mail. */
  linkKey: string;
  teller: Teller;
  /** Whether somebody sits at the app at this moment, on any node. */
  isActive: (userId: string) => boolean;
  onFault: (error: unknown) => void;
}

export const makePushKeys = (): PushKeys => webPush.generateVAPIDKeys();

/** Telling people who are away. */
export function composeAway(world: AwayWorld) {
  const { database, clock, settings, metrics, pushKeys } = world;
  const guard = new TargetGuard(settings.privateTargets);
  const sender = new WebPushSender({ keys: pushKeys, subject: settings.pushSubject, guard, clock });
  const devices = new PushDeviceStore(database);
  const addresses = new EmailAddressStore(database);
  const store = new DeliveryStore(database);
  const links = new LinkTokens(world.linkKey);
  const judge = new UnreadJudge({ ...world, store });
  const shownPushes = new ShownPushStore(database);
  const push = new PushCourier({ judge, devices, shownPushes, sender, clock, random: Math.random });
  const { mail } = settings;
  const worker = new DeliveryWorker({
    ...world,
    store,
    couriers: [push, ...(mail ? composeMail({ ...world, mail, guard, judge, addresses, links }) : [])],
    onOutcome: (channel, outcome) => metrics.awayDeliveries.inc({ channel, outcome }),
    onLag: (channel, lagMs) => metrics.awayDeliveryLag.set({ channel }, lagMs / 1_000),
  });
  const emailAddresses = new EmailAddresses({
    ...world,
    store: addresses,
    links,
    isAvailable: mail !== undefined,
    onDue: () => worker.run(),
  });
  return { worker, pushDevices: new PushDevices({ store: devices, sender, clock }), emailAddresses };
}

type MailWorld = AwayWorld & {
  mail: MailSettings;
  guard: TargetGuard;
  judge: UnreadJudge;
  addresses: EmailAddressStore;
  links: LinkTokens;
};

function composeMail(world: MailWorld): Courier[] {
  const { mail, clock, log, linkKey } = world;
  const { publicUrl, delayMs, from } = mail;
  const sender = new SmtpMailSender({ ...world, server: parseMailUrl(mail.url), from });
  // A server that cannot mail still serves: whoever runs it is told, and what is due waits.
  void sender.findFault().then((fault) => {
    if (fault !== undefined) log.warn({ fault }, "mail cannot be sent; `npm run doctor` says more");
  });
  const identify = createMessageIds(linkKey, addressOf(from).split("@")[1] ?? "");
  const common = { ...world, sender, clock, random: Math.random, identify, publicUrl };
  return [new MailCourier({ ...common, delayMs }), new ConfirmationCourier(common)];
}
