import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The browser of this machine: `CHROMIUM`, or what is on the PATH or where Debian puts it. */
export function findBrowser(): string | undefined {
  const chosen = process.env.CHROMIUM;
  if (chosen) return existsSync(chosen) ? chosen : undefined;
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/bin", "/usr/local/bin", "/snap/bin"];
  for (const name of names) {
    const folder = folders.find((at) => at && existsSync(join(at, name)));
    if (folder) return join(folder, name);
  }
  return undefined;
}

/** Starts the machine's Chromium with a profile of its own; it asks nothing of the network by itself. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error("Chromium is not installed: apt-get install chromium");
  const { chromium } = await import("playwright-core");
  return chromium.launch({
    executablePath,
    headless: true,
    // Without a locale Chromium saves a file whose name is not ASCII under another one.
    env: { ...process.env, LANG: "C.UTF-8" },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // A turn of the wheel is over in one frame, so that whatever moves afterwards is the page's own doing.
      "--disable-smooth-scrolling",
    ],
  });
}
