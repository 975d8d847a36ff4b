import { expect, test } from "vitest";
import { choiceAt, type Facts, lookOf, mostActive, noChoice, ownPresenceOf, statusSeen } from "./presence.policy.ts";

const ann: Facts = { userId: "ann", username: "Ann", choice: noChoice, activity: "online", lastSeenAt: undefined };
const choosing = (status: Facts["choice"]["status"]) => ({ ...noChoice, status, text: "Tea", emoji: "🍵" });

test("[PRES-11] of several devices the most active one counts", () => {
  expect(mostActive("away", "online")).toBe("online");
  expect(mostActive("gone", "away")).toBe("away");
  expect(mostActive("gone", "gone")).toBe("gone");
});

test("[PRES-4] a choice goes before what is observed, and nobody who is gone is anything but offline", () => {
  for (const status of ["away", "dnd", "offline"] as const) {
    expect(statusSeen({ choice: choosing(status), activity: "online" })).toBe(status);
    expect(statusSeen({ choice: choosing(status), activity: "gone" })).toBe("offline");
  }
  expect(statusSeen({ choice: choosing("online"), activity: "away" })).toBe("away");
});

test("[PRES-4] a choice counts until the instant it clears", () => {
  const choice = { ...choosing("dnd"), expiresAt: 1_000 };
  expect(choiceAt(choice, 999)).toBe(choice);
  expect(choiceAt(choice, 1_000)).toBe(noChoice);
});

test("[PRES-5] whoever is invisible looks like whoever is gone, but not to themselves", () => {
  const hidden = { ...ann, choice: choosing("offline"), lastSeenAt: 0 };
  const gone = { ...ann, choice: choosing("dnd"), activity: "gone" as const, lastSeenAt: 0 };
  expect(lookOf(hidden)).toEqual(lookOf(gone));
  expect(lookOf(hidden)).toEqual({
    userId: "ann",
    username: "Ann",
    status: "offline",
    lastSeen: "1970-01-01T00:00:00.000Z",
  });
  expect(ownPresenceOf(hidden)).toEqual({
    userId: "ann",
    username: "Ann",
    status: "offline",
    text: "Tea",
    emoji: "🍵",
  });
});
