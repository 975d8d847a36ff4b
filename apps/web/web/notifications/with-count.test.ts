import { expect, it } from "vitest";
import { withCount } from "./with-count.ts";

it("[FACE-18] a title carries one number, and none when there is nothing new", () => {
  expect(withCount("General · Mirage", 3)).toBe("(3) General · Mirage");
  expect(withCount("(3) General · Mirage", 100)).toBe("(99+) General · Mirage");
  expect(withCount("(99+) General · Mirage", 0)).toBe("General · Mirage");
  expect(withCount("(a) room · Mirage", 0)).toBe("(a) room · Mirage");
});
