// What journeys of notifications do again and again.
import type { Page } from "playwright-core";
import type { TestApp } from "./people.ts";

export const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** What says how many are unread, and opens the list. */
export const bell = (page: Page) => page.getByRole("button", { name: /^Notifications/ });
export const panel = (page: Page) => page.getByRole("dialog", { name: "Notifications" });
/** Takes a picture where `SHOTS` names a folder for them. */
export const shot = (page: Page, name: string) =>
  process.env.SHOTS ? page.screenshot({ path: `${process.env.SHOTS}/${name}.png` }) : undefined;

/** What others call whoever sits at this page. */
export async function nameOf(page: Page): Promise<string> {
  const account = page.getByRole("button", { name: /^Account and appearance: / });
  return (await account.getAttribute("aria-label"))?.replace("Account and appearance: ", "") ?? "";
}

/** Has the bell say how many are unread; none says nothing. */
export const unreadAt = (page: Page, count: number) =>
  page
    .getByRole("button", { name: count === 0 ? "Notifications" : `Notifications: ${count} unread`, exact: true })
    .waitFor();

/** Someone with a room of their own in view, so that what is said in the first room waits to be read. */
export async function openElsewhere(app: TestApp, options = {}): Promise<Page> {
  const page = await app.openGuest(options);
  await page.getByRole("button", { name: "Create a room" }).click();
  await page.getByLabel("Name").fill("Workshop");
  await page.getByRole("button", { name: "Create room" }).click();
  await page.getByRole("heading", { name: "Workshop", exact: true }).waitFor();
  return page;
}
