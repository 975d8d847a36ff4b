import { connect, requestOk } from "@mirage/testing";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { messageOf, startApp, type TestApp } from "./people.ts";

const historyLength = 400;
let app: TestApp;

beforeAll(async () => {
  app = await startApp();
  const writer = await connect(app.server, { userId: "writer", username: "Writer" });
  await requestOk(writer, "join_room", { roomId: "general" });
  for (let number = 1; number <= historyLength; number++) {
    const content = `message ${number}${"\nanother line".repeat(number % 4)}`;
    await requestOk(writer, "chat_message", { roomId: "general", content });
  }
  writer.disconnect();
});
afterAll(() => app.close());

/** Turns the wheel and waits until the list has moved by it, which a busy machine does some frames later. */
async function scrollUp(page: Page, byPx: number): Promise<void> {
  const moved = await page.evaluateHandle(() => {
    const scroller = document.querySelector(".mrg-scroller");
    const atTop = scroller?.scrollTop === 0;
    const scrolled = new Promise((resolve) => scroller?.addEventListener("scroll", resolve, { once: true }));
    return { done: atTop ? Promise.resolve() : scrolled };
  });
  await page.mouse.wheel(0, -byPx);
  await moved.evaluate(async ({ done }) => {
    await done;
    await new Promise(requestAnimationFrame);
  });
  await moved.dispose();
}

/** Follows one message that is in view, frame by frame, and answers how far it moved; a row that is drawn anew is the same. */
function measureMove(page: Page): Promise<{ movedPx: number; rowCount: number }> {
  return page.evaluate(async () => {
    const scroller = document.querySelector(".mrg-scroller");
    const top = (scroller?.getBoundingClientRect().top ?? 0) + 80;
    const rows = [...document.querySelectorAll<HTMLElement>(".mrg-row")];
    const anchor = rows.find((row) => row.getBoundingClientRect().top > top);
    if (!anchor) throw new Error("no message is in view");
    const key = anchor.dataset.key;
    const startPx = anchor.getBoundingClientRect().top;
    let movedPx = 0;
    for (let frame = 0; frame < 20; frame++) {
      await new Promise(requestAnimationFrame);
      const row = document.querySelector(`[data-key="${key}"]`);
      const topPx = row?.getBoundingClientRect().top ?? Number.POSITIVE_INFINITY;
      movedPx = Math.max(movedPx, Math.abs(topPx - startPx));
    }
    return { movedPx, rowCount: rows.length };
  });
}

it("[FACE-10] older messages load without moving what is read, and few rows are in the document", async () => {
  const ana = await app.openGuest();
  await messageOf(ana, "message 400").waitFor();
  await ana.locator(".mrg-scroller").hover();
  let movedPx = 0;
  let rowCount = 0;
  for (let step = 0; step < 80 && (await messageOf(ana, "message 4").count()) === 0; step++) {
    await scrollUp(ana, 900);
    const measured = await measureMove(ana);
    movedPx = Math.max(movedPx, measured.movedPx);
    rowCount = Math.max(rowCount, measured.rowCount);
  }
  expect(await messageOf(ana, "message 4").count()).toBe(1);
  expect(movedPx).toBeLessThanOrEqual(2);
  expect(rowCount).toBeLessThanOrEqual(150);

  const writer = await connect(app.server, { userId: "writer", username: "Writer" });
  await requestOk(writer, "chat_message", { roomId: "general", content: "while you were reading" });
  expect((await measureMove(ana)).movedPx).toBeLessThanOrEqual(2);
  await ana.getByRole("button", { name: "1 new message" }).click();
  await messageOf(ana, "while you were reading").waitFor();
  await requestOk(writer, "chat_message", { roomId: "general", content: "and this is followed" });
  await messageOf(ana, "and this is followed").waitFor();
  writer.disconnect();
});
