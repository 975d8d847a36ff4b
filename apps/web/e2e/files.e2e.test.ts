import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "@mirage/testing";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type DrawnPicture, handPicture } from "./hand-picture.ts";
import { listSerious } from "./list-serious.ts";
import { messageOf, say, startApp, type TestApp } from "./people.ts";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const shot = (page: Page, name: string) =>
  process.env.SHOTS ? page.screenshot({ path: `${process.env.SHOTS}/${name}.png` }) : undefined;
const tray = (page: Page) => page.getByRole("list", { name: "Files to be sent" });
const pictures = (page: Page) => page.getByRole("button", { name: /^Open picture/ });
const lightbox = (page: Page) => page.locator(".mrg-lightbox");

/** Pastes a file of so many bytes. */
const pasteFilm = (page: Page, size: number) =>
  page.evaluate((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], "film.mp4", { type: "video/mp4" }));
    const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    document.querySelector("textarea")?.dispatchEvent(paste);
  }, size);

const hand = (page: Page, how: "paste" | "drop", picture: DrawnPicture) =>
  handPicture(page, { how, to: "textarea" }, picture);

it("[FILE-10] a pasted picture is described, sent, kept in its place and opened large by the other person", async () => {
  const [ana, bob] = [await app.openGuest(), await app.openGuest()];
  await hand(ana, "paste", { name: "sunset.png", colour: "#b0413e", width: 1_600, height: 900 });
  await tray(ana).getByText("sunset.png").waitFor();
  await ana.getByLabel("Description of sunset.png").fill("A red sunset");
  await hand(ana, "drop", { name: "sea.png", colour: "#2a6f97", width: 700, height: 1_000 });
  await tray(ana).getByText("sea.png").waitFor();
  expect(await ana.getByText("Drop files to attach them").count()).toBe(0);
  await shot(ana, "1-tray");
  expect(await listSerious(ana)).toEqual([]);
  await say(ana, "From the coast");
  await messageOf(bob, "From the coast").waitFor();
  await bob.getByRole("button", { name: "Open picture: A red sunset" }).waitFor();
  expect(await tray(ana).count()).toBe(0);
  await bob.waitForFunction(() => {
    const shown = [...document.querySelectorAll<HTMLImageElement>(".mrg-picture img")];
    return shown.length === 2 && shown.every((img) => img.complete && img.naturalWidth > 0);
  });
  const sizes = await pictures(bob).evaluateAll((all) =>
    all.map((one) => one.getBoundingClientRect()).map(({ width, height }) => width / height),
  );
  expect(sizes[0]).toBeCloseTo(16 / 9, 1);
  expect(sizes[1]).toBeCloseTo(0.7, 1);
  await shot(bob, "2-timeline");
  expect(await listSerious(bob)).toEqual([]);

  await pictures(bob).first().click();
  await lightbox(bob).getByText("sunset.png").waitFor();
  await lightbox(bob).getByRole("img", { name: "A red sunset" }).waitFor();
  await shot(bob, "3-lightbox");
  expect(await listSerious(bob)).toEqual([]);
  await bob.keyboard.press("ArrowRight");
  await lightbox(bob).getByText("2 of 2").waitFor();
  await lightbox(bob).getByText("sea.png").waitFor();
  await bob.keyboard.press("ArrowRight");
  await lightbox(bob).getByText("2 of 2").waitFor();
  await bob.keyboard.press("Escape");
  await lightbox(bob).waitFor({ state: "detached" });
  expect(
    await pictures(bob)
      .first()
      .evaluate((button) => button === document.activeElement),
  ).toBe(true);
});

it("[FILE-10] an upload says how far it is, is taken away, and tried again when it failed", async () => {
  const ana = await app.openGuest();
  let isBroken = true;
  let gate = Promise.withResolvers<void>();
  await ana.route(/\/api\/v1\/files/, async (route) => {
    if (isBroken) return await route.abort();
    await gate.promise;
    await route.continue().catch(() => undefined);
  });
  await hand(ana, "paste", { name: "first.png", colour: "#386641", width: 300, height: 200 });
  await tray(ana).getByRole("alert").getByText("Not uploaded").waitFor();
  await shot(ana, "4-failed");
  isBroken = false;
  await tray(ana).getByRole("button", { name: "Retry" }).click();
  await ana.getByLabel("Uploading first.png").waitFor();
  await shot(ana, "5-uploading");
  await tray(ana).getByRole("button", { name: "Remove first.png" }).click();
  expect(await tray(ana).count()).toBe(0);
  gate.resolve();

  gate = Promise.withResolvers();
  await hand(ana, "paste", { name: "second.png", colour: "#bc6c25", width: 300, height: 200 });
  await ana.getByLabel("Uploading second.png").waitFor();
  await say(ana, "with a picture");
  await say(ana, "and then this");
  await ana.locator('.mrg-row[data-state="pending"]').nth(1).waitFor();
  await shot(ana, "6-pending");
  gate.resolve();
  await messageOf(ana, "and then this").and(ana.locator('[data-state="sent"]')).waitFor();
  await pictures(ana).last().waitFor();
});

