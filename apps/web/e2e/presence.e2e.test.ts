import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { listSerious } from "./list-serious.ts";
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
  expect(await seen.getAttribute("title")).toMatch(/^Last seen /);
  await statusButton(bob).filter({ hasText: "Invisible" }).waitFor();

  await statusButton(bob).click();
  await bob.getByRole("radio", { name: "Online" }).check();
  await bob.getByRole("button", { name: "Clear", exact: true }).click();
  expect(await listSerious(bob)).toEqual([]);
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

it("[FACE-15] when a status clears is shown as it is changed, here and after a reload, and kept with other words", async () => {
  const ana = await app.openGuest();
  const clear = ana.getByLabel("Clear after");
  await statusButton(ana).click();
  expect(await clear.inputValue()).toBe("never");
  await clear.selectOption("1 hour");
  await ana.getByLabel("What are you up to?").fill("Having tea");
  await ana.getByRole("button", { name: "Save" }).click();
  await statusButton(ana).filter({ hasText: "Having tea" }).waitFor();
  const end = () => clear.locator("option:checked", { hasText: /^Until / });
  await statusButton(ana).click();
  await end().waitFor({ state: "attached" });
  const said = await end().textContent();
  if (process.env.SHOTS) await ana.screenshot({ path: `${process.env.SHOTS}/status-until.png` });

  await ana.reload();
  await choose(ana, "Do not disturb", "Having cake");
  await statusButton(ana).filter({ hasText: "Having cake" }).click();
  await end().waitFor({ state: "attached" });
  expect(await end().textContent()).toBe(said);
  await clear.selectOption("Never");
  await ana.getByRole("button", { name: "Save" }).click();
  await clear.waitFor({ state: "detached" });
  await statusButton(ana).click();
  await ana.getByRole("button", { name: "Save" }).and(ana.locator(":enabled")).waitFor();
  expect(await clear.inputValue()).toBe("never");
});

it("[FACE-15] a status chosen on one device shows on the other, and a reload of one flickers to nobody", async () => {
  const desk = await app.openGuest();
  const bob = await app.openGuest();
  const account = desk.getByRole("button", { name: /^Account and appearance: / });
  const name = (await account.getAttribute("aria-label"))?.replace("Account and appearance: ", "") ?? "";
  const pocket = await app.openPage({ storageState: await desk.context().storageState() });
  await pocket.goto(desk.url());
  await choose(desk, "Do not disturb", "Deep in thought");
  await statusButton(pocket).filter({ hasText: "Deep in thought" }).waitFor();
  await choose(pocket, "Online", "Back again");
  await statusButton(desk).filter({ hasText: "Back again" }).waitFor();

  await bob.getByRole("button", { name: /^Show people/ }).click();
  const seen = bob.locator(".mrg-person", { hasText: name });
  await seen.getByText("Back again").waitFor();
  // Whoever goes moves to another part of the list, so all of it is watched.
  await bob.locator(".mrg-people-list").evaluate((list, who) => {
    const texts = new Set<string>();
    const note = () => {
      for (const person of list.querySelectorAll(".mrg-person")) {
        if (person.textContent.includes(who)) texts.add(person.textContent);
      }
    };
    new MutationObserver(note).observe(list, { subtree: true, childList: true, characterData: true });
    note();
    Object.assign(window, { texts });
  }, name);
  // The last one to reload is alone: the other device has gone for good.
  await desk.reload();
  await statusButton(desk).filter({ hasText: "Back again" }).waitFor();
  await pocket.context().close();
  await desk.reload();
  await statusButton(desk).filter({ hasText: "Back again" }).waitFor();
  // A going would be told when the grace of a reload is over.
  const reloadedAt = Date.now();
  await expect.poll(() => Date.now() - reloadedAt, { timeout: 10_000 }).toBeGreaterThan(6_000);
  await choose(desk, "Away", "Gone to lunch");
  await seen.getByText("Gone to lunch").waitFor();
  const texts = await bob.evaluate(() => [...(window as unknown as { texts: Set<string> }).texts]);
  expect(texts.length).toBeGreaterThan(1);
  expect(texts.filter((text) => text.includes("Offline"))).toEqual([]);
});
