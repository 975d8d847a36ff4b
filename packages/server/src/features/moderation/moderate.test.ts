import { describe, expect, it } from "vitest";
import { draft } from "../../ports/moderator.contract.ts";
import type { Moderator, ModeratorVerdict } from "../../ports/moderator.ts";
import { createModeration, type ModerationOptions } from "./moderate.ts";

const signal = new AbortController().signal;

function chain(...verdicts: (ModeratorVerdict | Error)[]) {
  const asked: number[] = [];
  const refusals: unknown[] = [];
  const moderators = verdicts.map(
    (verdict, index): Moderator => ({
      name: `m${index}`,
      async review() {
        asked.push(index);
        if (verdict instanceof Error) throw verdict;
        return verdict;
      },
    }),
  );
  const onRefused: ModerationOptions["onRefused"] = ({ moderator, reason }) => refusals.push([moderator, reason]);
  return { asked, refusals, moderate: createModeration({ moderators, onRefused }) };
}

describe("moderation before the commit", () => {
  it("[MOD-2] passes what all allow, asking each once and in order", async () => {
    const { asked, moderate } = chain({ verdict: "allow" }, { verdict: "allow" });
    await moderate(draft("hello"), signal);
    expect(asked).toEqual([0, 1]);
    await createModeration({ moderators: [] })(draft("hello"), signal);
  });

  it("[MOD-2] the first refusal ends it, with a message that says nothing of the reason", async () => {
    const { asked, refusals, moderate } = chain({ verdict: "refuse", reason: "rude" }, { verdict: "allow" });
    const error = expect.objectContaining({ code: "moderated", message: "Message violates community guidelines" });
    await expect(moderate(draft("hello"), signal)).rejects.toEqual(error);
    expect(asked).toEqual([0]);
    expect(refusals).toEqual([["m0", "rude"]]);
  });

  it("[MOD-2] a moderator that fails lets nothing pass", async () => {
    const fault = new Error("broken");
    const { asked, moderate } = chain({ verdict: "allow" }, fault, { verdict: "allow" });
    await expect(moderate(draft("hello"), signal)).rejects.toBe(fault);
    expect(asked).toEqual([0, 1]);
  });
});
