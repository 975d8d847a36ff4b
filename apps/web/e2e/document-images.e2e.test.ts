import { eventually } from "@mirage/testing";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { drawPng, handPicture } from "./hand-picture.ts";
import { listSerious } from "./list-serious.ts";
import { startApp, type TestApp } from "./people.ts";

let app: TestApp;
let ana: Page;
beforeAll(async () => {
  app = await startApp();
  ana = await app.openMember("ana");
});
afterAll(() => app.close());

const to = ".mrg-doc-content";
const sunset = { name: "sunset.png", colour: "#b0413e", width: 800, height: 450 };
const shot = (page: Page, name: string) =>
  process.env.SHOTS ? page.screenshot({ path: `${process.env.SHOTS}/doc-${name}.png` }) : undefined;
const pictures = (page: Page) => page.locator(`${to} img[src]`);
const tray = (page: Page) => page.getByRole("list", { name: "Files to be sent" });

/** Makes a document of the room that all are in, with this text, and answers its address. */
async function makeDocument(page: Page, text: string): Promise<string> {
  await page.goto("/documents?room=general");
  await page.getByRole("button", { name: "New document" }).click();
  await page.waitForURL(/\/documents\/[\w-]+$/);
  await page.locator(to).click();
  await page.keyboard.type(text);
  return page.url();
}

/** Holds requests back until it is resolved. */
async function hold(page: Page, address: RegExp): Promise<PromiseWithResolvers<void>> {
  const held = Promise.withResolvers<void>();
  await page.route(address, async (route) => {
    await held.promise;
    await route.continue();
  });
  return held;
}

/** Whether every picture of the text has its bytes. */
const loaded = (page: Page, count: number) =>
  eventually(
    async () => {
      const widths = await pictures(page).evaluateAll((all) =>
        all.map((one) => (one as HTMLImageElement).naturalWidth),
      );
      expect([widths.length, widths.every((width) => width > 0)]).toEqual([count, true]);
    },
    { timeoutMs: 15_000 },
  );

it("[FILE-13] a pasted picture goes to its place, is described, and is seen by whoever may read the document", async () => {
  const address = await makeDocument(ana, "Above");
  await ana.keyboard.press("Enter");
  await ana.keyboard.type("Below");
  await ana.keyboard.press("ArrowUp");
  await ana.keyboard.press("End");
  const upload = await hold(ana, /\/api\/v1\/files/);
  await handPicture(ana, { how: "paste", to }, sunset);
  await tray(ana).getByLabel("Uploading sunset.png").waitFor();
  await shot(ana, "1-uploading");
  expect(await listSerious(ana)).toEqual([]);
  // What is written meanwhile does not move where it goes.
  await ana.keyboard.press("Home");
  await ana.keyboard.type("Far ");
  upload.resolve();
  await loaded(ana, 1);
  expect(await tray(ana).count()).toBe(0);
  expect(await ana.locator(`${to} > *`).evaluateAll((all) => all.map((one) => one.textContent || one.tagName))).toEqual(
    ["Far Above", "IMG", "Below"],
  );

  await pictures(ana).click();
  await ana.getByLabel("Description of the picture").fill("A red sunset");
  await shot(ana, "2-described");
  expect(await listSerious(ana)).toEqual([]);
  await ana.keyboard.press("Enter");
  const bo = await app.openMember("bo_lind");
  // Its place is kept before its bytes are there.
  const bytes = await hold(bo, /\/files\/[\w-]+\?variant/);
  await bo.goto(address);
  const picture = bo.getByRole("img", { name: "A red sunset" });
  await picture.waitFor();
  const box = await eventually(async () => {
    const found = await picture.boundingBox();
    expect((found?.width ?? 0) / (found?.height ?? 1)).toBeCloseTo(16 / 9, 1);
    return found;
  });
  const below = await bo.getByText("Below", { exact: true }).boundingBox();
  bytes.resolve();
  await loaded(bo, 1);
  expect(await picture.boundingBox()).toEqual(box);
  expect(await bo.getByText("Below", { exact: true }).boundingBox()).toEqual(below);
});

