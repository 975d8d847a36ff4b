import { eventually } from "@mirage/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { messageOf, say, startApp, type TestApp, textsOf } from "./people.ts";

describe("two people", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  it("[FACE-6] the first says something without an account, the second joins by the link and answers", async () => {
    const ana = await app.openPage();
    await ana.goto("/");
    await ana.getByRole("button", { name: "Continue as guest" }).click();
    await say(ana, "Is anyone there?");
    await messageOf(ana, "Is anyone there?").and(ana.locator('[data-state="sent"]')).waitFor();

    await ana.getByRole("button", { name: "Create a room" }).click();
    await ana.getByLabel("Name", { exact: true }).fill("weekend plans");
    await ana.getByRole("radio", { name: "Private" }).check();
    await ana.getByRole("button", { name: "Create room" }).click();
    await ana.getByRole("heading", { name: "weekend plans", exact: true }).waitFor();
    await say(ana, "Who comes along?");
    await ana.getByRole("button", { name: "Invite people" }).click();
    const field = ana.getByLabel("Invite link");
    const link = await eventually(async () => (await field.inputValue()) || false);
    await ana.keyboard.press("Escape");

    const bo = await app.openPage();
    await bo.goto(link);
    await bo.getByLabel("Your name").fill("Bo Lind");
    await bo.getByRole("button", { name: "Join as guest" }).click();
    await messageOf(bo, "Who comes along?").waitFor();
    await say(bo, "I do!");
    await messageOf(ana, "I do!").waitFor();
    expect(await messageOf(ana, "I do!").locator(".mrg-row-name").textContent()).toBe("Bo Lind");
  });

  it("[FACE-7] what one changes reaches the other: a reaction, an edit, a reply, a deletion", async () => {
    const ana = await app.openGuest();
    const bo = await app.openGuest();
    await say(ana, "original words");
    await messageOf(bo, "original words").hover();
    await bo.getByRole("button", { name: "More actions" }).click();
    await bo.getByRole("menuitem", { name: "👍" }).click();
    await messageOf(ana, "original words").getByRole("button", { name: "👍, 1" }).waitFor();

    await ana.getByLabel("Write a message").press("ArrowUp");
    await ana.getByLabel("Write a message").fill("better words");
    await ana.getByLabel("Write a message").press("Enter");
    await messageOf(bo, "better words").getByText("(edited)").waitFor();

    await messageOf(bo, "better words").hover();
    await bo.getByRole("button", { name: "Reply" }).click();
    await say(bo, "well said");
    await messageOf(ana, "well said").locator(".mrg-quote", { hasText: "better words" }).waitFor();

    await messageOf(ana, "better words").first().hover();
    await ana.getByRole("button", { name: "More actions" }).click();
    await ana.getByRole("menuitem", { name: "Delete" }).click();
    await ana.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    await bo.getByText("This message was deleted").first().waitFor();
    expect(await textsOf(bo)).not.toContain("better words");
  });

  it("[FACE-8] who writes is named to the others, and nothing moves because of it", async () => {
    const ana = await app.openGuest();
    const bo = await app.openGuest();
    const composer = ana.getByLabel("Write a message");
    const before = await composer.boundingBox();
    await bo.getByLabel("Write a message").pressSequentially("I am about to");
    await ana.getByText("is typing…").waitFor();
    expect(await composer.boundingBox()).toEqual(before);
  });
});
