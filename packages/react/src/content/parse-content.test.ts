import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Inline, isFewEmoji, parseContent } from "./parse-content.ts";

function inlineOf(text: string, names: string[] = []): Inline[] {
  const [block] = parseContent(text, names);
  return block && block.kind !== "code" ? block.children : [];
}

function plainOf(inlines: Inline[]): string {
  return inlines.map((inline) => ("children" in inline ? plainOf(inline.children) : inline.text)).join("");
}

describe("message content", () => {
  it("[FACE-1] links only http and https, and leaves the sentence's punctuation outside", () => {
    expect(inlineOf("see https://example.com/a(b). javascript:alert(1)")).toEqual([
      { kind: "text", text: "see " },
      { kind: "link", href: "https://example.com/a(b)", text: "https://example.com/a(b)" },
      { kind: "text", text: ". javascript:alert(1)" },
    ]);
  });

  it("[FACE-1] knows bold, italic, strike and code, and nothing inside code", () => {
    expect(inlineOf("**a _b_** ~~c~~ `**d**`").map((inline) => inline.kind)).toEqual([
      "bold",
      "text",
      "strike",
      "text",
      "code",
    ]);
    expect(inlineOf("2*3*4 snake_case_name")).toEqual([{ kind: "text", text: "2*3*4 snake_case_name" }]);
  });

  it("[FACE-1] highlights the longest mentioned name and no address", () => {
    const names = ["Ana", "Ana Maria"];
    expect(inlineOf("hi @ana maria and x@ana", names)).toEqual([
      { kind: "text", text: "hi " },
      { kind: "mention", text: "@ana maria" },
      { kind: "text", text: " and x@ana" },
    ]);
  });

  it("[FACE-1] keeps fenced code as it was typed and an open fence as text", () => {
    expect(parseContent("a\n```js\nlet x = '<b>';\n```\nb")).toEqual([
      { kind: "paragraph", children: [{ kind: "text", text: "a" }] },
      { kind: "code", language: "js", text: "let x = '<b>';" },
      { kind: "paragraph", children: [{ kind: "text", text: "b" }] },
    ]);
    expect(plainOf(inlineOf("```oops"))).toContain("oops");
  });

  it("[FACE-1] never throws and never invents text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "*", "_", "`", "~", "@", " ", "\n", ">", "h"), maxLength: 300 }),
        (text) => {
          for (const block of parseContent(text, ["a", "ah"])) {
            const shown = block.kind === "code" ? block.text : plainOf(block.children);
            for (const character of shown) expect(text).toContain(character);
          }
        },
      ),
    );
  });

  it("[FACE-1] tells a few emoji from text and digits", () => {
    expect(isFewEmoji("🎉 👩‍💻")).toBe(true);
    expect(isFewEmoji("12")).toBe(false);
    expect(isFewEmoji("ok 🎉")).toBe(false);
  });
});
