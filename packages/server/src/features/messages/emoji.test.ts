import { createRequire } from "node:module";
import { countCodePoints } from "@mirage/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normaliseReaction, resolveShortNames } from "./emoji.ts";

const isCustom = (name: string) => name === "party_parrot" || name === "tada";
const resolve = (content: string) => resolveShortNames(content, isCustom);
const react = (emoji: string) => normaliseReaction(emoji, isCustom);
const none = () => false;

describe("short names in a text", () => {
  it("[MSG-1] standard short names become Unicode", () => {
    expect(resolve("hi :smile:")).toBe("hi 😄");
    expect(resolve(":+1::heart: :Thumbsup: (:de:)")).toBe("👍❤️ 👍 (🇩🇪)");
    expect(resolve(":point_up::skull:!")).toBe("☝️💀!");
  });

  it("[MSG-1] custom and unknown names stay as they are, a custom one goes before the standard one", () => {
    expect(resolve(":party_parrot: :tada: :no_such_name:")).toBe(":party_parrot: :tada: :no_such_name:");
    expect(resolveShortNames(":tada:", none)).toBe("🎉");
    expect(resolve(":no_such:smile:")).toBe(":no_such:smile:");
    expect(resolve(":party_parrot::smile:")).toBe(":party_parrot:😄");
  });

  it("[MSG-1] nothing changes inside code and addresses, nor between letters", () => {
    for (const text of [
      "`:smile:`",
      "```\n:smile:\n```",
      "https://host/:smile:/",
      "at 12:100:30",
      "std::heart::beat",
      "a:b:c",
      "::",
      ":",
      ": smile :",
      "x:smile:",
      ":smile:x",
    ]) {
      expect(resolve(text)).toBe(text);
    }
    expect(resolve("`:smile:` :smile:")).toBe("`:smile:` 😄");
  });

  it("[MSG-1] resolving never makes a text longer, and leaves one without colons alone", () => {
    const piece = fc.constantFrom(":", "smile", ":smile:", ":tada:", "+1", " ", "`", "a", "https://x", "\n", "❤️");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join("");
        expect(countCodePoints(resolve(text))).toBeLessThanOrEqual(countCodePoints(text));
        const plain = text.replaceAll(":", "");
        expect(resolve(plain)).toBe(plain);
      }),
      { numRuns: 1_000 },
    );
  });

  it("[MSG-1] every standard name resolves to one emoji, as Unicode writes it, no longer than its name", () => {
    const load = createRequire(import.meta.url);
    let count = 0;
    for (const set of ["github", "emojibase"]) {
      const names = load(`emojibase-data/en/shortcodes/${set}.json`) as Record<string, string | string[]>;
      for (const name of Object.values(names).flat()) {
        const text = `:${name}:`;
        const resolved = resolveShortNames(text, none);
        if (/^regional_indicator/.test(name)) continue;
        count++;
        expect(resolved).toMatch(/^\p{RGI_Emoji}$/v);
        expect(countCodePoints(resolved)).toBeLessThanOrEqual(countCodePoints(text));
        expect(normaliseReaction(text, none)).toBe(resolved);
        expect(normaliseReaction(resolved, none)).toBe(resolved);
      }
    }
    expect(count).toBeGreaterThan(5_000);
  });
});

describe("reactions", () => {
  it("[MSG-2] one emoji is one reaction, however it is written", () => {
    for (const written of ["❤️", "❤", ":heart:", ":red_heart:"]) expect(react(written)).toBe("❤️");
    for (const written of ["👍", "👍\ufe0f", ":+1:", ":thumbsup:"]) expect(react(written)).toBe("👍");
    for (const emoji of ["👨‍👩‍👧‍👦", "🇩🇪", "1️⃣", "👋🏽", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈", "❤️‍🔥"]) expect(react(emoji)).toBe(emoji);
    expect(react(":party_parrot:")).toBe(":party_parrot:");
  });

  it("[MSG-2] anything else is refused", () => {
    for (const written of [
      "",
      "a",
      "1",
      "😀😀",
      "😀a",
      ":no_such_name:",
      "smile",
      "<b>",
      "🇩",
      "e\u0301",
      "😀\u0301",
      ":a b:",
    ]) {
      expect(() => react(written), written).toThrow(expect.objectContaining({ code: "bad_request" }));
    }
    expect(() => react(`😀${"\u200d😀".repeat(20)}`)).toThrow(expect.objectContaining({ code: "bad_request" }));
  });
});
