import { expect, it } from "vitest";
import { StreamPositions } from "./stream-positions.ts";

it("[CLI-22] positions may come in any order; a hole is there until what is missing has come", () => {
  const positions = new StreamPositions();
  positions.reset(3);
  positions.note({ seq: 5 });
  expect(positions.hasHole).toBe(true);
  positions.note({ seq: 7, from: 6 });
  positions.note({ seq: 4 });
  expect(positions.hasHole).toBe(false);
  positions.note({ seq: 4 });
  positions.note({ seq: 8 });
  expect(positions.hasHole).toBe(false);
  positions.note({ seq: 12, from: 10 });
  expect(positions.hasHole).toBe(true);
  positions.note({ seq: 9 });
  expect(positions.hasHole).toBe(false);
});

it("[CLI-22] what came before the document was joined counts from there on", () => {
  const positions = new StreamPositions();
  positions.note({ seq: 8 });
  positions.note({ seq: 6 });
  positions.reset(6);
  expect(positions.hasHole).toBe(true);
  positions.reset(7);
  expect(positions.hasHole).toBe(false);
});
