import { limits } from "@mirage/protocol/limits";
import { FakeClock } from "@mirage/testing/fake-clock";
import { beforeEach, describe, expect, it } from "vitest";
import { TypingSignal } from "./typing-signal.ts";

let clock: FakeClock;
let told: string[];
let isOpen: boolean;
let typing: TypingSignal;

beforeEach(() => {
  clock = new FakeClock();
  told = [];
  isOpen = true;
  typing = new TypingSignal(clock, (name) => {
    if (isOpen) told.push(name);
    return isOpen;
  });
});

describe("what this person tells of their typing", () => {
  it("[TYP-1] is told at once, and then at most once in the time the server relays one", () => {
    typing.start();
    typing.start();
    clock.advance(limits.typingRelayMs - 1);
    typing.start();
    expect(told).toEqual(["typing_start"]);
    clock.advance(1);
    typing.start();
    expect(told).toEqual(["typing_start", "typing_start"]);
  });

  it("[TYP-1] what could not be sent is told once the room is open, and once only", () => {
    isOpen = false;
    typing.start();
    typing.resume();
    expect(told).toEqual([]);
    isOpen = true;
    typing.resume();
    typing.resume();
    expect(told).toEqual(["typing_start"]);
  });

  it("[TYP-1] nobody is told of typing that is over by the time the room is open", () => {
    isOpen = false;
    typing.start();
    clock.advance(limits.typingExpiryMs);
    isOpen = true;
    typing.resume();
    expect(told).toEqual([]);

    isOpen = false;
    typing.start();
    typing.stop();
    isOpen = true;
    typing.resume();
    expect(told).toEqual([]);
  });

  it("[TYP-1] a room that opens again while others still see it is told nothing twice", () => {
    typing.start();
    clock.advance(limits.typingExpiryMs - 1);
    typing.resume();
    expect(told).toEqual(["typing_start"]);
  });

  it("[TYP-1] a stop is told where a start is still shown, and only there", () => {
    typing.stop();
    expect(told).toEqual([]);
    typing.start();
    typing.stop();
    typing.stop();
    expect(told).toEqual(["typing_start", "typing_stop"]);
    typing.start();
    clock.advance(limits.typingExpiryMs);
    // It has ended by itself, here and at the others.
    typing.stop();
    expect(told).toEqual(["typing_start", "typing_stop", "typing_start"]);
  });

  it("[TYP-1] typing again after a stop is told at once", () => {
    typing.start();
    typing.stop();
    typing.start();
    expect(told).toEqual(["typing_start", "typing_stop", "typing_start"]);
  });

  it("[TYP-1] sending ends it without a word: the server does the rest", () => {
    typing.start();
    typing.sent();
    typing.stop();
    typing.resume();
    expect(told).toEqual(["typing_start"]);
    typing.start();
    expect(told).toEqual(["typing_start", "typing_start"]);
  });
});
