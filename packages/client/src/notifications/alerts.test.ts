import { requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { FakeClock } from "@mirage/testing/fake-clock";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createRealtime, type Realtime, systemClock } from "../index.ts";
import { startAlerts } from "./alerts.ts";
import { openLockedTabs, openStoredTabs } from "./tabs.ts";

let server: TestServer;
const ends: (() => void)[] = [];
beforeAll(async () => {
  server = await startTestServer({ settings: { notificationsPerMinute: 0 } });
  await server.connect("root");
});
afterEach(() => {
  for (const end of ends.splice(0)) end();
});
afterAll(() => server?.close());

interface Tab {
  realtime: Realtime;
  /** Titles that are shown outside of the page. */
  shown: Set<string>;
  soundCount: number;
  look(roomId: string): void;
}

/** One of a person's tabs, whose outside is written down. */
async function openTab(userId: string): Promise<Tab> {
  const getToken = async () => server.signToken({ userId, username: userId });
  const realtime = createRealtime({ url: server.url, getToken, storage: "memory" });
  realtime.notifications.load();
  const tabs = openLockedTabs(`test:${userId}`, { locks: navigator.locks, clock: systemClock });
  const tab: Tab = { realtime, shown: new Set(), soundCount: 0, look: (roomId) => tabs.look(roomId) };
  const outside = {
    playSound: () => void tab.soundCount++,
    show({ title }: { title: string }) {
      tab.shown.add(title);
      return () => tab.shown.delete(title);
    },
  };
  const end = startAlerts({ realtime, clock: systemClock, tabs, outside });
  ends.push(end, () => realtime.close());
  await expect.poll(() => realtime.notifications.state.get().status, { timeout: 10_000 }).toBe("ready");
  return tab;
}

describe("alerts", () => {
  it("[CLI-7] one of a browser's tabs shows it; what is read in another tab disappears", async () => {
    const tabs = [await openTab("ann"), await openTab("ann")];
    const shown = () => tabs.flatMap((tab) => [...tab.shown]).sort();
    const titles = ["a", "b", "c", "d"];
    for (const title of titles) await server.running.sendNotification("ann", { title, content: "" });
    for (const { realtime } of tabs) {
      await expect.poll(() => realtime.notifications.state.get().unreadCount, { timeout: 10_000 }).toBe(4);
    }
    await expect.poll(shown).toEqual(titles);
    expect(tabs.every(({ soundCount }) => soundCount <= 1) && tabs.some(({ soundCount }) => soundCount === 1)).toBe(
      true,
    );
    const [first] = tabs;
    const read = first?.realtime.notifications.state.get().notifications.find(({ title }) => title === "b");
    await first?.realtime.notifications.markRead(read?.id ?? "");
    await expect.poll(shown).toEqual(["a", "c", "d"]);
    await first?.realtime.notifications.markAllRead();
    await expect.poll(shown).toEqual([]);
  });

  it("[CLI-7] what is looked at in another tab, or is not to be loud, is neither heard nor shown", async () => {
    const [tab, other] = [await openTab("bob"), await openTab("bob")];
    const olga = await server.connect("olga");
    const { room } = await requestOk(olga, "create_room", { name: "Team", type: "private" });
    await requestOk(olga, "add_member", { roomId: room.id, userId: "bob" });
    const shown = () => [...tab.shown, ...other.shown].sort();
    await expect.poll(shown).toEqual(["olga added you to Team"]);
    other.look(room.id);
    await requestOk(olga, "chat_message", { roomId: room.id, content: "hello @bob" });
    await tab.realtime.request("set_preferences", { channels: { system: { sound: false, desktop: false } } });
    await server.running.sendNotification("bob", { title: "quiet", content: "" });
    await server.running.sendNotification("bob", { title: "last", content: "", type: "$loud" });
    await expect.poll(shown).toEqual(["last", "olga added you to Team"]);
    await expect.poll(() => tab.realtime.notifications.state.get().notifications.length).toBe(4);
  });
});

it("[CLI-7] without locks the tab that is looked at comes first, and each thing is claimed once", async () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  const clock = new FakeClock();
  const [hidden, seen] = [openStoredTabs("test", { storage, clock }), openStoredTabs("test", { storage, clock })];
  seen.look("room");
  const late = hidden.claim("n1");
  expect([await seen.isLookedAt("room"), await seen.claim("n1")]).toEqual([true, true]);
  clock.advance(200);
  expect(await late).toBe(false);
  seen.look(undefined);
  const claims = Promise.all([hidden.claim("n2"), seen.claim("n2")]);
  clock.advance(200);
  expect(await claims).toEqual([true, false]);
});
