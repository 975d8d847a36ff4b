import fc from "fast-check";
import { expect, test } from "vitest";
import { type CommandName, commands, errorCodes, events, limits, messages } from "./index.ts";

const names = Object.keys(commands) as CommandName[];
const message = commands.chat_message.input;

/** Objects that use a command's own field names with values of any kind. */
function almostInput(name: CommandName): fc.Arbitrary<unknown> {
  const shape = "shape" in commands[name].input ? Object.keys(commands[name].input.shape as object) : [];
  return fc.dictionary(fc.constantFrom("x", ...shape), fc.anything({ maxDepth: 4, withBigInt: false, withDate: true }));
}

test("[IN-2] no input makes a command's check throw", () => {
  for (const name of names) {
    const input = fc.oneof(fc.anything({ maxDepth: 4 }), almostInput(name));
    fc.assert(
      fc.property(input, (value) => typeof commands[name].input.safeParse(value).success === "boolean"),
      { numRuns: 100 },
    );
  }
});

test("[IN-2] what a check lets through, it lets through again unchanged", () => {
  for (const name of names) {
    fc.assert(
      fc.property(almostInput(name), (value) => {
        const first = commands[name].input.safeParse(value);
        if (first.success) expect(commands[name].input.parse(first.data)).toEqual(first.data);
      }),
      { numRuns: 100 },
    );
  }
});

test("[MSG-1] a message has 1 to 2,000 code points, is NFC, and is not trimmed", () => {
  const post = (content: unknown) => message.safeParse({ roomId: "r", content });
  expect(post("  e\u0301 ").data?.content).toBe("  é ");
  expect(post("😀".repeat(limits.messageCodePoints)).success).toBe(true);
  expect(post("😀".repeat(limits.messageCodePoints + 1)).error?.issues[0]?.message).toBe(messages.tooLong);
  for (const blank of ["", " \n\t ", undefined]) {
    expect(post(blank).error?.issues[0]?.message).toBe(messages.contentRequired);
  }
  expect(message.safeParse({ roomId: "r", content: " ", attachments: [{ fileId: "a" }] }).success).toBe(true);
});

test("[MSG-1] a client cannot post as the system, nor more metadata than 4 KiB or 5 levels", () => {
  const post = (rest: object) => message.safeParse({ roomId: "r", content: "x", ...rest }).success;
  expect(post({ type: "system" })).toBe(false);
  expect(post({ type: "image", metadata: { a: { b: { c: { d: 1 } } } } })).toBe(true);
  expect(post({ metadata: { a: { b: { c: { d: { e: { f: 1 } } } } } } })).toBe(false);
  expect(post({ metadata: { a: "x".repeat(limits.metadataBytes) } })).toBe(false);
});

test("a page of history asks in one direction only", () => {
  const page = (input: object) => commands.get_messages.input.safeParse({ roomId: "r", ...input }).success;
  expect(page({})).toBe(true);
  expect(page({ before: 5 })).toBe(true);
  expect(page({ before: 5, after: 1 })).toBe(false);
  expect(page({ limit: limits.pageMessagesMax + 1 })).toBe(false);
});

test("[ACK-3] every code a command may answer is in the one table, and none is listed twice", () => {
  for (const name of names) {
    const codes = commands[name].errors;
    for (const code of codes) expect(errorCodes).toHaveProperty(code);
    expect(new Set(codes).size, name).toBe(codes.length);
  }
});

test("names on the wire are snake_case, and no command is also an event of another meaning", () => {
  for (const name of [...names, ...Object.keys(events)]) expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
  const both = names.filter((name) => name in events);
  expect(both.sort()).toEqual(["chat_message", "collaborative_edit", "cursor_update", "typing_start", "typing_stop"]);
});
