import { type PushEndpoint, startPushEndpoint } from "@mirage/testing";
import type { BrowserContext, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bell, nameOf, openElsewhere, panel, phone, shot, unreadAt } from "./bell.ts";
import { listSerious } from "./list-serious.ts";
import { messageOf, say, startApp, type TestApp } from "./people.ts";

/** A worker may have to start, and loads its pictures before it shows anything. */
const patience = { timeout: 15_000 };
let app: TestApp;
let service: PushEndpoint;
beforeAll(async () => {
  service = await startPushEndpoint();
  app = await startApp({ ALLOW_PRIVATE_TARGETS: service.target });
});
afterAll(async () => {
  await app?.close();
  await service?.close();
});

const settings = (page: Page) => page.getByRole("dialog", { name: "Notification settings" });

async function openSettings(page: Page): Promise<void> {
  await bell(page).click();
  await panel(page).getByRole("button", { name: "Notification settings" }).click();
  await settings(page).getByRole("checkbox", { name: "Mentions: Push" }).waitFor();
}

/**
 * Chromium without a network cannot be given an address by its push service. So the page gets one of the push service on
 * this machine; everything else, the worker above all, is the browser's own.
 */
async function givePushAddress(context: BrowserContext, device: string): Promise<void> {
  await context.grantPermissions(["notifications"], { origin: app.server.url });
  await context.addInitScript((subscription) => {
    const key = "test:subscribed";
    const found = () => ({
      endpoint: subscription.endpoint,
      toJSON: () => subscription,
      unsubscribe: async () => {
        localStorage.removeItem(key);
        return true;
      },
    });
    Object.assign(PushManager.prototype, {
      getSubscription: async () => (localStorage.getItem(key) ? found() : null),
      subscribe: async () => {
        localStorage.setItem(key, "yes");
        return found();
      },
    });
  }, service.subscribe(device));
}

/** The browser's service worker of the app, reached past every page. */
async function openWorker(context: BrowserContext) {
  const outside = await context.newPage();
  const session: CDPSession = await context.newCDPSession(outside);
  const registered = new Promise<string>((resolve) => {
    session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const own = registrations.find(({ scopeURL }) => scopeURL.startsWith(app.server.url));
      if (own) resolve(own.registrationId);
    });
  });
  await session.send("ServiceWorker.enable");
  const registrationId = await registered;
  const worker = () => {
    const found = context.serviceWorkers().at(-1);
    if (!found) throw new Error("the service worker does not run");
    return found;
  };
  return {
    deliver: (data: string) =>
      session.send("ServiceWorker.deliverPushMessage", { origin: app.server.url, registrationId, data }),
    /** In turn, as the app does: to be asked makes Chromium forget what it is about to show. */
    listShown: () =>
      worker().evaluate(async () => {
        const { registration } = self as unknown as { registration: ServiceWorkerRegistration };
        const shown = await navigator.locks.request("mirage:shown", () => registration.getNotifications());
        return shown.map(({ title, body, tag }) => ({ title, body, tag }));
      }),
    /** As if the person had clicked what is shown; only the browser itself may then open a new window. */
    click: () =>
      worker().evaluate(async () => {
        const scope = self as unknown as { registration: ServiceWorkerRegistration; dispatchEvent(event: Event): void };
        const [notification] = await navigator.locks.request("mirage:shown", () =>
          scope.registration.getNotifications(),
        );
        const Click = Reflect.get(self, "NotificationEvent");
        scope.dispatchEvent(new Click("notificationclick", { notification }));
      }),
  };
}

const lastPush = () => JSON.stringify(service.received.at(-1)?.payload);

it("[FACE-21] push is turned on here, tried, shown while every tab is closed, closed when read elsewhere", async () => {
  const desk = await openElsewhere(app);
  const bob = await app.openGuest();
  const name = await nameOf(desk);
  await givePushAddress(desk.context(), `${name} desk`);
  await desk.reload();
  await openSettings(desk);
  await settings(desk).getByRole("button", { name: "Turn on here" }).click();
  await settings(desk).getByText("This browser tells you while the app is closed.").waitFor();
  const device = settings(desk).locator(".mrg-device");
  await device.getByText("(this browser)").waitFor();
  await settings(desk).getByRole("button", { name: "Send a test to all" }).click();
  await device.getByText("The test was taken").waitFor();
  expect(service.received.at(-1)?.payload).toMatchObject({ tag: "test" });
  expect(await listSerious(desk)).toEqual([]);
  await device.scrollIntoViewIfNeeded();
  await shot(desk, "push-on");

  const worker = await openWorker(desk.context());
  await desk.keyboard.press("Escape");
  await desk.goto("about:blank");
  await bob.getByRole("button", { name: /^Show people/ }).click();
  const person = bob.locator(".mrg-person", { hasText: name });
  await person.getByText("Offline", { exact: true }).waitFor();
  service.received.length = 0;
  await say(bob, `@${name} wake up`);
  await expect.poll(() => service.received.length, patience).toBe(1);
  await worker.deliver(lastPush());
  await expect.poll(worker.listShown, patience).toMatchObject([{ body: `@${name} wake up`, tag: "room:general" }]);

  const pocket = await app.openPage({ ...phone, storageState: await desk.context().storageState() });
  await pocket.goto("/rooms/general");
  // Only what is looked at is read.
  await pocket.bringToFront();
  await messageOf(pocket, `@${name} wake up`).waitFor();
  await unreadAt(pocket, 0);
  await expect.poll(() => service.received.at(-1)?.payload, patience).toMatchObject({ close: "room:general" });
  await worker.deliver(lastPush());
  await expect.poll(worker.listShown, patience).toEqual([]);
});

