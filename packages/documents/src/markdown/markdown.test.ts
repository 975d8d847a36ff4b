import type { JSONContent } from "@tiptap/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitDocument } from "../fit.ts";
import { readMarkdown } from "./read-markdown.ts";
import { writeMarkdown } from "./write-markdown.ts";

const again = (markdown: string) => writeMarkdown(readMarkdown(markdown));

/** Bits of Markdown, put together as they come. */
const pieces = [
  ..."*_`~[]()<>#+-=|\\!&;:.> \n1aB".split(""),
  ..."**|__|~~|```|\n\n|\n    |  \n|- |* |1. |- [ ] |[x] |> |# |---|===|&amp;|&#42;|<b>|</div>|<br>|é|😀|שלום".split(
    "|",
  ),
  "[a](https://x.y)",
  "![i](https://x.y/z.png)",
  "https://x.y/(z)_a",
  "me@x.y",
  "[@A](mention:u1)",
  "| a | b |\n| --- | :-: |\n| c | d |\n",
  "[m](/rooms/r?message=m)",
  "word",
];

/** What was once read otherwise than it was written. */
const found = ["**me@x.y<br>* me@x.y*", "- [ ] *\n    *", "1. B\n    *", "- - *\n."];

describe("Markdown", () => {
  it("[FMT-1] what was read and written once reads and writes as the same, whatever it was", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 25 }), (parts) => {
        const once = again(parts.join(""));
        expect(again(once)).toBe(once);
      }),
      { numRuns: 3_000, examples: found.map((markdown) => [[markdown]]) },
    );
  });

  it("[FMT-2] a document of blocks, lists, tables, links and mentions comes back as it was", () => {
    fc.assert(
      fc.property(documents, (json) => {
        const document = fitDocument(json);
        expect(readMarkdown(writeMarkdown(document)).toJSON()).toEqual(document.toJSON());
      }),
      { numRuns: 1_000, seed: 1 },
    );
  });

  it("[FMT-2] what looks like syntax is text: number signs, numbers, dashes, addresses, tags and references", () => {
    const words = [
      "# no",
      "1. no",
      "- no",
      "+ no",
      "> no",
      "---",
      "===",
      "a_b_c *d*",
      "<b>x</b> &amp; &#42; www.a.bc",
      "[x]: y",
    ];
    const content = words.map((text) => ({ type: "paragraph", content: [{ type: "text", text }] }));
    const document = fitDocument({ type: "doc", content });
    expect(readMarkdown(writeMarkdown(document)).toJSON()).toEqual(document.toJSON());
  });
});

const word = fc.stringMatching(/^[\p{L}\p{N}*_`~[\]#<>&!|().,:+=-]{1,8}$/u);
const words = fc.array(word, { minLength: 1, maxLength: 4 }).map((some) => some.join(" "));
const plain = words.map((text): JSONContent[] => [{ type: "text", text }]);
const marked = fc.tuple(
  fc.constantFrom("bold", "italic", "strike", "code"),
  fc.stringMatching(/^[a-z]{1,6}( [a-z]{1,6})?$/),
);
const inline = fc
  .array(
    fc.oneof(
      marked.map(([type, text]): JSONContent[] => [
        { type: "text", text, marks: [{ type }] },
        { type: "text", text: " " },
      ]),
      words.map((text): JSONContent[] => [{ type: "text", text: `${text} ` }]),
      words.map((text): JSONContent[] => [
        { type: "text", text, marks: [{ type: "link", attrs: { href: "https://example.com/a_(b)" } }] },
        { type: "text", text: " " },
      ]),
      words.map((label): JSONContent[] => [
        { type: "mention", attrs: { id: "u-1", label } },
        { type: "text", text: " " },
      ]),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .chain((parts) => plain.map((last) => [...parts.flat(), ...last]));
const paragraph = inline.map((content): JSONContent => ({ type: "paragraph", content }));

const list = (type: "bulletList" | "orderedList" | "taskList") =>
  fc
    .array(fc.tuple(paragraph, fc.boolean(), fc.option(paragraph)), { minLength: 1, maxLength: 3 })
    .map((items): JSONContent => {
      const item = type === "taskList" ? "taskItem" : "listItem";
      const content = items.map(([first, checked, nested]): JSONContent => {
        const below = nested ? [{ type: "bulletList", content: [{ type: "listItem", content: [nested] }] }] : [];
        return { type: item, attrs: { checked }, content: [first, ...below] };
      });
      return { type, content };
    });

const table = fc.array(fc.tuple(plain, plain), { minLength: 2, maxLength: 4 }).map(
  (rows): JSONContent => ({
    type: "table",
    content: rows.map((cells, row) => ({
      type: "tableRow",
      content: cells.map((content) => ({
        type: row === 0 ? "tableHeader" : "tableCell",
        content: [{ type: "paragraph", content }],
      })),
    })),
  }),
);

const block = fc.oneof(
  paragraph,
  fc
    .tuple(fc.integer({ min: 1, max: 6 }), plain)
    .map(([level, content]) => ({ type: "heading", attrs: { level }, content })),
  list("bulletList"),
  list("orderedList"),
  list("taskList"),
  fc.array(paragraph, { minLength: 1, maxLength: 2 }).map((content) => ({ type: "blockquote", content })),
  fc.string({ minLength: 1 }).map((text) => ({
    type: "codeBlock",
    attrs: { language: "ts" },
    content: [{ type: "text", text: `${text.replaceAll(/[\0\r\t]/g, "")}.` }],
  })),
  table,
);
const documents = fc.array(block, { minLength: 1, maxLength: 5 }).map((blocks): JSONContent => {
  // Quotations that follow each other are one to Markdown.
  const content = blocks.flatMap((one) => (one.type === "blockquote" ? [one, { type: "horizontalRule" }] : [one]));
  return { type: "doc", content };
});
