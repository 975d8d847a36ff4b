import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { textOf } from "./document-steps.ts";
import { say, startApp, type TestApp } from "./people.ts";

describe("documents of messages", () => {
  let app: TestApp;
  let ana: Page;
  beforeAll(async () => {
    app = await startApp();
    ana = await app.openMember("ana");
  });
  afterAll(() => app.close());

  /** The message that says this, and none that quotes it. */
  function rowOf(page: Page, text: string) {
    return page.locator('.mrg-row[data-state="sent"]', {
      has: page.locator(".mrg-content").getByText(text, { exact: true }),
    });
  }

  /** By the keyboard: while a page still loads, what lies under the mouse may move. */
  async function act(page: Page, text: string, action: string): Promise<void> {
    await rowOf(page, text).press("Enter");
    await page.getByRole("menuitem", { name: action, exact: true }).click();
  }

  async function reply(page: Page, { to, text }: { to: string; text: string }): Promise<void> {
    await rowOf(page, to).hover();
    await rowOf(page, to).getByRole("button", { name: "Reply" }).click();
    await say(page, text);
    await rowOf(page, text).waitFor();
  }

  /** What was said, as the document that is open quotes it. */
  async function quotes(page: Page): Promise<string[]> {
    await page.waitForURL(/\/documents\/[\w-]+$/);
    await textOf(page).locator("blockquote").first().waitFor();
    return textOf(page).locator("blockquote").allTextContents();
  }

  it("[FACE-31] a message becomes a document of its room, with a way back", async () => {
    await ana.goto("/rooms/general");
    await say(ana, "worth keeping");
    await act(ana, "worth keeping", "Make a document");
    expect(await quotes(ana)).toEqual(["worth keeping"]);
    await textOf(ana).getByRole("link").click();
    await ana.waitForURL(/\/rooms\/general\?message=/);
    await rowOf(ana, "worth keeping").waitFor();
  });

  it("[FACE-34] chosen messages, and all that answer each other, become a document in the order they were said", async () => {
    await ana.goto("/rooms/general");
    for (const text of ["first point", "aside", "second point"]) await say(ana, text);
    await reply(ana, { to: "first point", text: "an answer" });
    await reply(ana, { to: "an answer", text: "a further answer" });
    await act(ana, "an answer", "Make a document of the thread");
    expect(await quotes(ana)).toEqual(["first point", "an answer", "a further answer"]);

    await ana.goto("/rooms/general");
    await act(ana, "second point", "Choose messages for a document");
    await ana.getByRole("status").getByText("1 message chosen").waitFor();
    await rowOf(ana, "first point").getByRole("checkbox").press("Space");
    await rowOf(ana, "aside").click();
    await rowOf(ana, "aside").click();
    await ana.getByRole("status").getByText("2 messages chosen").waitFor();
    await ana.getByRole("button", { name: "Make a document" }).click();
    expect(await quotes(ana)).toEqual(["first point", "second point"]);
  });

  it("[FACE-34] choosing ends with Escape, and what stood in the composer is still there", async () => {
    await ana.goto("/rooms/general");
    await ana.getByLabel("Write a message").fill("half a thou");
    await act(ana, "aside", "Choose messages for a document");
    await ana.getByRole("status").getByText("1 message chosen").waitFor();
    await ana.keyboard.press("Escape");
    await ana.getByLabel("Write a message").waitFor();
    expect(await ana.getByLabel("Write a message").inputValue()).toBe("half a thou");
    expect(await ana.getByRole("checkbox").count()).toBe(0);
  });

  it("[FACE-34] whoever may not make a document of the room is told so in words, and stays where they are", async () => {
    const guest = await app.openGuest();
    await rowOf(guest, "aside").waitFor();
    await act(guest, "aside", "Make a document");
    await guest.getByRole("alert").getByText("That did not work").waitFor();
    expect(new URL(guest.url()).pathname).toBe("/rooms/general");
    await act(guest, "aside", "Choose messages for a document");
    await guest.getByRole("button", { name: "Make a document" }).click();
    await guest.getByRole("alert").getByText("That did not work").waitFor();
    await guest.getByRole("status").getByText("1 message chosen").waitFor();
  });
});