it("[FACE-21] what is pushed can be found and closed, however much else is closed while it comes up", async () => {
  const desk = await openElsewhere(app);
  await desk.context().grantPermissions(["notifications"], { origin: app.server.url });
  await desk.evaluate(async () => {
    await navigator.serviceWorker.register("/push-worker.js");
    await navigator.serviceWorker.ready;
  });
  const worker = await openWorker(desk.context());
  // A page on which nothing is unread closes what is shown.
  await desk.goto("about:blank");
  const tags = Array.from({ length: 20 }, (_, n) => `room:${n}`);
  for (const tag of tags) {
    const pushes = [worker.deliver(JSON.stringify({ title: "Bob", body: "", url: "/", tag }))];
    for (let n = 0; n < 30; n++) {
      // One answer apart, so that they fall into every moment of the showing.
      await worker.deliver(JSON.stringify({ close: "room:other" }));
    }
    await Promise.all(pushes);
  }
  await expect
    .poll(async () => (await worker.listShown()).map(({ tag }) => tag).sort(), patience)
    .toEqual([...tags].sort());
});

it("[FACE-21] a click leads an open tab to the message, however old; signing out ends pushes", async () => {
  const desk = await openElsewhere(app);
  const bob = await app.openGuest();
  const name = await nameOf(desk);
  const device = `${name} desk`;
  await givePushAddress(desk.context(), device);
  await desk.reload();
  await openSettings(desk);
  await settings(desk).getByRole("button", { name: "Turn on here" }).click();
  await settings(desk).getByRole("button", { name: "Turn off here" }).waitFor();
  await desk.keyboard.press("Escape");
  const worker = await openWorker(desk.context());
  await say(bob, `@${name} long ago`);
  await unreadAt(desk, 1);
  // An open page shows it by the worker, so that a push of the same subject takes its place.
  await expect.poll(worker.listShown, patience).toMatchObject([{ tag: "room:general", body: `@${name} long ago` }]);
  // More than one page of what came since.
  for (let n = 0; n < 70; n++) await say(bob, `line ${n}`);
  await messageOf(bob, "line 69").and(bob.locator('[data-state="sent"]')).waitFor();

  const { notifications } = await desk.evaluate(async () => {
    const { token } = await (await fetch("/api/auth/token")).json();
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return await (await fetch("/api/v1/commands/get_notifications", { method: "POST", headers, body: "{}" })).json();
  });
  const { roomId, messageId, seq } = notifications[0].metadata;
  expect(seq).toBeGreaterThan(0);
  const url = `/rooms/${roomId}?message=${messageId}&seq=${seq}`;
  await worker.deliver(JSON.stringify({ title: "Bob", body: "", url, tag: "room:general", unreadCount: 1 }));
  await expect.poll(worker.listShown, patience).toMatchObject([{ title: "Bob" }]);
  await worker.click();
  // As the browser does for a person's own click: a tab that is covered draws nothing.
  await desk.bringToFront();
  await desk.waitForURL(`**${url}`);
  await messageOf(desk, `@${name} long ago`).and(desk.locator("[data-flash]")).waitFor();
  await unreadAt(desk, 0);
  const { y = -1 } = (await messageOf(desk, `@${name} long ago`).boundingBox()) ?? {};
  expect(y > 0 && y < 800).toBe(true);
  await shot(desk, "jump-to-old");

  service.received.length = 0;
  await desk.getByRole("button", { name: /^Account and appearance/ }).click();
  await desk.getByRole("menuitem", { name: "Sign out" }).click();
  await desk.waitForURL("**/sign-in");
  await say(bob, `@${name} nobody hears`);
  await messageOf(bob, `@${name} nobody hears`).and(bob.locator('[data-state="sent"]')).waitFor();
  expect(await desk.evaluate(() => localStorage.getItem("test:subscribed"))).toBeNull();
  expect(await desk.evaluate(() => localStorage.getItem("mirage:push"))).toBeNull();
});

