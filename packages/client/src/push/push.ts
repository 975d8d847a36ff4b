import { type ReadonlyStore, Store } from "../lib/store.ts";
import type { Realtime } from "../realtime.ts";
import { nameDevice } from "./name-device.ts";
import type { BrowserSubscription, PushBrowser } from "./push-browser.ts";

export { openPushBrowser, type PushBrowser } from "./push-browser.ts";

/**
 * How web push stands on this browser. `missing`: it has none; `needs_install`: it has, for an app on the home screen;
 * `denied`: forbidden, and only the browser's own settings change that; `off` and `on`: as the person wants it.
 */
export type PushState =
  | { readonly status: "unknown" | "missing" | "needs_install" | "denied" | "off" }
  | { readonly status: "on"; readonly endpoint: string };

export interface PushOptions {
  realtime: Realtime;
  /** The person who is signed in: a browser is subscribed for one person at a time. */
  userId: string;
  browser: PushBrowser;
}

/** Web push for the person who is signed in, on this browser. */
export interface PushHandle {
  readonly state: ReadonlyStore<PushState>;
  /**
   * Looks again how things are. What this browser is subscribed with for somebody else, or what the person has removed
   * elsewhere, ends. @throws RealtimeError where the server could not be asked.
   */
  refresh(): Promise<void>;
  /**
   * Asks for permission where that is open, and subscribes. Call it straight from a click: browsers ask at no other time.
   * @throws RealtimeError where the server does not take it, Error where the browser's push service does not.
   */
  turnOn(): Promise<void>;
  /** Ends it here; the server forgets the device. Never throws: what the server misses, the push service tells it. */
  turnOff(): Promise<void>;
}

const ownerKey = "mirage:push";

/** For whom, and with which address, this browser was subscribed by this page. */
interface Owner {
  userId: string;
  endpoint: string;
}

export function openPush(options: PushOptions): PushHandle {
  const { realtime, userId, browser } = options;
  const state = new Store<PushState>({ status: "unknown" });
  const settle = (subscription?: BrowserSubscription): void => {
    if (subscription) state.set({ status: "on", endpoint: subscription.endpoint });
    else if (browser.support !== "yes") state.set({ status: browser.support });
    else state.set({ status: browser.permission() === "denied" ? "denied" : "off" });
  };
  const add = async (subscription: BrowserSubscription): Promise<void> => {
    const { endpoint, keys } = subscription;
    await realtime.request("add_push_device", { endpoint, keys, label: nameDevice(browser.userAgent) });
    writeOwner(browser, { userId, endpoint });
    settle(subscription);
  };
  const end = async (subscription: BrowserSubscription | undefined): Promise<void> => {
    writeOwner(browser, undefined);
    await subscription?.unsubscribe();
    await browser.closeShown();
    settle();
  };
  return {
    state,
    async refresh() {
      const subscription = await browser.find();
      if (!subscription) return settle();
      const owner = readOwner(browser);
      if (owner?.userId !== userId || browser.permission() !== "granted") return await end(subscription);
      // The browser has changed its address by itself: its worker may not have been able to say so.
      if (owner.endpoint !== subscription.endpoint) return await add(subscription);
      const { devices } = await realtime.request("list_push_devices", {});
      const isListed = devices.some(({ endpoint }) => endpoint === subscription.endpoint);
      if (isListed) settle(subscription);
      else await end(subscription);
    },
    async turnOn() {
      if (browser.support !== "yes") return;
      if ((await browser.askPermission()) !== "granted") return settle();
      const { publicKey } = await realtime.request("get_push_key", {});
      // Another server's key, or another person's subscription, would refuse the new one.
      await (await browser.find())?.unsubscribe();
      await add(await browser.subscribe(publicKey));
    },
    async turnOff() {
      const subscription = await browser.find().catch(() => undefined);
      const endings = [end(subscription)];
      const { endpoint } = subscription ?? {};
      if (endpoint !== undefined)
        endings.push(realtime.request("remove_push_device", { endpoint }).then(() => undefined));
      await Promise.allSettled(endings);
    },
  };
}

/**
 * Keeps this browser's pushes true while a page is open: what is read here is closed here, and a click on a push leads to
 * its place within the app. Returns what ends it.
 */
export function followPushes(
  { realtime, browser }: Pick<PushOptions, "realtime" | "browser">,
  open: (path: string) => void,
): () => void {
  const { state } = realtime.notifications;
  let wasUnread: ReadonlySet<string> = new Set();
  const closeRead = (): void => {
    const { status, notifications, unreadCount } = state.get();
    if (status !== "ready") return;
    const unread = new Set(
      notifications.flatMap(({ read, groupKey }) => (read || groupKey === undefined ? [] : [groupKey])),
    );
    const known = new Set(notifications.flatMap(({ groupKey }) => groupKey ?? []));
    const read = new Set([...known, ...wasUnread].filter((tag) => !unread.has(tag)));
    wasUnread = unread;
    // What cannot be closed here is closed by the server, or by the person.
    if (unreadCount === 0) browser.closeShown().catch(() => undefined);
    else if (read.size > 0) browser.closeShown(read).catch(() => undefined);
  };
  closeRead();
  const ends = [state.subscribe(closeRead), browser.onOpen(open)];
  return () => {
    for (const end of ends) end();
  };
}

function readOwner({ storage }: PushBrowser): Owner | undefined {
  try {
    const kept: unknown = JSON.parse(storage.getItem(ownerKey) ?? "null");
    const isOwner = typeof kept === "object" && kept !== null && "userId" in kept && "endpoint" in kept;
    return isOwner ? (kept as Owner) : undefined;
  } catch {
    return undefined;
  }
}

function writeOwner({ storage }: PushBrowser, owner: Owner | undefined): void {
  if (owner) storage.setItem(ownerKey, JSON.stringify(owner));
  else storage.removeItem(ownerKey);
}
