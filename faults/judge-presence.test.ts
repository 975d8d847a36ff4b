import { expect, test } from "vitest";
import { judgePresence } from "./judge-presence.ts";
import type { Life, PresenceHistory, Sight } from "./presence-history.ts";

const life = (userId: string, more: Partial<Life> = {}): Life => ({
  userId,
  roomIds: ["hall"],
  ghostSince: undefined,
  stays: [{ node: 0, askedAtMs: 0, openedAtMs: 10 }],
  choices: [],
  ...more,
});
const sees = (what: Sight["what"], atMs: number, more: Partial<Sight> = {}): Sight => ({
  atMs,
  by: "ann",
  connection: "ann 1",
  about: "bob",
  what,
  ...more,
});
const judge = (bob: Partial<Life>, sights: Sight[], more: Partial<PresenceHistory> = {}) => {
  const history = { lives: [life("ann"), life("bob", bob)], sights, kills: [], endedAtMs: 100_000, ...more };
  const { leaks, flickers, repeats, unnoticed } = judgePresence(history);
  return [leaks.length, flickers.length, repeats.length, unnoticed.length];
};
const stay = (openedAtMs: number, endedAtMs?: number) => ({
  node: 0,
  askedAtMs: openedAtMs - 10,
  openedAtMs,
  ...(endedAtMs === undefined ? {} : { endedAtMs }),
});
const hidden = (atMs: number) => ({ askedAtMs: atMs, ackedAtMs: atMs + 10, choice: { status: "offline" } as const });

test("who went for good may be told to be gone after 5 s, who reloads may not", () => {
  const reloads = { stays: [stay(10, 20_000), stay(24_000)] };
  const goes = { stays: [stay(10, 20_000), stay(26_000)] };
  expect(judge(goes, [sees("user_offline", 25_500)])).toEqual([0, 0, 0, 0]);
  expect(judge(goes, [sees("user_offline", 24_500)])).toEqual([0, 1, 0, 0]);
  expect(judge(reloads, [sees("user_offline", 25_500)])).toEqual([0, 1, 0, 0]);
  expect(judge(reloads, [sees("presence_changed", 25_500, { status: "offline" })])).toEqual([0, 1, 0, 0]);
});

test("whoever is invisible, away or a stranger may not be shown", () => {
  const hides = { choices: [hidden(20_000)] };
  expect(judge(hides, [sees("user_offline", 20_300)])).toEqual([0, 0, 0, 0]);
  expect(judge(hides, [sees("user_online", 21_000)])).toEqual([0, 0, 0, 0]);
  expect(judge(hides, [sees("user_online", 24_000)])).toEqual([1, 0, 0, 0]);
  expect(judge(hides, [sees("answer", 24_000, { status: "offline" })])).toEqual([0, 0, 0, 0]);
  expect(judge(hides, [sees("presence_changed", 24_000, { status: "offline", text: "here" })])).toEqual([1, 0, 0, 0]);
  expect(judge({ stays: [stay(10, 20_000)] }, [sees("answer", 30_000, { status: "online" })])).toEqual([1, 0, 0, 0]);
  expect(judge({ roomIds: ["elsewhere"] }, [sees("user_online", 1_000)])).toEqual([1, 0, 0, 0]);
});

test("of a ghost not even a going may be told", () => {
  const at = (seconds: number) => ({ status: "offline", lastSeen: new Date(1_000 * seconds).toISOString() }) as const;
  const ghost = { ghostSince: 100_000, choices: [hidden(0)] };
  expect(judge(ghost, [sees("user_offline", 9_000)])).toEqual([1, 0, 0, 0]);
  expect(judge(ghost, [sees("answer", 9_000, at(104))])).toEqual([1, 0, 0, 0]);
  expect(judge(ghost, [sees("answer", 9_000, { status: "offline" }), sees("answer", 9_000, at(101))])).toEqual([
    0, 0, 0, 0,
  ]);
});

test("a turn is told once to a connection, and lists come four times a second at most", () => {
  expect(judge({}, [sees("user_online", 100), sees("user_online", 900)])).toEqual([0, 0, 1, 0]);
  expect(judge({}, [sees("user_online", 100), sees("user_online", 900, { connection: "ann 2" })])).toEqual([
    0, 0, 0, 0,
  ]);
  const lists = (everyMs: number) =>
    Array.from({ length: 60 }, (_, index) => sees("presence_changed", 100 + index * everyMs, { status: "away" }));
  expect(judge({}, lists(250))).toEqual([0, 0, 0, 0]);
  expect(judge({}, lists(100))).toEqual([0, 0, 1, 0]);
});

test("who went with a killed node is told to be gone within 20 s, to each who stayed on another", () => {
  const lost = { stays: [{ ...stay(10, 30_000), node: 1, wasKilled: true }] };
  const kills = [{ atMs: 30_000, node: 1, lostIds: ["bob"] }];
  expect(judge(lost, [sees("user_offline", 46_000)], { kills })).toEqual([0, 0, 0, 0]);
  expect(judge(lost, [sees("user_offline", 51_000)], { kills })).toEqual([0, 0, 0, 1]);
  expect(judge(lost, [], { kills })).toEqual([0, 0, 0, 1]);
});