it("[FACE-21] what the browser forbids is said, with what to do; the app can be installed", async () => {
  const ana = await app.openGuest({ ...phone, permissions: [] });
  await ana.context().addInitScript(() => {
    Object.defineProperty(Notification, "permission", { get: () => "denied" });
  });
  await ana.reload();
  await openSettings(ana);
  await settings(ana)
    .getByText(/^This browser forbids it\./)
    .waitFor();
  expect(await settings(ana).getByRole("button", { name: "Turn on here" }).count()).toBe(0);
  expect(await listSerious(ana)).toEqual([]);
  await settings(ana)
    .getByText(/^This browser forbids it\./)
    .scrollIntoViewIfNeeded();
  await shot(ana, "push-denied-phone");
  const manifest = await ana.evaluate(async () => {
    const link = document.querySelector<HTMLLinkElement>("link[rel=manifest]");
    return link ? await (await fetch(link.href)).json() : undefined;
  });
  expect(manifest).toMatchObject({ display: "standalone", start_url: "/rooms" });
  for (const { src } of manifest.icons)
    expect((await ana.request.get(src)).headers()["content-type"]).toBe("image/png");
});

it("[FACE-17] [FACE-18] what is read on one device is gone from the other's list, title, badge and desktop", async () => {
  const desk = await openElsewhere(app);
  const bob = await app.openGuest();
  const name = await nameOf(desk);
  const pocket = await app.openPage({ storageState: await desk.context().storageState() });
  for (const page of [desk, pocket]) {
    await page.context().grantPermissions(["notifications"]);
    // What is shown outside of the page is written down by each page.
    await page.addInitScript(() => {
      const outside = { shown: new Set<string>(), badge: -1 };
      class Popup extends EventTarget {
        static permission = "granted";
        readonly #tag: string;
        constructor(_title: string, { tag }: { tag: string }) {
          super();
          this.#tag = tag;
          outside.shown.add(tag);
        }
        close() {
          outside.shown.delete(this.#tag);
        }
      }
      Object.assign(window, { Notification: Popup, outside });
      Object.assign(Navigator.prototype, {
        setAppBadge: async (count: number) => void Object.assign(outside, { badge: count }),
        clearAppBadge: async () => void Object.assign(outside, { badge: 0 }),
      });
    });
    await page.goto(desk.url());
    await unreadAt(page, 0);
    // What tells people outside of the page is loaded behind it, and clears the badge first.
    await expect.poll(() => page.evaluate(() => Reflect.get(window, "outside").badge), patience).toBe(0);
  }
  const outsideOf = (page: Page) =>
    page.evaluate(() => {
      const { outside } = window as unknown as { outside: { shown: Set<string>; badge: number } };
      return { shown: outside.shown.size, badge: outside.badge };
    });
  await say(bob, `@${name} look up`);
  for (const page of [desk, pocket]) {
    await unreadAt(page, 1);
    await expect.poll(() => page.title(), patience).toMatch(/^\(1\) /);
    await expect.poll(() => outsideOf(page), patience).toEqual({ shown: 1, badge: 1 });
  }
  await bell(pocket).click();
  await desk.getByRole("link", { name: "General" }).click();
  await messageOf(desk, `@${name} look up`).waitFor();
  await panel(pocket).locator(".mrg-note:not([data-unread])", { hasText: "look up" }).waitFor();
  for (const page of [desk, pocket]) {
    await expect.poll(() => outsideOf(page), patience).toEqual({ shown: 0, badge: 0 });
    await expect.poll(() => page.title(), patience).not.toMatch(/^\(/);
  }
});

it("[FACE-22] on a phone, back closes the settings, then the list, then leaves the room; a muted room is grey", async () => {
  const ana = await app.openGuest(phone);
  await ana.getByRole("button", { name: "More about this room" }).tap();
  await ana.getByRole("menuitem", { name: "Room settings" }).tap();
  await ana.getByLabel("Mute").selectOption("For 8 hours");
  await ana
    .getByLabel("Mute")
    .locator("option:checked", { hasText: /^Until / })
    .waitFor({ state: "attached" });
  await ana.getByRole("button", { name: "Close" }).tap();
  const room = ana.url();
  await bell(ana).tap();
  await panel(ana).waitFor();
  await panel(ana).getByRole("button", { name: "Notification settings" }).tap();
  await settings(ana).getByRole("checkbox", { name: "Mentions: Push" }).waitFor();
  await shot(ana, "settings-phone");
  await ana.goBack();
  await settings(ana).waitFor({ state: "detached" });
  await panel(ana).waitFor();
  await ana.goBack();
  await panel(ana).waitFor({ state: "detached" });
  expect(ana.url()).toBe(room);

  await ana.getByRole("button", { name: "Show rooms" }).tap();
  const muted = ana.getByRole("dialog", { name: "Rooms" }).locator(".mrg-room[data-muted]", { hasText: "General" });
  await muted.waitFor();
  expect(await listSerious(ana)).toEqual([]);
  await shot(ana, "muted-phone");
  await ana.goBack();
  await muted.waitFor({ state: "detached" });
  expect(ana.url()).toBe(room);
});
