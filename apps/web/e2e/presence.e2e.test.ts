import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startApp, type TestApp } from "./people.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const statusButton = (page: Page) => page.getByRole("button", { name: /Set your status$/ }).filter({ visible: true });

/** The others in the list of people. */
const otherIn = (page: Page) => page.locator(".mrg-person").filter({ hasNotText: "(you)" });

async function choose(page: Page, status: string, text?: string): Promise<void> {
  await statusButton(page).click();
  await page.getByRole("radio", { name: new RegExp(`^${status}`) }).check();
  if (text !== undefined) await page.getByLabel("What are you up to?").fill(text);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByLabel("What are you up to?").waitFor({ state: "detached" });
}

it("[FACE-15] how another is shows beside them; one's own status is chosen, cleared and hidden", async () => {
  const ana = await app.openGuest();
  const bob = await app.openGuest();
  await ana.getByRole("button", { name: /^Show people/ }).click();
  const seen = otherIn(ana);
  await seen.getByText("Online", { exact: true }).waitFor();

  await choose(bob, "Do not disturb", "Writing a letter");
  await seen.getByText("Do not disturb", { exact: true }).waitFor();
  await seen.getByText("Writing a letter").waitFor();
  await statusButton(bob).filter({ hasText: "Writing a letter" }).waitFor();

  // It stands by itself: a reload finds it again.
  await bob.reload();
  await statusButton(bob).filter({ hasText: "Writing a letter" }).waitFor();

  await choose(bob, "Invisible");
  await seen.getByText("Offline", { exact: true }).waitFor();
  expect(await seen.getByText("Writing a letter").count()).toBe(0);
  await statusButton(bob).filter({ hasText: "Invisible" }).waitFor();

  await statusButton(bob).click();
  await bob.getByRole("radio", { name: "Online" }).check();
  await bob.getByRole("button", { name: "Clear", exact: true }).click();
  const { violations } = await new AxeBuilder({ page: bob }).analyze();
  expect(violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id }) => id)).toEqual(
    [],
  );
  if (process.env.SHOTS) await bob.screenshot({ path: `${process.env.SHOTS}/status.png` });
  await bob.getByRole("button", { name: "Save" }).click();
  await seen.getByText("Online", { exact: true }).waitFor();
  if (process.env.SHOTS) await ana.screenshot({ path: `${process.env.SHOTS}/people.png` });

  // A conversation of two carries the other's mark in the list of rooms.
  await seen.getByRole("button", { name: /^Message / }).click();
  const direct = ana.locator(".mrg-room", { has: ana.locator(".mrg-person-avatar") }).filter({ visible: true });
  await direct.getByText("Online", { exact: true }).waitFor();
  if (process.env.SHOTS) await ana.screenshot({ path: `${process.env.SHOTS}/direct.png` });
  await bob.context().close();
  await direct.getByText("Offline", { exact: true }).waitFor();
});
