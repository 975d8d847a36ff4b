import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDocument, paste, saved, textOf } from "./document-steps.ts";
import { listSerious } from "./list-serious.ts";
import { startApp, type TestApp } from "./people.ts";

const phone = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  reducedMotion: "reduce",
} as const;

const longText = `# Heading

Words **in bold**, and aVeryLongWordWithoutAnySpaceInItThatWouldNotFitIntoTheWidthOfAPhoneByItself.

| Name | What | When | Who | Cost |
| --- | --- | --- | --- | --- |
| Alpha | something | Wednesday | Ana | 12 |

\`\`\`
const aLineOfCodeThatIsLonger = await than(thePhone, isWide);
\`\`\`

- [ ] a task

שלום עולם`;

async function boxOf(locator: Locator) {
  const box = await locator.boundingBox();
  if (!box) throw new Error("it is not on the screen");
  return box;
}

/** How far the page can be scrolled sideways, which it should not be. */
function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

describe("documents on a phone", () => {
  let app: TestApp;
  let ana: Page;
  let address: string;
  beforeAll(async () => {
    app = await startApp();
    const desk = await app.openMember("ana");
    address = await makeDocument(desk, "A plan with a title that is far too long for the header of any phone there is");
    await paste(desk, { "text/plain": longText });
    await textOf(desk).locator("pre").waitFor();
    await saved(desk);
    ana = await app.openPage({ ...phone, storageState: await desk.context().storageState() });
    await desk.context().close();
  });
  afterAll(() => app.close());

  it("[FACE-38] the tools stand below the text and scroll; what is tapped is large enough, and the page is not too wide", async () => {
    await ana.goto(address);
    await textOf(ana).locator("h1").waitFor();
    const [tools, text] = [await boxOf(ana.getByRole("toolbar")), await boxOf(ana.locator(".mrg-doc-scroll"))];
    expect(tools.y).toBeGreaterThanOrEqual(text.y + text.height - 1);
    expect(tools.y + tools.height).toBeLessThanOrEqual(844);
    expect(await overflowOf(ana)).toBe(0);
    for (const button of await ana.locator(".mrg-doc-header button, .mrg-doc-toolbar button").all()) {
      const { width, height } = await boxOf(button);
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(44);
    }
    const comment = await boxOf(ana.locator(".mrg-doc-comment-tool"));
    expect(comment.x + comment.width).toBeLessThanOrEqual(391);
    const title = ana.getByLabel("Title", { exact: true });
    expect(await title.evaluate((field) => Number.parseFloat(getComputedStyle(field).fontSize))).toBeGreaterThanOrEqual(
      16,
    );
    expect((await boxOf(title)).width).toBeGreaterThan(150);
    // A table keeps its words whole and scrolls by itself.
    const cell = await boxOf(textOf(ana).locator("th", { hasText: "Name" }));
    expect(cell.width).toBeGreaterThanOrEqual(80);
  });

  it("[FACE-38] comments and versions come up as a sheet below the text, and back closes it first", async () => {
    await ana.goto("/documents");
    await ana.getByRole("link", { name: /^A plan with/ }).tap();
    await ana.waitForURL(address);
    await textOf(ana).locator("h1").waitFor();
    for (const name of ["Comments", "Versions"]) {
      if (name === "Versions") await ana.getByRole("button", { name: "More actions" }).tap();
      await ana.getByRole(name === "Versions" ? "menuitem" : "button", { name, exact: true }).tap();
      const sheet = ana.getByRole("complementary", { name });
      const { x, y, width, height } = await boxOf(sheet);
      expect([x, width, Math.round(y + height)]).toEqual([0, 390, 844]);
      expect(await overflowOf(ana)).toBe(0);
      const text = await boxOf(ana.locator(".mrg-doc-scroll"));
      expect(text.y + text.height).toBeLessThanOrEqual(y + 1);
      expect(text.height).toBeGreaterThan(150);
      await ana.goBack();
      await sheet.waitFor({ state: "detached" });
      expect(ana.url()).toBe(address);
    }
    await ana.goBack();
    await ana.waitForURL(/\/documents$/);
  });

  it("[FACE-38] sharing comes up from below, and the focus goes back to where it was opened", async () => {
    await ana.goto(address);
    await ana.getByRole("button", { name: "More actions" }).tap();
    await ana.getByRole("menuitem", { name: "Share" }).tap();
    const dialog = ana.getByRole("dialog", { name: "Who may see this document" });
    await dialog.getByRole("listitem").first().waitFor();
    const { x, y, width, height } = await boxOf(dialog);
    expect([x, width, Math.round(y + height)]).toEqual([0, 390, 844]);
    await ana.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await ana.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("More actions");
  });

  // What is written in is scrolled by its caret, which axe does not know of.
  const listFaults = async () =>
    (await listSerious(ana)).filter((fault) => !fault.startsWith("scrollable-region-focusable: .tableWrapper"));

  for (const colorScheme of ["light", "dark"] as const) {
    it(`[FACE-25] axe finds nothing serious on a phone, mirrored or not (${colorScheme})`, async () => {
      await ana.emulateMedia({ colorScheme });
      await ana.goto(address);
      await textOf(ana).locator("h1").waitFor();
      for (const dir of ["ltr", "rtl"]) {
        await ana.evaluate((to) => document.documentElement.setAttribute("dir", to), dir);
        expect(await listFaults()).toEqual([]);
        await ana.getByRole("button", { name: "Comments", exact: true }).tap();
        await ana.getByRole("complementary", { name: "Comments" }).waitFor();
        expect(await listFaults()).toEqual([]);
        expect(await overflowOf(ana)).toBe(0);
        await ana.getByRole("complementary").getByRole("button", { name: "Close" }).tap();
      }
      await ana.goto("/documents");
      await ana.getByRole("link", { name: /^A plan with/ }).waitFor();
      expect(await listFaults()).toEqual([]);
      expect(await overflowOf(ana)).toBe(0);
    });
  }
});
