import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteBudget } from "../lib/byte-budget.ts";
import type { Change } from "./change.ts";
import { Ring } from "./ring.ts";

function changeAt(position: number, entity: string): Change {
  return { stream: "room:r", position, entity, event: "room_updated", payload: {} as never };
}

const add = (ring: Ring, change: Change): void => ring.add(change, JSON.stringify(change.payload));

test("[MOD-1] of one entity only the last change is kept, so nothing that was taken away is held", () => {
  const ring = new Ring({ stream: "room:r", startsAt: 0, maxChanges: 10 });
  for (const [index, entity] of ["a", "b", "a"].entries()) add(ring, changeAt(index + 1, entity));
  expect(ring.since(0)?.map(({ position }) => position)).toEqual([2, 3]);
});

test("[CAT-2] it answers everything after a position, in order, or not at all", () => {
  const entities = fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f"), { maxLength: 40 });
  fc.assert(
    fc.property(entities, fc.integer({ min: 1, max: 5 }), fc.nat({ max: 45 }), (names, size, since) => {
      const ring = new Ring({ stream: "room:r", startsAt: 0, maxChanges: size });
      const last = new Map<string, number>();
      names.forEach((entity, index) => {
        add(ring, changeAt(index + 1, entity));
        last.set(entity, index + 1);
      });
      const answer = ring.since(since)?.map(({ position }) => position);
      const whole = [...last.values()].filter((position) => position > since).sort((a, b) => a - b);
      if (answer) expect(answer).toEqual(whole);
      else expect(whole.length).toBeGreaterThan(size);
    }),
  );
});

const positionsOf = (ring: Ring, since: number) => ring.since(since)?.map(({ position }) => position);

test("[CAT-1] what was read of the past goes before it, and never over a later state", () => {
  const ring = new Ring({ stream: "room:r", startsAt: 10, maxChanges: 10 });
  for (const [position, entity] of [
    [11, "a"],
    [12, "b"],
  ] as const)
    add(ring, changeAt(position, entity));
  const changes = [changeAt(3, "a"), changeAt(4, "c"), changeAt(7, "d"), changeAt(12, "b")];
  expect(ring.recall({ floor: 2, head: 9, changes })).toBe(false);
  expect(ring.since(2)).toBeUndefined();
  expect(ring.recall({ floor: 2, head: 12, changes })).toBe(true);
  expect(positionsOf(ring, 2)).toEqual([4, 7, 11, 12]);
  expect(ring.since(1)).toBeUndefined();
  add(ring, changeAt(13, "c"));
  expect(positionsOf(ring, 2)).toEqual([7, 11, 12, 13]);
});

test("[CAT-1] a ring with much of the past shrinks back by and by", () => {
  const ring = new Ring({ stream: "room:r", startsAt: 10, maxChanges: 3 });
  const changes = Array.from({ length: 8 }, (_, i) => changeAt(i + 3, `old ${i}`));
  ring.recall({ floor: 2, head: 10, changes });
  for (let position = 11; position <= 12; position++) add(ring, changeAt(position, `new ${position}`));
  expect(positionsOf(ring, 6)).toEqual([7, 8, 9, 10, 11, 12]);
  expect(ring.since(5)).toBeUndefined();
  for (let position = 13; position <= 20; position++) add(ring, changeAt(position, `new ${position}`));
  expect(positionsOf(ring, 17)).toEqual([18, 19, 20]);
  expect(ring.since(16)).toBeUndefined();
});

test("[CAT-2] past the bytes of all rings, the one used longest ago forgets, says so, and goes on", () => {
  const budget = new ByteBudget(500);
  const rings = ["a", "b"].map(() => new Ring({ stream: "room:r", startsAt: 0, maxChanges: 10, budget }));
  const [a, b] = rings as [Ring, Ring];
  add(a, changeAt(1, "one"));
  add(b, changeAt(1, "one"));
  add(a, changeAt(2, "two"));
  expect(positionsOf(a, 0)).toEqual([1, 2]);
  expect(b.since(0)).toBeUndefined();
  expect(b.since(1)).toEqual([]);
  add(b, changeAt(2, "two"));
  expect(positionsOf(b, 1)).toEqual([2]);
  expect(budget.bytes).toBeLessThanOrEqual(500);
});
