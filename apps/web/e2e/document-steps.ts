// What people do with documents, for the journeys that are about them.
import { eventually } from "@mirage/testing";
import type { Page } from "playwright-core";
import { expect } from "vitest";

export const patienceMs = 30_000;

/** Makes a document of the room that all are in, stands in its text, and answers its address. */
export async function makeDocument(page: Page, title: string): Promise<string> {
  await page.goto("/documents?room=general");
  await page.getByRole("button", { name: "New document" }).click();
  await page.waitForURL(/\/documents\/[\w-]+$/);
  await page.getByLabel("Title", { exact: true }).fill(title);
  await page.keyboard.press("Enter");
  await textOf(page).click();
  return page.url();
}

export function textOf(page: Page) {
  return page.locator(".mrg-doc-content").first();
}

/** The words of the text, without the names at others' cursors. */
export function wordsOf(page: Page): Promise<string> {
  return textOf(page).evaluate((element) => {
    const copy = element.cloneNode(true) as Element;
    for (const caret of copy.querySelectorAll(".mrg-caret")) caret.remove();
    return copy.textContent.replaceAll("\u2060", "");
  });
}

export async function reads(page: Page, words: string): Promise<void> {
  await eventually(async () => expect(await wordsOf(page)).toBe(words), { timeoutMs: patienceMs });
}

export function saved(page: Page): Promise<void> {
  return page.locator('.mrg-doc-save[data-state="saved"]').waitFor({ timeout: patienceMs });
}

/** Pastes what a clipboard holds, by type, where the caret is. */
export async function paste(page: Page, clipboard: Readonly<Record<string, string>>): Promise<void> {
  await textOf(page).evaluate((element, entries) => {
    const clipboardData = new DataTransfer();
    for (const [type, text] of Object.entries(entries)) clipboardData.setData(type, text);
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, clipboard);
}
