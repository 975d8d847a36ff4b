import { describe, expect, it } from "vitest";
import { openDrafts } from "./drafts.ts";

function openTestDrafts(stored: Record<string, string> = {}) {
  const waiting: (() => void)[] = [];
  const storage = {
    getItem: (key: string) => stored[key] ?? null,
    setItem: (key: string, value: string) => {
      stored[key] = value;
    },
    removeItem: (key: string) => {
      delete stored[key];
    },
  };
  const later = (work: () => void) => {
    waiting.push(work);
    return () => waiting.splice(waiting.indexOf(work), 1);
  };
  return { drafts: openDrafts({ storage, userId: "u1", later }), stored, runTimers: () => waiting.at(0)?.() };
}

describe("drafts", () => {
  it("[FACE-2] come back after a reload and belong to one person", () => {
    const first = openTestDrafts();
    first.drafts.set("r1", "half a sentence");
    first.runTimers();
    const reloaded = openTestDrafts(first.stored);
    expect(reloaded.drafts.get("r1")).toBe("half a sentence");
    expect(reloaded.drafts.rooms()).toEqual(["r1"]);
    expect(Object.keys(first.stored)).toEqual(["mirage:drafts:u1"]);
  });

  it("[FACE-2] tell the room list when a room gains or loses one, not at every key", () => {
    const { drafts } = openTestDrafts();
    let told = 0;
    drafts.subscribe(() => told++);
    drafts.set("r1", "a");
    const rooms = drafts.rooms();
    drafts.set("r1", "ab");
    expect(drafts.rooms()).toBe(rooms);
    drafts.set("r1", "");
    expect(told).toBe(2);
    expect(drafts.rooms()).toEqual([]);
  });

  it("[FACE-2] survive storage that holds rubbish", () => {
    expect(openTestDrafts({ "mirage:drafts:u1": "[not json" }).drafts.rooms()).toEqual([]);
  });
});