it("[FACE-41] words are written behind a picture that ends the document", async () => {
  await makeDocument(ana, "Above");
  await handPicture(ana, { how: "paste", to }, sunset);
  await loaded(ana, 1);
  const blocks = () => ana.locator(`${to} > *`).evaluateAll((all) => all.map((one) => one.textContent || one.tagName));
  expect(await blocks()).toEqual(["Above", "IMG"]);
  await ana.keyboard.press("Control+End");
  await ana.keyboard.type("Below");
  expect(await blocks()).toEqual(["Above", "IMG", "Below"]);
});

it("[FILE-13] what is dropped goes to where it fell; a failed one is tried again, a refused one says why, one is given up", async () => {
  await makeDocument(ana, "First");
  await ana.keyboard.press("Enter");
  await ana.keyboard.type("Second");
  const first = await ana.getByText("First", { exact: true }).boundingBox();
  if (!first) throw new Error("the text is not shown");
  let isBroken = true;
  await ana.route(/\/api\/v1\/files/, (route) => (isBroken ? route.abort() : route.continue()));
  const at = { x: first.x + first.width - 1, y: first.y + first.height / 2 };
  await handPicture(ana, { how: "drop", to, at }, { ...sunset, name: "sea.png", colour: "#2a6f97" });
  await tray(ana).getByRole("alert").getByText("Not uploaded").waitFor();
  await shot(ana, "3-failed");
  isBroken = false;
  await tray(ana).getByRole("button", { name: "Retry" }).click();
  await loaded(ana, 1);
  expect(await ana.locator(`${to} > *`).evaluateAll((all) => all.map((one) => one.tagName).join())).toBe("P,IMG,P");

  const chosen = ana.waitForEvent("filechooser");
  await ana.getByRole("button", { name: "Picture" }).click();
  const buffer = Buffer.from("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>");
  await (await chosen).setFiles([{ name: "drawing.svg", mimeType: "image/svg+xml", buffer }]);
  await tray(ana).getByRole("alert").getByText("Only pictures can be put into a document").waitFor();
  await shot(ana, "4-refused");
  await tray(ana).getByRole("button", { name: "Remove drawing.svg" }).click();
  expect([await tray(ana).count(), await pictures(ana).count()]).toEqual([0, 1]);
});

it("[FILE-13] pictures that are chosen together stand in their order, whichever upload ends first", async () => {
  await makeDocument(ana, "Above");
  const buffers = await Promise.all(
    [40, 30, 20].map((width) => drawPng(ana, { ...sunset, width, height: 10 }).then((bytes) => Buffer.from(bytes))),
  );
  const first = await hold(ana, /\/api\/v1\/files\?name=0\.png/);
  const others = Promise.all(
    [1, 2].map((n) => ana.waitForResponse((response) => response.url().includes(`name=${n}.png`))),
  );
  const chosen = ana.waitForEvent("filechooser");
  await ana.getByRole("button", { name: "Picture" }).click();
  await (await chosen).setFiles(buffers.map((buffer, n) => ({ name: `${n}.png`, mimeType: "image/png", buffer })));
  await others;
  first.resolve();
  await loaded(ana, 3);
  const widths = await pictures(ana).evaluateAll((all) => all.map((one) => (one as HTMLImageElement).style.width));
  expect(widths).toEqual(["40px", "30px", "20px"]);
});

it("[FILE-13] on a phone, in the dark, pictures fit, and are described without the text jumping away", async () => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: "dark" } as const;
  const cy = await app.openMember("cy_hart", phone);
  await makeDocument(cy, "On the way");
  await handPicture(cy, { how: "paste", to }, { ...sunset, width: 1_200, height: 1_600 });
  await loaded(cy, 1);
  const fits = () => cy.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
  expect(await fits()).toBe(true);
  await pictures(cy).tap();
  const field = cy.getByLabel("Description of the picture");
  await field.fill("Violet");
  expect((await field.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  await shot(cy, "5-phone");
  expect([await fits(), await listSerious(cy)]).toEqual([true, []]);
});
