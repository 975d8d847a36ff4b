import { expect, test } from "vitest";
import { Turnstile } from "./turnstile.ts";

const refusal = () => new Error("full");

test("[DB-8] so many come through at once, the others in the order they came, and too many are refused", async () => {
  const turnstile = new Turnstile({ atOnce: 2, maxWaiting: 2, maxWaitMs: 60_000, refusal });
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const runs = gates.map(({ promise }, index) =>
    turnstile.run(() => {
      begun.push(index);
      return promise;
    }),
  );
  await expect(turnstile.run(async () => undefined)).rejects.toThrow("full");
  expect(begun).toEqual([0, 1]);
  gates[1]?.reject(new Error("broken"));
  await expect(runs[1]).rejects.toThrow("broken");
  expect(begun).toEqual([0, 1, 2]);
  for (const gate of gates) gate.resolve();
  await Promise.all([runs[0], runs[2], runs[3]]);
  expect(begun).toEqual([0, 1, 2, 3]);
  expect(await turnstile.run(async () => "free again")).toBe("free again");
});

test("[DB-8] whoever has waited too long is refused and takes nobody's place", async () => {
  const turnstile = new Turnstile({ atOnce: 1, maxWaiting: 2, maxWaitMs: 1, refusal });
  const gate = Promise.withResolvers<string>();
  const inside = turnstile.run(() => gate.promise);
  await expect(turnstile.run(async () => "never")).rejects.toThrow("full");
  gate.resolve("done");
  expect(await inside).toBe("done");
  expect(await turnstile.run(async () => "next")).toBe("next");
});
