import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findVerbatimRanges } from "./verbatim-ranges.ts";

const verbatim = (text: string) => findVerbatimRanges(text).map(({ start, end }) => text.slice(start, end));

describe("verbatim ranges", () => {
  it("finds code between backticks of one length", () => {
    expect(verbatim("a `b` c ``d ` e`` f")).toEqual(["`b`", "``d ` e``"]);
    expect(verbatim("one ` two")).toEqual([]);
    expect(verbatim("`` open ` closed ` end")).toEqual(["` closed `"]);
    expect(verbatim("`one\ntwo`")).toEqual(["`one\ntwo`"]);
    expect(verbatim("stray ` here\n\nand ` there")).toEqual([]);
    expect(verbatim("```in a line```")).toEqual(["```in a line```"]);
  });

  it("finds fenced code, up to its end or the end of all", () => {
    expect(verbatim("a\n```js\n@b `c`\n```\nd")).toEqual(["```js\n@b `c`\n```"]);
    expect(verbatim("````\n```\n````\nx `y`")).toEqual(["````\n```\n````", "`y`"]);
    expect(verbatim("a\n```\nb\n\nc")).toEqual(["```\nb\n\nc"]);
    expect(verbatim("`a\n```\nb\n```\n`c")).toEqual(["```\nb\n```"]);
  });

  it("finds addresses", () => {
    expect(verbatim("see https://a.org/@b and www.c.org.")).toEqual(["https://a.org/@b", "www.c.org."]);
    expect(verbatim("(https://a.org) x://y")).toEqual(["https://a.org)", "x://y"]);
    expect(verbatim("a :// b, awww.no")).toEqual([]);
    expect(verbatim("`https://a` https://b")).toEqual(["`https://a`", "https://b"]);
  });

  it("gives ranges in order, without overlap, inside the text, for any text", () => {
    const piece = fc.constantFrom("`", "``", "```", "\n", "\n\n", " ", "a", "https://x", "www.", "://", "@", "🙂");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join("");
        let last = 0;
        for (const { start, end } of findVerbatimRanges(text)) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          last = end;
        }
        expect(last).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 1_000 },
    );
  });
});
