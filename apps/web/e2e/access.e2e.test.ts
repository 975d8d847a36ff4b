import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { listSerious } from "./list-serious.ts";
import { messageOf, say, startApp, type TestApp } from "./people.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

for (const colorScheme of ["light", "dark"] as const) {
  it(`[FACE-11] axe finds nothing serious (${colorScheme})`, async () => {
    const stranger = await app.openPage({ colorScheme });
    await stranger.goto("/sign-in");
    await stranger.getByRole("button", { name: "Continue as guest" }).waitFor();
    expect(await listSerious(stranger)).toEqual([]);

    const ana = await app.openGuest({ colorScheme, reducedMotion: "reduce" });
    await say(ana, "A *message* with `code`, a https://example.com/link and @everyone");
    await messageOf(ana, "code").first().hover();
    await ana.getByRole("button", { name: /^Show people/ }).click();
    expect(await listSerious(ana)).toEqual([]);
    // What stands in no landmark is passed over by whoever goes from one to the next.
    const { violations } = await new AxeBuilder({ page: ana }).withRules("region").analyze();
    expect(violations).toEqual([]);
    await messageOf(ana, "code").first().hover();
    await ana.getByRole("button", { name: "More actions" }).click();
    expect(await listSerious(ana)).toEqual([]);
    await ana.keyboard.press("Escape");
    await ana.getByRole("button", { name: "Create a room" }).click();
    expect(await listSerious(ana)).toEqual([]);
  });
}

it("[FACE-12] signing in, writing, reacting, replying and deleting work by keyboard alone", async () => {
  await say(await app.openGuest(), "there before");
  const ana = await app.openPage();
  await ana.goto("/sign-in");
  const guest = ana.getByRole("button", { name: "Continue as guest" });
  await guest.waitFor();
  await tabTo(ana, () => guest.evaluate((element) => element === document.activeElement));
  await ana.keyboard.press("Enter");
  const composer = ana.getByLabel("Write a message");
  await composer.waitFor();
  // Once around, over an older message in the list: what is written afterwards is still the first to be met there.
  await ana.locator(".mrg-row").first().waitFor();
  await tabTo(ana, async () => (await ana.locator(".mrg-row:focus").count()) === 1, "F6");
  await ana.keyboard.press("F6");
  await tabTo(ana, () => composer.evaluate((element) => element === document.activeElement), "F6");
  await ana.keyboard.type("typed by hand");
  await ana.keyboard.press("Enter");
  await messageOf(ana, "typed by hand").and(ana.locator('[data-state="sent"]')).waitFor();

  await ana.keyboard.press("Shift+F6");
  await ana.keyboard.press("Enter");
  await ana.locator("[role=menuitem][data-highlighted]").waitFor();
  await ana.keyboard.press("Enter");
  await messageOf(ana, "typed by hand").getByRole("button", { name: "👍, 1" }).waitFor();

  // The menu has closed: its message has the focus again.
  await ana.locator(".mrg-row:focus").waitFor();
  await ana.keyboard.press("Enter");
  await chooseByTyping(ana, "Reply");
  await ana.getByText(/^Replying to/).waitFor();
  await ana.keyboard.type("an answer");
  await ana.keyboard.press("Enter");
  await messageOf(ana, "an answer").and(ana.locator('[data-state="sent"]')).waitFor();

  // The newest is met first; the one before it is an arrow away.
  await ana.keyboard.press("Shift+F6");
  await ana.locator(".mrg-row:focus", { hasText: "an answer" }).waitFor();
  await ana.keyboard.press("ArrowUp");
  await ana.locator(".mrg-row:focus").filter({ hasNotText: "an answer" }).waitFor();
  await ana.keyboard.press("Enter");
  await chooseByTyping(ana, "Delete");
  const confirm = ana.getByRole("alertdialog").getByRole("button", { name: "Delete" });
  await confirm.waitFor();
  await tabTo(ana, () => confirm.evaluate((element) => element === document.activeElement));
  await ana.keyboard.press("Enter");
  await ana.locator(".mrg-tombstone").waitFor();
  expect(await ana.locator(".mrg-content", { hasText: "typed by hand" }).count()).toBe(0);
});

/** Chooses an item of the open menu by its first letters. */
async function chooseByTyping(page: Page, name: string): Promise<void> {
  const highlighted = page.locator("[role=menuitem][data-highlighted]");
  await highlighted.waitFor();
  await page.keyboard.type(name.slice(0, 3));
  await highlighted.filter({ hasText: name }).waitFor();
  await page.keyboard.press("Enter");
}

async function tabTo(page: Page, isThere: () => Promise<boolean>, key = "Tab"): Promise<void> {
  for (let presses = 0; presses < 30; presses++) {
    if (await isThere()) return;
    await page.keyboard.press(key);
  }
  throw new Error(`not reached by ${key}`);
}
