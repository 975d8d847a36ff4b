// Shows what the server pushes while nobody looks, closes what was read elsewhere, and leads to it when it is clicked.
// It keeps no pages: the app is always the server's newest. A push is what `PushPayload` of packages/protocol says.

/** Raise it with every change: it is the tag of what cannot be read, so that people can report it. */
const version = 2;
/** How long a page may take to say that it goes to what was clicked. */
const answerWithinMs = 1_000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("push", (event) => event.waitUntil(takePush(readPush(event.data))));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(goTo(placeOf(event.notification.data?.url)));
});
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

/** What cannot be read is shown, too: a push that shows nothing costs the site its right to push. */
function readPush(data) {
  try {
    const push = data.json();
    if (typeof push.close === "string" || typeof push.title === "string") return push;
  } catch {
    // Not ours, or of a later version.
  }
  return { title: "Something new", body: "", url: "/", tag: `unknown-${version}` };
}

async function takePush(push) {
  await Promise.all([
    inTurn(() => (push.close === undefined ? show(push) : close(push.close))),
    // Only an installed app has a badge, and not every browser.
    Number.isInteger(push.unreadCount) ? self.navigator.setAppBadge?.(push.unreadCount) : undefined,
  ]);
}

/**
 * Whoever asks Chromium what is shown while something is about to be makes it forget that: it stays on the screen, cannot
 * be closed, and a click on it leads nowhere. So one thing is done at a time, by pages of this app, too.
 */
function inTurn(work) {
  return self.navigator.locks.request("mirage:shown", work);
}

function show({ title, body, url, tag }) {
  const look = { icon: "/icon-192.png", badge: "/badge-96.png" };
  // A newer one of the same subject takes the place of the older one, and is heard like a first one.
  return self.registration.showNotification(title, { ...look, body, tag, renotify: tag !== "", data: { url } });
}

async function close(tag) {
  for (const shown of await self.registration.getNotifications({ tag })) shown.close();
}

/** A place within this app, whatever the push says. */
function placeOf(url) {
  const place = URL.canParse(url ?? "/", self.location.origin) && new URL(url ?? "/", self.location.origin);
  return place && place.origin === self.location.origin ? place : new URL("/", self.location.origin);
}

/** To a page that is already there, or to any page of this app, or to a new one. */
async function goTo(place) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find(({ url }) => new URL(url).pathname === place.pathname) ?? pages[0];
  if (!page) return await self.clients.openWindow(place.href);
  await page.focus().catch(() => undefined);
  // A page that can goes there without loading anew; one that shows an error, or an older app, is moved.
  if (await askToOpen(page, place)) return;
  await page.navigate(place.href).catch(() => self.clients.openWindow(place.href));
}

function askToOpen(page, { pathname, search }) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => resolve(true);
    setTimeout(() => resolve(false), answerWithinMs);
    page.postMessage({ open: pathname + search }, [port2]);
  });
}

/** The browser has taken the subscription away or given another one: the server hears of it, if the person is signed in. */
async function renew({ oldSubscription, newSubscription }) {
  const answer = await fetch("/api/auth/token", { cache: "no-store" });
  if (!answer.ok || !oldSubscription) return;
  const { token } = await answer.json();
  const { devices } = await command(token, "list_push_devices", {});
  const device = devices.find(({ endpoint }) => endpoint === oldSubscription.endpoint);
  // Removed by the person: that stays.
  if (!device) return;
  const { publicKey } = await command(token, "get_push_key", {});
  const options = { userVisibleOnly: true, applicationServerKey: publicKey };
  const subscription = newSubscription ?? (await self.registration.pushManager.subscribe(options));
  const { endpoint, keys } = subscription.toJSON();
  await command(token, "add_push_device", { endpoint, keys, label: device.label });
  if (endpoint !== device.endpoint) await command(token, "remove_push_device", { endpoint: device.endpoint });
}

async function command(token, name, input) {
  const answer = await fetch(`/api/v1/commands/${name}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(`${name} answered ${answer.status}`);
  return await answer.json();
}
