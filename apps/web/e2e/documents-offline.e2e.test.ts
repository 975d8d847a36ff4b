import { eventually } from "@mirage/testing";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDocument, patienceMs, reads, saved, textOf, wordsOf } from "./document-steps.ts";
import { startApp, type TestApp } from "./people.ts";

function setOffline(pages: readonly Page[], isOffline: boolean) {
  return Promise.all(pages.map((page) => page.context().setOffline(isOffline)));
}

function waitsOffline(page: Page): Promise<void> {
  return page.getByText(/^Offline – \d+ changes?$/).waitFor({ timeout: patienceMs });
}

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

  /** Ana begins a document with these words, Bo stands behind them. */
  async function share(title: string, words: string): Promise<string> {
    const address = await makeDocument(ana, title);
    await ana.keyboard.type(words);
    await saved(ana);
    await bo.goto(address);
    await textOf(bo).getByText(words).click();
    await bo.keyboard.press("End");
    return address;
  }

  it("[FACE-35] a caret stays where it was just put, while somebody else moves theirs and writes", async () => {
    await share("Busy plan", "middle");
    await ana.keyboard.press("Enter");
    await ana.keyboard.type("Ana");
    await bo.keyboard.press("Home");
    let isOver = false;
    const write = async () => {
      for (let at = 0; !isOver; at++) await bo.keyboard.press(at % 3 === 0 ? "x" : at % 3 === 1 ? "End" : "Home");
    };
    const written = write();
    for (let round = 0; round < 30; round++) {
      await ana.keyboard.press("Home");
      await ana.keyboard.type("(");
      await ana.keyboard.press("End");
      await ana.keyboard.type(")");
    }
    isOver = true;
    await written;
    expect(await wordsOf(ana)).toContain(`${"(".repeat(30)}Ana${")".repeat(30)}`);
    await saved(ana);
    await saved(bo);
    await eventually(async () => expect(await wordsOf(bo)).toBe(await wordsOf(ana)), { timeoutMs: patienceMs });
  });

  it("[FACE-33] what two wrote offline is kept, counted, and merged, each in its place, when they are back", async () => {
    await share("Offline plan", "middle");
    await setOffline([ana, bo], true);
    await ana.keyboard.press("Home");
    await ana.keyboard.type("left ");
    await bo.keyboard.press("End");
    await bo.keyboard.type(" right");
    for (const page of [ana, bo]) await waitsOffline(page);
    await reads(ana, "left middle");
    await reads(bo, "middle right");
    await setOffline([ana, bo], false);
    for (const page of [ana, bo]) {
      await reads(page, "left middle right");
      await saved(page);
    }
  });

  it("[FACE-33] one writes offline while another goes on, and both have the same then", async () => {
    await share("Half offline", "middle");
    await setOffline([bo], true);
    await bo.keyboard.type(" offline");
    await bo.keyboard.press("Enter");
    await bo.keyboard.type("- a point");
    await waitsOffline(bo);
    await ana.keyboard.press("Home");
    await ana.keyboard.type("online ");
    await saved(ana);
    await setOffline([bo], false);
    for (const page of [ana, bo]) {
      await textOf(page).locator("li", { hasText: "a point" }).waitFor({ timeout: patienceMs });
      await reads(page, "online middle offlinea point");
    }
  });

  it("[FACE-33] what was written offline in a tab that was closed is merged once when it is opened again", async () => {
    const address = await share("Closed plan", "before");
    await saved(bo);
    await setOffline([bo], true);
    await bo.keyboard.type(" kept");
    await waitsOffline(bo);
    await reads(bo, "before kept");
    await bo.close();
    await ana.keyboard.press("Home");
    await ana.keyboard.type("meanwhile ");
    await saved(ana);
    const [context] = [bo.context()];
    bo = await context.newPage();
    await context.setOffline(false);
    await bo.goto(address);
    for (const page of [ana, bo]) await reads(page, "meanwhile before kept");
    await saved(bo);
    await bo.reload();
    for (const page of [ana, bo]) await reads(page, "meanwhile before kept");
  });

  describe("of a person's own", () => {
    let address: string;

    /** Ana shares a document with Bo alone, and opens what decides what Bo may do in it. */
    async function shareWithBo(title: string) {
      await ana.goto("/documents");
      await ana.getByRole("button", { name: "New document" }).click();
      await ana.waitForURL(/\/documents\/[\w-]+$/);
      await ana.getByLabel("Title", { exact: true }).fill(title);
      await ana.keyboard.press("Enter");
      await textOf(ana).click();
      await ana.keyboard.type("plan");
      await saved(ana);
      address = ana.url();
      await ana.getByRole("button", { name: "Share" }).click();
      await ana.getByLabel("Name of a person").fill("bo_lind");
      await ana.getByRole("dialog").getByRole("button", { name: "bo_lind" }).click();
      const role = ana.getByLabel("What bo_lind may do");
      await role.waitFor();
      await bo.goto(address);
      await textOf(bo).getByText("plan").click();
      await bo.keyboard.press("End");
      return role;
    }

    const isEditable = () => textOf(bo).getAttribute("contenteditable");

    it("[FACE-36] whoever may only read from now on is told so, and that all they wrote was saved", async () => {
      const role = await shareWithBo("Narrowed plan");
      await bo.keyboard.type(" and more");
      await saved(bo);
      await role.selectOption("comment");
      await bo.getByRole("alert").getByText("You can read this document and comment on it").waitFor();
      expect(await isEditable()).toBe("false");
      await bo.getByText("You can comment", { exact: true }).waitFor();
      await role.selectOption("");
      await bo.getByRole("alert").getByText("You can no longer see this document").waitFor();
      for (const name of ["Comments", "Versions", "Share"])
        expect(await bo.getByRole("button", { name, exact: true }).count()).toBe(0);
      expect(await bo.getByRole("img", { name: /^Here now/ }).count()).toBe(0);
      await bo.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await bo.getByRole("button", { name: "Copy the text" }).click();
      await bo.getByRole("button", { name: "Copied" }).waitFor();
      expect((await bo.evaluate(() => navigator.clipboard.readText())).trim()).toBe("plan and more");
      await reads(bo, "plan and more");
      await reads(ana, "plan and more");
    });

    it("[FACE-36] what was not taken is said, kept over a reload, and dropped only when one says so", async () => {
      const role = await shareWithBo("Taken plan");
      await setOffline([bo], true);
      await bo.keyboard.type(" unsent");
      await waitsOffline(bo);
      await role.selectOption("view");
      await ana.getByRole("dialog").locator("[aria-busy=false]").waitFor();
      await setOffline([bo], false);
      for (const open of [async () => undefined, () => bo.reload()]) {
        await open();
        await bo
          .getByRole("alert")
          .getByText(/Your last (\d+ )?changes? w(as|ere) not taken/)
          .waitFor();
        await bo.getByText(/^Not saved – \d+ changes?$/).waitFor();
        await reads(bo, "plan unsent");
        expect(await isEditable()).toBe("false");
      }
      await bo.getByRole("button", { name: "Drop my changes" }).click();
      await bo.getByText("View only").waitFor();
      await reads(bo, "plan");
      await reads(ana, "plan");
    });
  });
});
