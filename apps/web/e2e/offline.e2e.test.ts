import { afterAll, beforeAll, expect, it } from "vitest";
import { listSerious } from "./list-serious.ts";
import { messageOf, say, startApp, type TestApp, textsOf } from "./people.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

it("[FACE-9] three messages written offline survive a reload, and each is sent once, in order", async () => {
  const ana = await app.openGuest();
  const bo = await app.openGuest();
  await say(ana, "zero");
  await messageOf(bo, "zero").waitFor();

  // The page itself still loads; what is cut is the way to the realtime server.
  let isCut = true;
  const context = ana.context();
  await context.routeWebSocket(/\/socket\.io/, (socket) => void (isCut ? socket.close() : socket.connectToServer()));
  await context.route(/\/socket\.io/, (route) => (isCut ? route.abort() : route.continue()));
  await ana.reload();
  for (const text of ["one", "two", "three"]) await say(ana, text);
  await ana.getByText("3 messages will be sent").waitFor();
  expect(await ana.locator('.mrg-row[data-state="pending"]').count()).toBe(3);

  await ana.reload();
  await ana.locator('.mrg-row[data-state="pending"]').nth(2).waitFor();
  isCut = false;
  await ana.reload();
  await messageOf(bo, "three").waitFor();
  await ana.locator('.mrg-row[data-state="pending"]').first().waitFor({ state: "detached" });
  const sent = (texts: string[]) => texts.filter((text) => ["one", "two", "three"].includes(text));
  expect(sent(await textsOf(bo))).toEqual(["one", "two", "three"]);
  expect(sent(await textsOf(ana))).toEqual(["one", "two", "three"]);
});

it("[FACE-9] a reload that fails because there is no network loses nothing either", async () => {
  const ana = await app.openGuest();
  const bo = await app.openGuest();
  const context = ana.context();
  await context.setOffline(true);
  for (const text of ["first", "second", "third"]) await say(ana, text);
  await ana.getByText("3 messages will be sent").waitFor();
  const failure = await ana.reload().catch((error: unknown) => error);
  expect(String(failure)).toContain("ERR_INTERNET_DISCONNECTED");
  await context.setOffline(false);
  await ana.goto("/rooms/general");
  await messageOf(bo, "third").waitFor();
  const sent = (texts: string[]) => texts.filter((text) => ["first", "second", "third"].includes(text));
  expect(sent(await textsOf(bo))).toEqual(["first", "second", "third"]);
});

it("[FACE-39] what is loaded when it is opened waits for the network, and the page around it goes on", async () => {
  const ana = await app.openGuest();
  await ana.context().setOffline(true);
  const bell = ana.getByRole("button", { name: "Notifications", exact: true });
  const failed = ana.waitForEvent("requestfailed", (request) => request.url().endsWith(".js"));
  await bell.click();
  await failed;
  await say(ana, "still here");
  await ana.getByText("1 message will be sent").waitFor();
  await ana.context().setOffline(false);
  await ana.getByRole("dialog", { name: "Notifications" }).getByText("Nothing yet.").waitFor();
  await messageOf(ana, "still here").and(ana.locator('[data-state="sent"]')).waitFor();
});

it("[FACE-40] a part whose code is gone says so with a button that reloads, and the draft is there again", async () => {
  const ana = await app.openGuest();
  const code = "**/_next/static/chunks/**";
  await ana.route(code, (route) => route.fulfill({ status: 404, body: "Not Found" }));
  const status = ana.getByRole("button", { name: /Set your status$/ }).filter({ visible: true });
  await status.click();
  const notice = ana.getByText(/^This page is older than the app/);
  await notice.waitFor();
  await say(ana, "the rest goes on");
  await messageOf(ana, "the rest goes on").and(ana.locator('[data-state="sent"]')).waitFor();
  await ana.getByLabel("Write a message").fill("half a thou");
  expect(await listSerious(ana)).toEqual([]);
  if (process.env.SHOTS) await ana.screenshot({ path: `${process.env.SHOTS}/part-gone.png` });
  await ana.unroute(code);
  await ana.getByRole("button", { name: "Reload" }).click();
  await notice.waitFor({ state: "detached" });
  expect(await ana.getByLabel("Write a message").inputValue()).toBe("half a thou");
  await status.click();
  await ana.getByLabel("What are you up to?").waitFor();
});

it("[FACE-2] a draft is there again after a reload", async () => {
  const ana = await app.openGuest();
  await ana.getByLabel("Write a message").fill("half a thou");
  await ana.reload();
  const composer = ana.getByLabel("Write a message");
  await composer.waitFor();
  expect(await composer.inputValue()).toBe("half a thou");
});
