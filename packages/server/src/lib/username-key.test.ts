import fc from "fast-check";
import { expect, it } from "vitest";
import { usernameKey } from "./username-key.ts";

it("compares names without regard to case, width and composition", () => {
  for (const [one, other] of [
    ["ANNA", "anna"],
    ["ａｎｎａ", "Anna"],
    ["Zoe\u0308", "ZOË"],
    ["ΟΔΥΣΣΕΥΣ", "Οδυσσευς"],
    ["Иван", "ИВАН"],
  ] as const) {
    expect(usernameKey(one)).toBe(usernameKey(other));
  }
  expect(usernameKey("anna")).not.toBe(usernameKey("anne"));
});

it("makes a key of a key that is the same", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      const key = usernameKey(name);
      expect(usernameKey(key)).toBe(key);
    }),
    { numRuns: 2_000 },
  );
});
