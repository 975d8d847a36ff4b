import { limits } from "@mirage/protocol";
import { FakeClock } from "@mirage/testing";
import { beforeEach, expect, test } from "vitest";
import { Occupancy } from "./occupancy.ts";

let clock: FakeClock;
let told: string[];
let occupancy: Occupancy;
const ann = { userId: "ann", username: "Ann" };

beforeEach(() => {
  clock = new FakeClock();
  told = [];
  occupancy = new Occupancy({
    clock,
    onJoined: (roomId, person) => told.push(`${person.userId} joined ${roomId}`),
    onLeft: (roomId, person) => told.push(`${person.userId} left ${roomId}`),
  });
});

interface How {
  isSilent?: boolean;
  isCrowd?: boolean;
  isHidden?: boolean;
  roomId?: string;
}
const openly = { isSilent: false, isCrowd: false, isHidden: false };
const enter = (connectionId: string, how: How = {}) =>
  occupancy.enter(how.roomId ?? "r", connectionId, { person: ann, ...openly, ...how });

test("[JOIN-3] a person with several connections comes once and goes with the last", () => {
  enter("1");
  enter("2");
  enter("1");
  occupancy.leave("r", "ann", "1");
  occupancy.leave("r", "ann", "1");
  expect(told).toEqual(["ann joined r"]);
  expect(occupancy.listPresent("r")).toEqual(["ann"]);
  occupancy.leave("r", "ann", "2");
  expect(told).toEqual(["ann joined r", "ann left r"]);
  expect(occupancy.listPresent("r")).toEqual([]);
});

test("[JOIN-3] who was lost gets half a minute to come back, in every room", () => {
  enter("1");
  enter("1", { roomId: "s" });
  expect(occupancy.openRoomCount("1")).toBe(2);
  occupancy.lose("ann", "1");
  expect(occupancy.openRoomCount("1")).toBe(0);
  expect(occupancy.listPresent("r")).toEqual([]);
  clock.advance(29_999);
  enter("2");
  clock.advance(1);
  expect(told).toEqual(["ann joined r", "ann joined s", "ann left s"]);
  clock.advance(60_000);
  occupancy.lose("ann", "2");
  clock.advance(30_000);
  expect(told.at(-1)).toBe("ann left r");
  expect(clock.timerCount).toBe(0);
});

test("[JOIN-3] a return is silent, and so is a second tab beside it; going is not", () => {
  enter("1", { isSilent: true });
  enter("2");
  occupancy.leave("r", "ann", "1");
  occupancy.leave("r", "ann", "2");
  expect(told).toEqual(["ann left r"]);
});

test("[JOIN-4] in a crowd nobody comes and nobody goes", () => {
  enter("1", { isCrowd: true });
  occupancy.leave("r", "ann", "1");
  expect(told).toEqual([]);
});

test("[JOIN-4] a room that has grown since it was opened is a crowd, until it has shrunk again", () => {
  enter("1");
  occupancy.resize("r", limits.crowdMembers + 1);
  occupancy.leave("r", "ann", "1");
  expect(told).toEqual(["ann joined r"]);
  enter("1", { isCrowd: true });
  occupancy.resize("r", limits.crowdMembers);
  occupancy.leave("r", "ann", "1");
  expect(told).toEqual(["ann joined r", "ann left r"]);
  // Of a room that nobody has open nothing is kept.
  occupancy.resize("r", limits.crowdMembers + 1);
  enter("1");
  expect(told.at(-1)).toBe("ann joined r");
});

test("[JOIN-3] closing forgets everyone, silently", () => {
  enter("1");
  occupancy.lose("ann", "1");
  occupancy.close();
  clock.advance(60_000);
  expect(told).toEqual(["ann joined r"]);
  expect(clock.timerCount).toBe(0);
});

test("[PRES-5] whoever is invisible neither comes nor goes, also half a minute after they were lost", () => {
  enter("1", { isHidden: true });
  enter("2", { isHidden: true });
  expect(occupancy.listPresent("r")).toEqual([]);
  occupancy.leave("r", "ann", "1");
  occupancy.lose("ann", "2");
  clock.advance(60_000);
  expect(told).toEqual([]);
  expect(clock.timerCount).toBe(0);
});

test("[PRES-5] hiding is like leaving every room, and showing oneself like coming", () => {
  enter("1");
  enter("1", { roomId: "crowd", isCrowd: true });
  occupancy.setHidden("ann", true);
  occupancy.setHidden("ann", true);
  expect(told).toEqual(["ann joined r", "ann left r"]);
  expect(occupancy.listPresent("r")).toEqual([]);
  occupancy.setHidden("ann", false);
  expect(told.slice(2)).toEqual(["ann joined r"]);
  expect(occupancy.listPresent("r")).toEqual(["ann"]);
  occupancy.leave("r", "ann", "1");
  expect(told.at(-1)).toBe("ann left r");
});
