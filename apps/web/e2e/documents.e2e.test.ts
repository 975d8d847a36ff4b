import { eventually } from "@mirage/testing";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDocument, paste, reads, saved, textOf, wordsOf } from "./document-steps.ts";
import { listSerious } from "./list-serious.ts";
import { messageOf, say, startApp, type TestApp } from "./people.ts";

describe("documents", () => {
  let app: TestApp;
  let ana: Page;
  let bo: Page;
  beforeAll(async () => {
    app = await startApp();
    ana = await app.openMember("ana");
    bo = await app.openMember("bo_lind");
  });
  afterAll(() => app.close());

  it("[FACE-32] two people write in one paragraph, and each sees the other's cursor with the name", async () => {
    const address = await makeDocument(ana, "Shared plan");
    await ana.keyboard.type("Ana began");
    await saved(ana);
    await bo.goto(address);
    await textOf(bo).getByText("Ana began").click();
    await bo.keyboard.press("End");
    await bo.keyboard.type(" and Bo went on");
    await reads(ana, "Ana began and Bo went on");
    await ana.locator(".mrg-caret-name", { hasText: "bo_lind" }).waitFor();
    await ana.getByRole("img", { name: "Here now: bo_lind" }).waitFor();
    await ana.keyboard.press("Home");
    await ana.keyboard.type("Both: ");
    await reads(bo, "Both: Ana began and Bo went on");
    // One takes back what one wrote oneself, and nothing of the other's.
    await ana.keyboard.press("Control+z");
    await eventually(async () => expect(await wordsOf(bo)).toMatch(/^(?!Both).*and Bo went on$/));
  });

  it("[FACE-23] words are commented with a mention, answered, resolved, and keep their quote when they are gone", async () => {
    const address = await makeDocument(ana, "Discussed plan");
    await ana.keyboard.type("questionable");
    await saved(ana);
    await ana.keyboard.press("Control+a");
    await ana.getByRole("button", { name: "Comment on the selection" }).click();
    await ana.getByLabel("Write a comment").fill("Is that so, @bo_lind?");
    await ana.getByRole("button", { name: "Comment", exact: true }).click();
    await textOf(ana).locator(".mrg-commented", { hasText: "questionable" }).waitFor();
    await bo.goto(address);
    await textOf(bo).locator(".mrg-commented", { hasText: "questionable" }).click();
    const thread = bo.getByRole("region", { name: "Comments on “questionable”" });
    await thread.locator(".mrg-mention", { hasText: "@bo_lind" }).waitFor();
    await thread.getByLabel("Reply").fill("It is not");
    await thread.getByLabel("Reply").press("Enter");
    await ana.getByRole("complementary", { name: "Comments" }).getByText("It is not").waitFor();
    // Each key goes to the text, wherever the focus is after what was just answered.
    await textOf(ana).press("Control+a");
    await textOf(ana).press("Delete");
    await thread.getByText("Text was removed").waitFor();
    await thread.getByRole("button", { name: "Resolve" }).click();
    await ana.getByText("No open comments.").waitFor();
  });

  it("[FACE-24] a named version is looked at and restored, for everybody", async () => {
    await makeDocument(ana, "Versioned plan");
    await ana.keyboard.type("as it was");
    await saved(ana);
    await ana.getByRole("button", { name: "Versions" }).click();
    await ana.getByLabel("Name of the version").fill("First draft");
    await ana.keyboard.press("Enter");
    await ana.getByRole("button", { name: /^First draft/ }).waitFor();
    await textOf(ana).click();
    await ana.keyboard.press("Control+a");
    await ana.keyboard.type("all different");
    await saved(ana);
    await ana.getByRole("button", { name: /^First draft/ }).click();
    await ana
      .getByRole("document", { name: /First draft/ })
      .getByText("as it was")
      .waitFor();
    await ana.getByRole("button", { name: "Restore" }).first().click();
    await ana.getByRole("alertdialog").getByRole("button", { name: "Restore" }).click();
    await textOf(ana).getByText("as it was").waitFor();
    await ana.getByRole("button", { name: /^Kept by itself/ }).waitFor();
  });

  it("[FACE-26] a document goes to the trash and comes back, or goes for good after a question", async () => {
    await makeDocument(ana, "Old plan");
    await ana.goto("/documents");
    const menu = () => ana.getByRole("button", { name: "What can be done with Old plan" });
    await menu().click();
    await ana.getByRole("menuitem", { name: "Move to the trash" }).click();
    await menu().waitFor({ state: "detached" });
    await ana.getByRole("button", { name: "Trash" }).click();
    await menu().click();
    await ana.getByRole("menuitem", { name: "Take out of the trash" }).click();
    await ana.getByText("The trash is empty.").waitFor();
    await ana.getByRole("button", { name: "All", exact: true }).click();
    await menu().click();
    await ana.getByRole("menuitem", { name: "Move to the trash" }).click();
    await ana.getByRole("button", { name: "Trash" }).click();
    await menu().click();
    await ana.getByRole("menuitem", { name: "Delete for good…" }).click();
    await ana.getByRole("alertdialog").getByRole("button", { name: "Delete for good" }).click();
    await ana.getByText("The trash is empty.").waitFor();
  });

  it("[FACE-27] whoever may only read sees the text and no tools, and opening it changes nothing", async () => {
    const address = await makeDocument(ana, "Read this");
    await saved(ana);
    const guest = await app.openGuest();
    await guest.getByRole("link", { name: "General" }).waitFor();
    await guest.goto(address);
    await guest.getByText("You can comment").waitFor();
    expect(await textOf(guest).getAttribute("contenteditable")).toBe("false");
    expect(await guest.getByRole("button", { name: "Bold", exact: true }).count()).toBe(0);
    await ana.keyboard.type("still mine");
    await textOf(guest).getByText("still mine").waitFor();
    expect(await guest.locator(".mrg-banner-error").count()).toBe(0);
  });

  it("[FACE-27] [FACE-12] whoever may only read stops at a table that is too wide, and scrolls it by key", async () => {
    const address = await makeDocument(ana, "Wide");
    const row = (cell: (n: number) => string) => `| ${Array.from({ length: 14 }, (_, n) => cell(n)).join(" | ")} |`;
    await paste(ana, {
      "text/plain": [row((n) => `Column ${n}`), row(() => "---"), row((n) => `value ${n}`)].join("\n"),
    });
    await textOf(ana).locator("table").waitFor();
    await saved(ana);
    const guest = await app.openGuest();
    await guest.getByRole("link", { name: "General" }).waitFor();
    await guest.goto(address);
    const wide = textOf(guest).locator(".tableWrapper");
    await wide.focus();
    await guest.keyboard.press("ArrowRight");
    await eventually(async () => (await wide.evaluate((element) => element.scrollLeft)) > 0);
    expect(await listSerious(guest)).toEqual([]);
    // The place behind the table is for those who can write there.
    await guest.keyboard.press("Control+End");
    expect(await guest.locator(".ProseMirror-gapcursor, .mrg-banner-error").count()).toBe(0);
    // Whoever writes in it scrolls it by their caret, and leaves the text by one press.
    expect(await textOf(ana).locator(".tableWrapper").getAttribute("tabindex")).toBeNull();
  });

  it("[FACE-23] with a panel open the tool that comments stays in sight", async () => {
    await makeDocument(ana, "Narrow");
    await ana.getByRole("button", { name: "Versions" }).click();
    await ana.getByRole("complementary", { name: "Versions" }).waitFor();
    const [bar, tool] = [ana.getByRole("toolbar"), ana.locator(".mrg-doc-comment-tool")];
    const [around, box] = [await bar.boundingBox(), await tool.boundingBox()];
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual((around?.x ?? 0) + (around?.width ?? 0) + 1);
  });

  it("[FACE-29] a link to a document in a message is a card with its title and who is in it", async () => {
    const address = await makeDocument(ana, "Carded plan");
    await bo.goto("/rooms/general");
    await say(bo, `see ${address}`);
    const card = messageOf(bo, `see ${address}`)
      .or(bo.locator(".mrg-row"))
      .getByRole("link", { name: /^Carded plan/ });
    await card.waitFor();
    await card.getByRole("img", { name: "In it now: ana" }).waitFor();
    await ana.getByLabel("Title", { exact: true }).fill("Renamed plan");
    await ana.keyboard.press("Enter");
    await bo.getByRole("link", { name: /^Renamed plan/ }).waitFor();
    await bo.getByRole("link", { name: /^Renamed plan/ }).click();
    await bo.waitForURL(address);
  });

  it("[FACE-12] a new document begins in its title, and what is typed there names it", async () => {
    await ana.goto("/documents?room=general");
    await ana.getByRole("button", { name: "New document" }).click();
    const title = ana.getByLabel("Title", { exact: true });
    await title.and(ana.locator(":focus")).waitFor();
    await ana.keyboard.type("Named at once");
    await ana.keyboard.press("Enter");
    // Behind the number of what is unread, where anything is.
    await expect.poll(() => ana.title()).toMatch(/^(\(\d+\) )?Named at once · Mirage$/);
    // Whoever comes back to it finds it as any other.
    await ana.getByRole("link", { name: "Documents", exact: true }).click();
    await ana.getByRole("link", { name: /^Named at once/ }).click();
    await textOf(ana).waitFor();
    expect(await title.and(ana.locator(":focus")).count()).toBe(0);
  });

  it("[FACE-30] the tools are one stop of the tab key, and F6 goes around rooms, tools and text", async () => {
    await makeDocument(ana, "By keyboard");
    const here = () => ana.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    await ana.keyboard.press("Shift+F6");
    await eventually(async () => (await here()) !== null);
    const first = await here();
    await ana.keyboard.press("ArrowRight");
    await eventually(async () => (await here()) !== first);
    await ana.keyboard.press("F6");
    await eventually(async () => (await here()) === "Text of By keyboard");
    await ana.keyboard.type("- a list");
    await ana.keyboard.press("Control+Home");
    await textOf(ana).locator("li", { hasText: "a list" }).waitFor();
  });

  for (const colorScheme of ["light", "dark"] as const) {
    it(`[FACE-25] axe finds nothing serious in the list, the editor and its panels (${colorScheme})`, async () => {
      const page = await app.openMember(`cy_${colorScheme}`, { colorScheme, reducedMotion: "reduce" });
      await makeDocument(page, "Looked at");
      await page.keyboard.type("# Heading");
      await page.keyboard.press("Enter");
      await page.keyboard.type("[ ] a task");
      await saved(page);
      expect(await listSerious(page)).toEqual([]);
      await page.getByRole("button", { name: "Versions" }).click();
      expect(await listSerious(page)).toEqual([]);
      await page.getByRole("button", { name: "Share" }).click();
      await page.getByRole("dialog").getByRole("listitem").first().waitFor();
      expect(await listSerious(page)).toEqual([]);
      await page.goto("/documents");
      await page
        .getByRole("link", { name: /^Looked at/ })
        .first()
        .waitFor();
      expect(await listSerious(page)).toEqual([]);
    });
  }
});

it("[FACE-28] where documents are switched off, the app shows nothing of them", async () => {
  const app = await startApp({ ENABLE_COLLABORATIVE_EDITING: "false" });
  try {
    const ana = await app.openGuest();
    await ana.getByRole("link", { name: "General" }).waitFor();
    expect(await ana.getByRole("link", { name: "Documents" }).count()).toBe(0);
    await ana.goto("/documents");
    await ana.getByText("Documents are switched off here").waitFor();
  } finally {
    await app.close();
  }
});
