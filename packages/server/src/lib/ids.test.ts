import { expect, test } from "vitest";
import { createIdSource } from "./ids.ts";

test("[MSG-7] ids sort in the order they were made, many in one millisecond and over a clock that goes back", () => {
  let now = 1_800_000_000_000;
  const createId = createIdSource(() => now);
  const ids: string[] = [];
  for (let i = 0; i < 10_000; i++) ids.push(createId());
  now -= 5_000;
  ids.push(createId());
  now += 60_000;
  ids.push(createId());
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt((ids.at(-1) ?? "").replaceAll("-", "").slice(0, 12), 16)).toBe(now);
});