it("[FILE-1] [FILE-10] a hundred megabytes say how far they are, are cancelled, and leave nothing behind", async () => {
  const ana = await app.openGuest();
  const folder = join(app.server.storage.dataDir, "files");
  const listFiles = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
  const before = listFiles();
  const network = await ana.context().newCDPSession(ana);
  await network.send("Network.enable");
  const unlimited = { offline: false, latency: 0, downloadThroughput: -1 };
  await network.send("Network.emulateNetworkConditions", { ...unlimited, uploadThroughput: 10 * 1024 ** 2 });
  await pasteFilm(ana, 100_000_000);
  const bar = ana.getByLabel("Uploading film.mp4");
  const seen = new Set<number>();
  await eventually(
    async () => {
      seen.add(Number(await bar.getAttribute("value")));
      expect(seen.size).toBeGreaterThan(4);
    },
    { timeoutMs: 15_000, intervalMs: 100 },
  );
  expect(Math.max(...seen)).toBeLessThan(1);
  const [incoming = ""] = listFiles().filter((path) => !before.includes(path));
  expect(statSync(incoming).size).toBeGreaterThan(1_000_000);
  await shot(ana, "5-hundred-megabytes");
  await tray(ana).getByRole("button", { name: "Remove film.mp4" }).click();
  await eventually(() => expect(listFiles()).toEqual(before));
  expect(await tray(ana).count()).toBe(0);
  // One that is too large is refused in words, before all of it was sent.
  await pasteFilm(ana, 120_000_000);
  await tray(ana).getByRole("alert").getByText("File too large: at most 100 MiB").waitFor({ timeout: 8_000 });
  await shot(ana, "5-too-large");
  expect(listFiles()).toEqual(before);
});

it("[FILE-10] other files are rows with their name and size, and can be saved", async () => {
  const [ana, bob] = [await app.openGuest(), await app.openGuest()];
  const chosen = ana.waitForEvent("filechooser");
  await ana.getByRole("button", { name: "Attach files" }).click();
  await (await chosen).setFiles([
    { name: "Bericht März.pdf", mimeType: "application/pdf", buffer: Buffer.from(`%PDF-1.7\n${"x".repeat(1_500)}`) },
    { name: "page.html", mimeType: "text/html", buffer: Buffer.from("<script>window.stolen = 1</script>") },
  ]);
  await ana.getByLabel("Write a message").press("Enter");
  const row = bob.locator(".mrg-file", { hasText: "Bericht März.pdf" });
  await row.getByText("2 kB").waitFor();
  const saved = bob.waitForEvent("download");
  await row.getByRole("link", { name: "Download Bericht März.pdf" }).click();
  expect((await saved).suggestedFilename()).toBe("Bericht März.pdf");
  const page = bob.locator(".mrg-file", { hasText: "page.html" }).getByRole("link");
  const address = (await page.getAttribute("href")) ?? "";
  const answer = await bob.request.get(address);
  expect([answer.headers()["content-disposition"], answer.headers()["content-type"]]).toEqual([
    expect.stringMatching(/^attachment/),
    "application/octet-stream",
  ]);
  await shot(bob, "7-files");
  expect(await listSerious(bob)).toEqual([]);
});

it("[FILE-10] on a phone, in the dark, all of it fits and can be tapped", async () => {
  const ana = await app.openGuest({ ...phone, colorScheme: "dark" });
  await hand(ana, "paste", {
    name: "a picture with a rather long name of its own.png",
    colour: "#6a4c93",
    width: 1_200,
    height: 1_600,
  });
  await ana.getByLabel(/^Description of/).fill("Violet");
  await shot(ana, "8-phone-tray");
  const fits = () => ana.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
  expect(await fits()).toBe(true);
  await ana.getByRole("button", { name: "Send" }).tap();
  const picture = ana.getByRole("button", { name: "Open picture: Violet" });
  await picture.waitFor();
  expect(await fits()).toBe(true);
  await shot(ana, "9-phone-timeline");
  await picture.tap();
  await lightbox(ana).getByRole("img", { name: "Violet" }).waitFor();
  const button = await lightbox(ana).getByRole("button", { name: "Close" }).boundingBox();
  expect(Math.min(button?.width ?? 0, button?.height ?? 0)).toBeGreaterThanOrEqual(44);
  await shot(ana, "10-phone-lightbox");
  expect(await listSerious(ana)).toEqual([]);
  await lightbox(ana).getByRole("button", { name: "Close" }).tap();
  await lightbox(ana).waitFor({ state: "detached" });
});
