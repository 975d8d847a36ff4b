import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bell, nameOf, openElsewhere, panel, phone, shot, unreadAt } from "./bell.ts";
import { listSerious } from "./list-serious.ts";
import { messageOf, say, startApp, type TestApp } from "./people.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const notes = (page: Page) => panel(page).locator(".mrg-note-open");

it("[FACE-16] [FACE-17] [FACE-18] mentions stand on both devices, lead to their message, and are read on both", async () => {
  const ana = await openElsewhere(app);
  const bob = await app.openGuest();
  const name = await nameOf(ana);
  const pocket = await app.openPage({
    ...phone,
    colorScheme: "dark",
    storageState: await ana.context().storageState(),
  });
  await pocket.goto("/rooms");
  await unreadAt(pocket, 0);
  await say(bob, `@${name} first`);
  await say(bob, `@${name} second`);
  for (const page of [ana, pocket]) {
    await unreadAt(page, 2);
    await expect.poll(() => page.title()).toMatch(/^\(2\) /);
  }
  expect(await ana.locator("link[rel=icon]").first().getAttribute("href")).toBe("/icon-unread.svg");

  // Both are of one room: one line, which opens.
  await bell(ana).click();
  await notes(ana).filter({ hasText: "1 more" }).click();
  expect(await notes(ana).count()).toBe(3);
  expect(await listSerious(ana)).toEqual([]);
  await shot(ana, "centre");
  await bell(pocket).tap();
  await notes(pocket).first().waitFor();
  expect(await listSerious(pocket)).toEqual([]);
  await shot(pocket, "centre-phone-dark");

  await notes(ana).filter({ hasText: "first" }).click();
  await ana.waitForURL("**/rooms/general?message=*");
  await messageOf(ana, `@${name} first`).and(ana.locator("[data-flash]")).waitFor();
  // The room is in view, so both are read: here and there.
  for (const page of [ana, pocket]) {
    await expect.poll(() => page.title()).not.toMatch(/^\(/);
  }
  await panel(pocket).getByRole("button", { name: "Unread", exact: true }).tap();
  await panel(pocket).getByText("You have read everything.").waitFor();
  await panel(pocket).getByRole("button", { name: "Close" }).tap();
  await unreadAt(pocket, 0);
  expect(await ana.locator("link[rel=icon]").first().getAttribute("href")).not.toBe("/icon-unread.svg");
});

it("[FACE-16] [FACE-17] by keyboard alone: open, move, delete, read all, and back to the bell", async () => {
  const ana = await openElsewhere(app);
  const bob = await app.openGuest();
  const second = await app.openPage({ storageState: await ana.context().storageState() });
  const name = await nameOf(ana);
  await second.goto(ana.url());
  await unreadAt(second, 0);
  for (const word of ["one", "two", "three"]) await say(bob, `@${name} ${word}`);
  await unreadAt(ana, 3);

  await bell(ana).focus();
  await ana.keyboard.press("Enter");
  const group = notes(ana).filter({ hasText: "2 more" });
  await group.waitFor();
  await group.focus();
  await ana.keyboard.press("Enter");
  for (const word of ["three", "two", "one"]) {
    await ana.keyboard.press("ArrowDown");
    await ana.locator(".mrg-note-open:focus", { hasText: word }).waitFor();
  }
  await ana.keyboard.press("ArrowUp");
  await ana.keyboard.press("Delete");
  await unreadAt(second, 2);
  // The focus stays in the list, on a neighbour.
  await ana.locator(".mrg-note-open:focus", { hasText: "one" }).waitFor();
  await panel(ana).getByRole("button", { name: "Mark all as read" }).focus();
  await ana.keyboard.press("Enter");
  await unreadAt(second, 0);
  await ana.keyboard.press("Escape");
  await panel(ana).waitFor({ state: "detached" });
  expect(await bell(ana).evaluate((element) => element === document.activeElement)).toBe(true);
});

it("[FACE-19] a room that is to tell nothing stays silent; a message says why; settings stand on all devices", async () => {
  const ana = await openElsewhere(app, { colorScheme: "dark" });
  const bob = await app.openGuest();
  const name = await nameOf(ana);
  await ana.getByRole("link", { name: "General" }).click();
  await ana.getByRole("heading", { name: "General", exact: true }).waitFor();
  await ana.getByRole("button", { name: "Room settings" }).click();
  await ana.getByLabel("Tell me of").selectOption("Nothing");
  await ana.getByLabel("Mute").selectOption("For 8 hours");
  await ana
    .getByLabel("Mute")
    .locator("option:checked", { hasText: /^Until / })
    .waitFor({ state: "attached" });
  expect(await listSerious(ana)).toEqual([]);
  await shot(ana, "room-settings");
  await ana.keyboard.press("Escape");
  await ana.getByRole("link", { name: "Workshop" }).click();
  await ana.getByRole("heading", { name: "Workshop", exact: true }).waitFor();
  await say(bob, `@${name} silent`);
  // What was said is there, and the bell says nothing.
  await ana.getByRole("link", { name: /^General.* unread$|^General.* mentions$/ }).waitFor();
  await unreadAt(ana, 0);

  await ana.getByRole("link", { name: "General" }).click();
  await messageOf(ana, `@${name} silent`).hover();
  await ana.getByRole("button", { name: "More actions" }).click();
  await ana.getByRole("menuitem", { name: "Why was I told, or not?" }).click();
  const why = ana.getByRole("dialog", { name: "Why was I told, or not?" });
  await why.getByText("you want to know nothing of this room").first().waitFor();
  expect(await listSerious(ana)).toEqual([]);
  await shot(ana, "why");
  await why.getByRole("button", { name: "Close" }).click();

  await bell(ana).click();
  await panel(ana).getByRole("button", { name: "Notification settings" }).click();
  const settings = ana.getByRole("dialog", { name: "Notification settings" });
  await settings.getByRole("checkbox", { name: "Mentions: Sound" }).uncheck();
  await settings.getByRole("checkbox", { name: "Quiet hours" }).check();
  await settings.getByLabel("From").waitFor();
  await settings.getByLabel("Be quiet").selectOption("For 1 hour");
  await settings.locator("option:checked", { hasText: /^Until / }).waitFor({ state: "attached" });
  await settings.getByLabel("New word").fill("deploy");
  await settings.getByLabel("New word").press("Enter");
  await settings.getByRole("button", { name: "Remove “deploy”" }).waitFor();
  expect(await listSerious(ana)).toEqual([]);
  await shot(ana, "settings");
  const pocket = await app.openPage({ ...phone, storageState: await ana.context().storageState() });
  await pocket.goto("/rooms");
  await bell(pocket).tap();
  await panel(pocket).getByRole("button", { name: "Notification settings" }).tap();
  const there = pocket.getByRole("dialog", { name: "Notification settings" });
  await there.getByRole("checkbox", { name: "Mentions: Sound" }).waitFor();
  expect(await there.getByRole("checkbox", { name: "Mentions: Sound" }).isChecked()).toBe(false);
  expect(await there.getByRole("checkbox", { name: "Quiet hours" }).isChecked()).toBe(true);
  await there.getByText("deploy", { exact: true }).waitFor();
  await shot(pocket, "settings-phone");
  await settings.getByRole("checkbox", { name: "Mentions: Sound" }).check();
  await expect.poll(() => there.getByRole("checkbox", { name: "Mentions: Sound" }).isChecked()).toBe(true);
});

it("[CLI-7] of two tabs one shows it on the desktop, and what is read disappears", async () => {
  const ana = await openElsewhere(app);
  const bob = await app.openGuest();
  const name = await nameOf(ana);
  await ana.context().grantPermissions(["notifications"]);
  // What is shown outside of the page is written down by each page.
  await ana.context().addInitScript(() => {
    const shown = new Map<string, string>();
    class Popup extends EventTarget {
      static permission = "granted";
      readonly #tag: string;
      constructor(title: string, { tag }: { tag: string }) {
        super();
        this.#tag = tag;
        shown.set(tag, title);
      }
      close() {
        shown.delete(this.#tag);
      }
    }
    Object.assign(window, { Notification: Popup, shown });
  });
  const tabs = [ana, await ana.context().newPage()];
  for (const tab of tabs) {
    await tab.goto(ana.url());
    await unreadAt(tab, 0);
  }
  const shown = async () => {
    const perTab = tabs.map((tab) =>
      tab.evaluate(() => (window as unknown as { shown: Map<string, string> }).shown.size),
    );
    return (await Promise.all(perTab)).reduce((sum, count) => sum + count, 0);
  };
  await say(bob, `@${name} look up`);
  for (const tab of tabs) await unreadAt(tab, 1);
  await expect.poll(shown).toBe(1);
  await bell(ana).click();
  await panel(ana).getByRole("button", { name: "Mark all as read" }).click();
  await expect.poll(shown).toBe(0);
});

it("[FACE-20] where notifications are switched off, nothing of them is offered", async () => {
  const quiet = await startApp({ ENABLE_NOTIFICATIONS: "false" });
  try {
    const ana = await quiet.openGuest();
    await say(ana, "hello");
    await messageOf(ana, "hello").and(ana.locator('[data-state="sent"]')).waitFor();
    await messageOf(ana, "hello").hover();
    await ana.getByRole("button", { name: "More actions" }).click();
    await ana.getByRole("menuitem", { name: "Copy text" }).waitFor();
    expect(await ana.getByRole("menuitem", { name: /told/ }).count()).toBe(0);
    expect(await bell(ana).count()).toBe(0);
  } finally {
    await quiet.close();
  }
});
