import fc from "fast-check";
import { expect, test } from "vitest";
import { countCodePoints, findUncleanPath, line } from "./text.ts";

test("counts code points, not UTF-16 units", () => {
  expect(countCodePoints("")).toBe(0);
  expect(countCodePoints("a😀é")).toBe(3);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => countCodePoints(text) === [...text].length));
});

test("[IN-1] text that cannot be stored is found wherever it hides", () => {
  expect(findUncleanPath({ a: [{ b: "x\u0000" }] }, 20)).toBe("a.0.b");
  expect(findUncleanPath({ a: "\ud800" }, 20)).toBe("a");
  expect(findUncleanPath({ "\udc00": 1 }, 20)).toBe("?");
  expect(findUncleanPath("\u0000", 20)).toBe("(value)");
  expect(findUncleanPath(JSON.parse('{"a":{"__proto__":{"x":1}}}'), 20)).toBe("a.?");
  expect(findUncleanPath({ a: new Uint8Array(1) }, 20)).toBe("a");
  expect(findUncleanPath({ a: "fine 😀", b: [1, null, true] }, 20)).toBeUndefined();
});

test("[IN-1] nesting is bounded without recursion", () => {
  let deep: unknown = "bottom";
  for (let level = 0; level < 200_000; level++) deep = [deep];
  expect(findUncleanPath(deep, 20)).toBeTypeOf("string");
  expect(findUncleanPath([[[]]], 3)).toBeUndefined();
  expect(findUncleanPath([[[[]]]], 3)).toBe("0.0.0");
});

test("[IN-1] whatever JSON says, it is judged and never thrown over", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 30 }), (json) => {
      const path = findUncleanPath(JSON.parse(json), 20);
      return path === undefined || typeof path === "string";
    }),
  );
});

test("a line is NFC, trimmed, visible and bounded in code points", () => {
  const name = line(3, "Name is required");
  expect(name.parse("  e\u0301 ")).toBe("é");
  expect(name.parse("😀😀😀")).toBe("😀😀😀");
  expect(name.safeParse("   ").error?.issues[0]?.message).toBe("Name is required");
  expect(name.safeParse(undefined).error?.issues[0]?.message).toBe("Name is required");
  expect(name.safeParse("abcd").success).toBe(false);
});
