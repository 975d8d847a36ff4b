import { FakeClock } from "@mirage/testing";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { TypingRelay, type TypingStart } from "./typing-relay.ts";

let clock: FakeClock;
let relayed: string[];
let relay: TypingRelay;

beforeEach(() => {
  clock = new FakeClock();
  relayed = [];
  relay = new TypingRelay({
    clock,
    emit: (event, { roomId, userId, threadId }) =>
      relayed.push(`${event === "typing_start" ? "+" : "-"}${roomId}/${userId}${threadId ? `#${threadId}` : ""}`),
  });
});

function start(userId: string, more: Partial<TypingStart> = {}): void {
  relay.start({ roomId: "r", userId, username: userId, connectionId: `${userId}-1`, isCrowd: false, ...more });
}

function take(): string[] {
  return relayed.splice(0);
}

describe("typing", () => {
  it("[TYP-1] a start is relayed at once, and ends by itself 6 s after the last one", () => {
    start("anna");
    expect(take()).toEqual(["+r/anna"]);
    clock.advance(1_000);
    start("anna");
    clock.advance(5_999);
    expect(take()).toEqual([]);
    clock.advance(1);
    expect(take()).toEqual(["-r/anna"]);
    expect(clock.timerCount).toBe(0);
  });

  it("[TYP-1] at most one start per user, room and 2 s is relayed, also with stops between", () => {
    for (let elapsedMs = 0; elapsedMs < 4_000; elapsedMs += 100) {
      start("anna");
      clock.advance(100);
    }
    expect(take()).toEqual(["+r/anna", "+r/anna"]);
    relay.stop("r", "anna");
    clock.advance(10_000);
    take();
    for (let times = 0; times < 10; times++) {
      start("bob");
      relay.stop("r", "bob");
    }
    expect(take()).toEqual(["+r/bob", "-r/bob"]);
  });

  it("[TYP-1] who starts again within the 2 s is shown when they are over, unless they have stopped", () => {
    start("anna");
    relay.stop("r", "anna");
    start("anna");
    start("bob");
    relay.stop("r", "bob");
    start("bob");
    relay.stop("r", "bob");
    take();
    clock.advance(2_000);
    expect(take()).toEqual(["+r/anna"]);
    clock.advance(4_000);
    expect(take()).toEqual(["-r/anna"]);
  });

  it("[TYP-1] ends when the connection that started last goes, not when another tab does", () => {
    start("anna", { connectionId: "tab-1" });
    start("anna", { connectionId: "tab-1", roomId: "s" });
    start("anna", { connectionId: "tab-2" });
    take();
    relay.disconnect("tab-1");
    expect(take()).toEqual(["-s/anna"]);
    relay.disconnect("tab-2");
    relay.disconnect("tab-2");
    relay.stop("r", "anna");
    expect(take()).toEqual(["-r/anna"]);
  });

  it("[TYP-1] in a crowd three are shown, and the next when one of them ends", () => {
    for (const userId of ["a", "b", "c", "d"]) start(userId, { isCrowd: true });
    expect(take()).toEqual(["+r/a", "+r/b", "+r/c"]);
    relay.stop("r", "b");
    start("d", { isCrowd: true });
    start("b", { isCrowd: true });
    expect(take()).toEqual(["-r/b", "+r/d"]);
    start("a", { isCrowd: true });
    clock.advance(2_000);
    start("a", { isCrowd: true });
    expect(take()).toEqual(["+r/a"]);
  });

  it("[TYP-1] going over to a thread ends what was shown in the old place", () => {
    start("anna");
    start("anna", { threadId: "t" });
    expect(take()).toEqual(["+r/anna", "-r/anna"]);
    clock.advance(2_000);
    expect(take()).toEqual(["+r/anna#t"]);
    relay.stop("r", "anna");
    expect(take()).toEqual(["-r/anna#t"]);
  });

  it("[TYP-1] keeps nothing of those who ended, and one timer for all", () => {
    for (let index = 0; index < 500; index++) start(`u${index}`, { roomId: `r${index % 7}` });
    expect(clock.timerCount).toBe(1);
    clock.advance(10_000);
    expect(clock.timerCount).toBe(0);
    expect(take()).toHaveLength(1_000);
    start("anna");
    relay.close();
    clock.advance(10_000);
    expect(take()).toEqual(["+r/anna"]);
  });

  it("[TYP-1] whatever happens, starts and stops of a person pair up, and all end", () => {
    const user = fc.constantFrom("a", "b", "c", "d", "e");
    const step = fc.oneof(
      fc.record({ kind: fc.constant("start" as const), user, tab: fc.constantFrom("1", "2") }),
      fc.record({ kind: fc.constant("stop" as const), user }),
      fc.record({ kind: fc.constant("disconnect" as const), user, tab: fc.constantFrom("1", "2") }),
      fc.record({ kind: fc.constant("advance" as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const time = new FakeClock();
        const shown = new Set<string>();
        const lastRelayedMs = new Map<string, number>();
        const subject = new TypingRelay({
          clock: time,
          emit: (event, { userId }) => {
            if (event === "typing_stop") return expect(shown.delete(userId)).toBe(true);
            expect(time.monotonicMs() - (lastRelayedMs.get(userId) ?? -2_000)).toBeGreaterThanOrEqual(2_000);
            lastRelayedMs.set(userId, time.monotonicMs());
            return expect(shown.add(userId).size).toBeLessThanOrEqual(3);
          },
        });
        for (const step of steps) {
          if (step.kind === "advance") time.advance(step.ms);
          else if (step.kind === "stop") subject.stop("r", step.user);
          else if (step.kind === "disconnect") subject.disconnect(`${step.user}${step.tab}`);
          else {
            const connectionId = `${step.user}${step.tab}`;
            subject.start({ roomId: "r", userId: step.user, username: step.user, connectionId, isCrowd: true });
          }
        }
        time.advance(8_100);
        expect(shown.size).toBe(0);
        expect(time.timerCount).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});
