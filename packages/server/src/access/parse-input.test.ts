import { type CommandName, commands, messages } from "@mirage/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DatabaseError } from "../database/database.ts";
import { parseInput } from "./parse-input.ts";
import { toRefusal } from "./to-refusal.ts";

const refusalOf = (name: CommandName, raw: unknown) => {
  const result = parseInput(name, raw);
  return result.ok ? undefined : result.refusal;
};

test("[CMD-1] a missing input counts as an empty object, and a bare id as the room", () => {
  expect(parseInput("list_rooms", undefined)).toEqual({ ok: true, payload: { scope: "mine" } });
  expect(parseInput("join_room", "general")).toEqual({ ok: true, payload: { roomId: "general" } });
  expect(refusalOf("join_room", undefined)?.message).toBe(messages.roomIdRequired);
  expect(refusalOf("create_room", "general")?.code).toBe("bad_request");
});

test("[CMD-2] a refusal says what clients already show, or where the input is wrong", () => {
  const message = (content: unknown) => refusalOf("chat_message", { roomId: "r", content })?.toBody();
  expect(message(" ")).toMatchObject({ code: "bad_request", message: messages.contentRequired });
  expect(message("x".repeat(2_001))).toMatchObject({ code: "too_large", message: messages.tooLong });
  expect(message("😀".repeat(2_000))).toBeUndefined();
  const refusal = refusalOf("get_messages", { roomId: "r", limit: 101 });
  expect(refusal?.message).toMatch(/^Invalid payload: limit /);
  expect(refusal?.issues).toEqual([{ path: "limit", message: expect.any(String) }]);
});

test("[S27] text that cannot be stored and nesting that is too deep are refused before any schema", () => {
  let deep: unknown = {};
  for (let level = 0; level < 100_000; level++) deep = { a: deep };
  const own = JSON.parse('{"roomId":"r","content":"x","metadata":{"__proto__":{"a":1}}}');
  for (const raw of [
    { roomId: "r", content: "a\u0000" },
    { roomId: "r", content: "\ud800" },
    { roomId: "r", content: "x", metadata: deep },
    { roomId: "r", content: "x", metadata: { a: new Uint8Array(4) } },
    own,
  ]) {
    expect(refusalOf("chat_message", raw)?.code).toBe("bad_request");
  }
});

test("[CMD-3] whatever is sent is answered by a payload or a coded refusal", () => {
  const names = Object.keys(commands) as CommandName[];
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.anything({ withNullPrototype: true }), (name, raw) => {
      const result = parseInput(name, raw);
      expect(result.ok || ["bad_request", "too_large"].includes(result.refusal.code)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("[CMD-4] a fault tells nothing of its inside", () => {
  const lost = new DatabaseError("canary", { connectionLost: true });
  expect(toRefusal(lost).toBody()).toMatchObject({
    code: "unavailable",
    message: "Service unavailable",
    retryable: true,
  });
  expect(toRefusal(lost, messages.sendFailed).message).toBe(messages.sendFailed);
  expect(toRefusal(new DatabaseError("canary", { sqlState: "57014" })).code).toBe("unavailable");
  expect(toRefusal(new DatabaseError("canary", { sqlState: "53300" })).code).toBe("overloaded");
  expect(toRefusal(new DatabaseError("canary", { sqlState: "23505" })).toBody()).toEqual({
    code: "internal",
    message: "Internal error",
    retryable: false,
  });
  expect(toRefusal("canary").message).toBe("Internal error");
});
