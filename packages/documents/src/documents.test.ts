import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { fromHtml } from "./from-html.ts";
import { contentName, documentSchema, fromMarkdown, toHtml, toJson, toMarkdown } from "./index.ts";

interface Tree {
  name: string;
  text: string;
  children: Tree[];
}

function open(...updates: Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc;
}

const hostileAddresses = [
  "javascript:alert(1)",
  " JaVa\tScRiPt:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:x",
  "file:///etc/passwd",
  "//evil.example/x",
  'https://x.y/"onmouseover=alert(1)',
];

describe("documents and other formats", () => {
  it("[FMT-3] Markdown seeds an empty document, and is appended to one that has text", () => {
    const doc = open(fromMarkdown("# Title\n\nfirst"));
    const before = Y.encodeStateVector(doc);
    const update = fromMarkdown("*second*", doc);
    expect(Y.encodeStateVector(doc)).toEqual(before);
    Y.applyUpdate(doc, update);
    expect(toMarkdown(doc)).toBe("# Title\n\nfirst\n\n*second*\n");
    expect(toJson(doc).content?.map(({ type }) => type)).toEqual(["heading", "paragraph", "paragraph"]);
  });

  it("[FMT-4] addresses that lead elsewhere than http, https and mailto are dropped, from Markdown and from HTML", () => {
    for (const address of hostileAddresses) {
      const markdown = open(fromMarkdown(`[words](<${address}>) ![alt](<${address}>)`));
      const html = open(fromHtml(`<p><a href='${address}'>words</a></p><img src='${address}' alt="alt">`));
      for (const doc of [markdown, html]) {
        expect(toMarkdown(doc)).toContain("words");
        const written = toHtml(doc);
        const linked = [...written.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, found]) => found);
        expect(linked.filter((found) => !/^https:\/\/x\.y\/[^\s"<>]*$/.test(found ?? ""))).toEqual([]);
        expect(written).not.toMatch(/<[^>]*\son\w+=/);
      }
    }
  });

  it("[FMT-4] scripts, styles, frames and handlers of HTML are gone, and its headings, lists and tables stay", () => {
    const doc = open(
      fromHtml(
        `<style>p{}</style><h2 onclick="alert(1)">Plan</h2><script>alert(1)</script><iframe src="https://x.y"></iframe>
         <ul><li>one<ul><li>two</li></ul></li></ul><p onload=x>a <b>b</b><svg onload="alert(2)"><g/></svg></p>
         <table><tr><th>h</th></tr><tr><td>c</td></tr></table><object data="x"></object>`,
      ),
    );
    const html = toHtml(doc);
    expect(html).not.toMatch(/script|alert|iframe|onclick|onload|style>|object|svg/i);
    expect(toMarkdown(doc)).toBe("## Plan\n\n- one\n  - two\n\na **b**\n\n| h |\n| --- |\n| c |\n");
  });

  it("[FMT-4] markup in text is text in HTML", () => {
    const doc = open(fromMarkdown('<img src=x onerror=alert(1)> & "quoted" `<script>`'));
    expect(toHtml(doc)).toBe(
      '<p dir="auto">&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quoted&quot; <code>&lt;script&gt;</code></p>',
    );
  });

  it("[FMT-5] whatever somebody wrote into the Yjs document, what is read of it fits the schema", () => {
    const names = [
      "paragraph",
      "table",
      "listItem",
      "codeBlock",
      "image",
      "script",
      "doc",
      "tableRow",
      "taskItem",
      "text",
      "__proto__",
    ];
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.record({
        name: fc.constantFrom(...names),
        text: fc.constantFrom("", "some", "<b>"),
        children: fc.oneof({ maxDepth: 4 }, fc.constant<Tree[]>([]), fc.array(tie("tree"), { maxLength: 3 })),
      }),
    }));
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 4 }), (nodes) => {
        const doc = new Y.Doc();
        const build = ({ name, text, children }: Tree): Y.XmlElement => {
          const element = new Y.XmlElement(name);
          const words = new Y.XmlText();
          words.insert(0, text, { link: { href: "javascript:x" }, bold: true, nonsense: {} });
          element.setAttribute("src", "javascript:x");
          element.setAttribute("level", "99");
          element.insert(0, [words, ...children.map(build)]);
          return element;
        };
        doc.getXmlFragment(contentName).insert(0, nodes.map(build));
        const json = toJson(doc);
        documentSchema().nodeFromJSON(json).check();
        expect(JSON.stringify(json) + toHtml(doc)).not.toContain("javascript:");
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it("[FMT-5] nesting that would exhaust a reader is cut off, and its text is kept", () => {
    const doc = new Y.Doc();
    let parent: Y.XmlFragment | Y.XmlElement = doc.getXmlFragment(contentName);
    for (let depth = 0; depth < 90; depth++) {
      const quote = new Y.XmlElement("blockquote");
      parent.insert(0, [quote]);
      parent = quote;
    }
    const text = new Y.XmlText();
    parent.insert(0, [text]);
    text.insert(0, "deep down");
    expect(toHtml(doc)).toContain("deep down");
    expect(() => fromHtml("<div>".repeat(100_000))).toThrow("nested too deep");
    expect(toMarkdown(open(fromMarkdown(`${"> ".repeat(3_000)}x`)))).toContain("x");
  });
});
