// The app as people meet it: a server process of its own and one browser, in which everyone has a profile of theirs.
import { launchBrowser, type SpawnedServer, spawnServer } from "@mirage/testing";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

export interface TestApp {
  readonly server: SpawnedServer;
  /** Opens a page for someone who has never been here. */
  openPage(options?: BrowserContextOptions): Promise<Page>;
  /** Someone who went in as a guest and sees the room that every instance begins with. */
  openGuest(options?: BrowserContextOptions): Promise<Page>;
  /** Someone who made an account of this name and sees the room that every instance begins with. */
  openMember(name: string, options?: BrowserContextOptions): Promise<Page>;
  close(): Promise<void>;
}

const patienceMs = 15_000;

/** Starts the app and a browser; `env` goes over what journeys have in common. */
export async function startApp(env: Record<string, string> = {}): Promise<TestApp> {
  const server = await spawnServer({
    file: "apps/web/server.ts",
    env: {
      NODE_ENV: "production",
      NEXT_TELEMETRY_DISABLED: "1",
      LOG_LEVEL: "warn",
      CHAT_RATE_LIMIT: "0",
      EVENT_RATE_LIMIT: "0",
      ...env,
    },
    readyTimeoutMs: 60_000,
  });
  const browser: Browser = await launchBrowser();
  const openPage: TestApp["openPage"] = async (options = {}) => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      baseURL: server.url,
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    return page;
  };
  return {
    server,
    openPage,
    async openGuest(options) {
      const page = await openPage(options);
      await page.goto("/sign-in");
      await page.getByRole("button", { name: "Continue as guest" }).click();
      await page.waitForURL("**/rooms/general");
      await page.getByLabel("Write a message").waitFor();
      return page;
    },
    async openMember(name, options) {
      const page = await openPage(options);
      await page.goto("/sign-in");
      await page.getByRole("button", { name: "New here? Make an account" }).click();
      await page.getByLabel("Username").fill(name);
      await page.getByLabel("Password").fill("a long password");
      await page.getByRole("button", { name: "Create account" }).click();
      await page.waitForURL("**/rooms/general");
      // Its people are known only when one has joined.
      await page.getByRole("button", { name: /^Show people: [1-9]/ }).waitFor();
      return page;
    },
    async close() {
      await browser.close();
      await server.remove();
    },
  };
}

/** Writes a message and sends it with Enter. */
export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Write a message").fill(text);
  await page.getByLabel("Write a message").press("Enter");
}

/** The message with this text. */
export function messageOf(page: Page, text: string) {
  return page.locator(".mrg-row", { has: page.getByText(text, { exact: true }) });
}

/** The texts of the messages that are shown, oldest first. */
export function textsOf(page: Page): Promise<string[]> {
  return page.locator(".mrg-row .mrg-content").allInnerTexts();
}
