import { inTurn } from "./in-turn.ts";

/** What web push needs of a browser. */
export interface PushBrowser {
  /** `missing`: it has no web push, or not for this page; `needs_install`: only once the app is on the home screen. */
  readonly support: "yes" | "missing" | "needs_install";
  /** Devices are named after it. */
  readonly userAgent: string;
  /** Where it is kept for whom this browser is subscribed; only while `support` is `yes`. */
  readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /** What the person allows this page, as of now. */
  permission(): NotificationPermission;
  /** Asks the person, who has to have pressed something just before. */
  askPermission(): Promise<NotificationPermission>;
  /** What this browser is subscribed with. */
  find(): Promise<BrowserSubscription | undefined>;
  /** Subscribes with a server's key (base64url). Rejects where the browser or its push service refuses. */
  subscribe(publicKey: string): Promise<BrowserSubscription>;
  /** Takes away what pushes still show of these tags; all of them without tags. */
  closeShown(tags?: ReadonlySet<string>): Promise<void>;
  /** Calls when the person has clicked a push and this page is to go there; returns what ends it. */
  onOpen(open: (path: string) => void): () => void;
}

/** A browser's subscription, as `add_push_device` takes it. */
export interface BrowserSubscription {
  endpoint: string;
  keys: { p256dh: string; auth: string };
  unsubscribe(): Promise<unknown>;
}

/** This browser, with the service worker at an address of the page's own origin that shows the pushes. */
export function openPushBrowser(workerUrl: string): PushBrowser {
  const support = findSupport();
  const workers = support === "yes" ? navigator.serviceWorker : undefined;
  const findRegistration = async () => await workers?.getRegistration(new URL(workerUrl, location.href).href);
  return {
    support,
    userAgent: navigator.userAgent,
    get storage() {
      return localStorage;
    },
    permission: () => (support === "yes" ? Notification.permission : "denied"),
    askPermission: () => Notification.requestPermission(),
    async find() {
      const subscription = await (await findRegistration())?.pushManager.getSubscription();
      return subscription ? toSubscription(subscription) : undefined;
    },
    async subscribe(publicKey) {
      if (!workers) throw new Error("This browser has no web push");
      await workers.register(workerUrl, { updateViaCache: "none" });
      // Only an active worker can be subscribed.
      const { pushManager } = await workers.ready;
      const options = { userVisibleOnly: true, applicationServerKey: publicKey };
      return toSubscription(await pushManager.subscribe(options));
    },
    async closeShown(tags) {
      const registration = await findRegistration();
      if (!registration) return;
      await inTurn(async () => {
        for (const one of await registration.getNotifications()) if (!tags || tags.has(one.tag)) one.close();
      });
    },
    onOpen(open) {
      const take = ({ data, ports }: MessageEvent) => {
        if (typeof data?.open !== "string") return;
        // The worker waits for this, and else moves the page itself.
        ports[0]?.postMessage(true);
        open(data.open);
      };
      workers?.addEventListener("message", take);
      workers?.startMessages();
      return () => workers?.removeEventListener("message", take);
    },
  };
}

function findSupport(): PushBrowser["support"] {
  const isComplete = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  if (isSecureContext && isComplete && hasStorage()) return "yes";
  // Apple's phones and tablets have it for apps on the home screen alone; a tablet calls itself a Mac.
  const isApple = /iPhone|iPad/.test(navigator.userAgent) || navigator.maxTouchPoints > 1;
  const canBeInstalled = isApple && /AppleWebKit/.test(navigator.userAgent) && "standalone" in navigator;
  return isSecureContext && canBeInstalled ? "needs_install" : "missing";
}

// Reading `localStorage` itself throws where the browser forbids storage, and with it workers.
function hasStorage(): boolean {
  try {
    return localStorage !== null;
  } catch {
    return false;
  }
}

function toSubscription(subscription: PushSubscription): BrowserSubscription {
  const { endpoint, keys } = subscription.toJSON();
  return {
    endpoint: endpoint ?? subscription.endpoint,
    keys: { p256dh: keys?.p256dh ?? "", auth: keys?.auth ?? "" },
    unsubscribe: () => subscription.unsubscribe(),
  };
}
