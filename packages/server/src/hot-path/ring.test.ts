import fc from "fast-check";
import { expect, test } from "vitest";
import type { Change } from "./change.ts";
import { Ring } from "./ring.ts";

function changeAt(position: number, entity: string): Change {
  return { stream: "room:r", position, entity, event: "message_updated", payload: {} as never };
}

test("[MOD-1] of one entity only the last change is kept, so nothing that was taken away is held", () => {
  const ring = new Ring(0, 10);
  for (const [index, entity] of ["a", "b", "a"].entries()) ring.add(changeAt(index + 1, entity));
  expect(ring.since(0)?.map(({ position }) => position)).toEqual([2, 3]);
});

test("[CAT-2] it answers everything after a position, in order, or not at all", () => {
  const entities = fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f"), { maxLength: 40 });
  fc.assert(
    fc.property(entities, fc.integer({ min: 1, max: 5 }), fc.nat({ max: 45 }), (names, size, since) => {
      const ring = new Ring(0, size);
      const last = new Map<string, number>();
      names.forEach((entity, index) => {
        ring.add(changeAt(index + 1, entity));
        last.set(entity, index + 1);
      });
      const answer = ring.since(since)?.map(({ position }) => position);
      const whole = [...last.values()].filter((position) => position > since).sort((a, b) => a - b);
      if (answer) expect(answer).toEqual(whole);
      else expect(whole.length).toBeGreaterThan(size);
    }),
  );
});
