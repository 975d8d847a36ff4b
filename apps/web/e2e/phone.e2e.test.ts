import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { messageOf, say, startApp, type TestApp } from "./people.ts";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

/** Puts a finger down, moves it, and lifts it when `meanwhile` is done. */
async function touch(page: Page, path: { x: number; y: number }[], meanwhile: () => Promise<void>): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const [first, ...more] = path;
  if (!first) return;
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [first] });
  for (const point of more) await session.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: [point] });
  await meanwhile();
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

it("[FACE-13] on a phone there is one pane; the drawer opens by button and swipe, and back closes it first", async () => {
  const ana = await app.openGuest(phone);
  const drawer = ana.getByRole("dialog", { name: "Rooms" });
  const title = ana.getByRole("heading", { name: "General", exact: true });
  expect(await title.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)).toBe(true);
  expect(await ana.getByRole("link", { name: "General" }).count()).toBe(0);
  await ana.getByRole("button", { name: "Show rooms" }).click();
  await drawer.getByRole("link", { name: "General" }).waitFor();
  await ana.goBack();
  await drawer.waitFor({ state: "detached" });
  expect(new URL(ana.url()).pathname).toBe("/rooms/general");

  const swipe = [5, 40, 90, 140].map((x) => ({ x, y: 400 }));
  await touch(ana, swipe, () => drawer.waitFor());
  await drawer.getByRole("link", { name: "Mirage" }).click();
  await ana.waitForURL("**/rooms");
  await ana.getByRole("link", { name: "General" }).click();
  await ana.waitForURL("**/rooms/general");
});

it("[FACE-13] a room that is made from the drawer is in view, and back leads to the one before", async () => {
  const ana = await app.openGuest(phone);
  await ana.getByRole("button", { name: "Show rooms" }).tap();
  const drawer = ana.getByRole("dialog", { name: "Rooms" });
  await drawer.getByRole("button", { name: "Create a room" }).tap();
  await ana.getByLabel("Name").fill("Workshop");
  await ana.getByRole("button", { name: "Create room" }).tap();
  await drawer.waitFor({ state: "detached" });
  await ana.getByRole("heading", { name: "Workshop", exact: true }).waitFor();
  await ana.goBack();
  await ana.getByRole("heading", { name: "General", exact: true }).waitFor();
  expect(new URL(ana.url()).pathname).toBe("/rooms/general");
});

it("[FACE-14] a long press opens what the hover bar offers, and lifting the finger chooses nothing", async () => {
  const ana = await app.openGuest(phone);
  await say(ana, "hold me");
  await messageOf(ana, "hold me").and(ana.locator('[data-state="sent"]')).waitFor();
  const box = await messageOf(ana, "hold me").locator(".mrg-content").boundingBox();
  if (!box) throw new Error("the message has no place");
  const sheet = ana.getByRole("dialog", { name: "Message actions" });
  await touch(ana, [{ x: box.x + 15, y: box.y + 10 }], () => sheet.waitFor());
  await sheet.getByRole("button", { name: "👍" }).tap();
  await messageOf(ana, "hold me").getByRole("button", { name: "👍, 1" }).waitFor();
  expect(await sheet.count()).toBe(0);
});

it("[FACE-13] fields do not make a phone zoom, and what is tapped is large enough", async () => {
  const ana = await app.openGuest(phone);
  const composer = ana.getByLabel("Write a message");
  expect(
    await composer.evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize)),
  ).toBeGreaterThanOrEqual(16);
  // Some stand in the header of wide screens alone.
  const buttons = await ana.locator(":is(.mrg-header, .mrg-composer-box) button:visible").all();
  expect(buttons.length).toBeGreaterThan(2);
  for (const button of buttons) {
    const box = await button.boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(38);
  }
});
