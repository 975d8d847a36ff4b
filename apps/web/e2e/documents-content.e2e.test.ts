import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDocument, paste, reads, saved, textOf } from "./document-steps.ts";
import { messageOf, say, startApp, type TestApp } from "./people.ts";

/** What stands in the text, as tags and words: `h1 Title`, `ul>li one`. */
function outline(page: Page): Promise<string[]> {
  return textOf(page).evaluate((text) => {
    const blocks = text.querySelectorAll("h1, h2, h3, p, pre, hr");
    return [...blocks].map((block) => {
      const path: string[] = [];
      for (let at: Element | null = block; at && at !== text; at = at.parentElement) {
        if (!["DIV", "TBODY"].includes(at.tagName)) path.unshift(at.tagName.toLowerCase());
      }
      return `${path.join(">")} ${block.textContent}`.trim();
    });
  });
}

const markdown = `# Title

Some **bold**, *slanted*, ~~gone~~ and \`code\`, [a link](https://example.com/a).

- one
  - nested
    1. deep
- two

- [ ] open
- [x] done

| a | b |
| --- | --- |
| c | d |

\`\`\`ts
const x = "<b>";
\`\`\`

---

<script>window.pwned = 1</script>

[bad](javascript:alert(1)) and <b onclick="alert(1)">tags</b>
`;

const html = `<meta charset="utf-8"><h2 onclick="window.pwned=1" style="position:fixed;color:red">Title</h2>
<p>Some <b>bold</b> <i>slanted</i> <code>code</code> <a href="https://example.com/a" onmouseover="window.pwned=1">a link</a>
<a href="javascript:window.pwned=1">bad</a> <a href="data:text/html,x">worse</a></p>
<ul><li>one<ul><li>nested</li></ul></li><li>two</li></ul>
<table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table>
<pre><code class="language-ts">const x = 1;</code></pre>
<script>window.pwned = 1</script><style>body { display: none }</style><iframe src="https://example.com"></iframe>
<img src="x" onerror="window.pwned=1"><svg onload="window.pwned=1"></svg><form action="/x"><input name="q"></form>`;

describe("the text of a document", () => {
  let app: TestApp;
  let ana: Page;
  beforeAll(async () => {
    app = await startApp();
    ana = await app.openMember("ana");
  });
  afterAll(() => app.close());

  /** Nothing ran, and nothing that could is in the page or comes out of it. */
  async function expectHarmless(page: Page): Promise<void> {
    const found = await textOf(page).evaluate((text) => ({
      pwned: "pwned" in window,
      tags: [...text.querySelectorAll("script, style, iframe, svg, form, object, embed, meta")].map(
        (one) => one.tagName,
      ),
      attributes: [...text.querySelectorAll("*")].flatMap((one) =>
        [...one.attributes].filter(({ name, value }) => name.startsWith("on") || /^\s*(javascript|data):/i.test(value)),
      ).length,
      styled: text.querySelectorAll("h2[style], p[style], a[style]").length,
    }));
    expect(found).toEqual({ pwned: false, tags: [], attributes: 0, styled: 0 });
  }

  it("[FACE-37] pasted Markdown becomes what it describes, and markup in it stays words", async () => {
    await makeDocument(ana, "Pasted Markdown");
    await paste(ana, { "text/plain": markdown });
    await textOf(ana).locator("h1", { hasText: "Title" }).waitFor();
    expect(await outline(ana)).toEqual([
      "h1 Title",
      "p Some bold, slanted, gone and code, a link.",
      "ul>li>p one",
      "ul>li>ul>li>p nested",
      "ul>li>ul>li>ol>li>p deep",
      "ul>li>p two",
      "ul>li>p open",
      "ul>li>p done",
      "table>tr>th>p a",
      "table>tr>th>p b",
      "table>tr>td>p c",
      "table>tr>td>p d",
      'pre const x = "<b>";',
      "hr",
      "p <script>window.pwned = 1</script>",
      'p bad and <b onclick="alert(1)">tags</b>',
    ]);
    expect(await textOf(ana).locator("li input[type=checkbox]:checked").count()).toBe(1);
    for (const [tag, words] of Object.entries({ strong: "bold", em: "slanted", s: "gone", "p > code": "code" })) {
      expect(await textOf(ana).locator(tag).allInnerTexts()).toEqual([words]);
    }
    expect(
      await textOf(ana)
        .locator("a")
        .evaluateAll((all) => all.map((one) => one.getAttribute("href"))),
    ).toEqual(["https://example.com/a"]);
    await expectHarmless(ana);
    await saved(ana);
  });

  it("[FACE-37] of pasted HTML its blocks, marks and links are kept, and nothing that runs, hides or leads astray", async () => {
    await makeDocument(ana, "Pasted HTML");
    await paste(ana, { "text/html": html, "text/plain": "Title" });
    await textOf(ana).locator("h2", { hasText: "Title" }).waitFor();
    const lines = await outline(ana);
    for (const line of [
      "h2 Title",
      "ul>li>p one",
      "ul>li>ul>li>p nested",
      "ul>li>p two",
      "table>tr>th>p a",
      "table>tr>td>p d",
      "pre const x = 1;",
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.join("\n")).not.toContain("pwned");
    expect(
      await textOf(ana)
        .locator("a")
        .evaluateAll((all) => all.map((one) => one.getAttribute("href"))),
    ).toEqual(["https://example.com/a"]);
    await expectHarmless(ana);
    await saved(ana);
    await ana.reload();
    await textOf(ana).locator("h2", { hasText: "Title" }).waitFor();
    await expectHarmless(ana);
  });

  it("[FACE-37] Markdown becomes what it describes as it is typed", async () => {
    await makeDocument(ana, "Typed Markdown");
    const typed: [keys: string, selector: string, words: string][] = [
      ["## Part", "h2", "Part"],
      ["- a point", "ul:not([data-type]) > li", "a point"],
      ["1. first", "ol > li", "first"],
      ["[ ] a task", "ul[data-type=taskList] > li", "a task"],
      ["> words", "blockquote", "words"],
      ["**thick** ", "strong", "thick"],
      ["`mono` ", "p > code", "mono"],
      ["~~gone~~ ", "s", "gone"],
    ];
    for (const [keys, selector, words] of typed) {
      await ana.keyboard.press("Control+a");
      await ana.keyboard.press("Delete");
      await ana.keyboard.press("Control+Alt+0");
      await ana.keyboard.type(keys);
      await textOf(ana).locator(selector, { hasText: words }).waitFor();
    }
    await ana.keyboard.press("Control+a");
    await ana.keyboard.press("Delete");
    await ana.keyboard.type("``` ");
    await ana.keyboard.type("**as it is**");
    await textOf(ana).locator("pre", { hasText: "**as it is**" }).waitFor();
  });

  it("[FACE-41] Ctrl+End goes behind a table, Ctrl+Home before it, and the caret stays while somebody else writes", async () => {
    const address = await makeDocument(ana, "Only a table");
    await paste(ana, { "text/plain": "| a | b |\n| --- | --- |\n| c | d |" });
    await textOf(ana).locator("table").waitFor();
    await saved(ana);
    const bo = await app.openMember("bo_table");
    await bo.goto(address);
    // Others' names stand in the text where their carets are.
    const lastCell = (page: Page, words: string) => textOf(page).locator("td", { hasText: words }).last();
    await lastCell(bo, "d").click();
    await ana.keyboard.press("Control+End");
    await ana.locator(".ProseMirror-gapcursor").waitFor({ state: "attached" });
    await bo.keyboard.press("End");
    await bo.keyboard.type("!");
    await lastCell(ana, "d!").waitFor();
    await ana.keyboard.type("behind");
    await ana.keyboard.press("Control+Home");
    await bo.keyboard.type("?");
    await lastCell(ana, "d!?").waitFor();
    await ana.keyboard.type("before");
    for (const page of [ana, bo]) {
      await reads(page, "beforeabcd!?behind");
      expect(await textOf(page).locator("td, th").count()).toBe(4);
      for (const words of ["before", "behind"]) await textOf(page).locator("> p", { hasText: words }).waitFor();
    }
    await bo.context().close();
  });

  it("[FACE-37] an @ offers the people who may read it, and who is chosen by keyboard is told", async () => {
    const bo = await app.openMember("bo_lind");
    await makeDocument(ana, "Naming plan");
    await ana.keyboard.type("ask @bo");
    await ana.getByRole("option", { name: "bo_lind" }).waitFor();
    await ana.keyboard.press("Enter");
    await textOf(ana).locator(".mrg-mention", { hasText: "@bo_lind" }).waitFor();
    await ana.keyboard.type("about it");
    await saved(ana);
    await bo
      .getByRole("button", { name: /^Notifications: [1-9]/ })
      .first()
      .click();
    await bo.getByText("Naming plan").first().waitFor();
    await bo.context().close();
  });

  it("[FACE-37] a pasted address of a message is a chip with its words that leads there", async () => {
    await ana.goto("/rooms/general");
    await say(ana, "the words in question");
    await messageOf(ana, "the words in question").and(ana.locator('[data-state="sent"]')).hover();
    await ana.getByRole("button", { name: "More actions" }).click();
    await ana.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await ana.getByRole("menuitem", { name: "Copy link" }).click();
    const address = await ana.evaluate(() => navigator.clipboard.readText());
    await makeDocument(ana, "Linking plan");
    await paste(ana, { "text/plain": address });
    const chip = textOf(ana).getByRole("link", { name: "ana: the words in question" });
    await chip.waitFor();
    expect(address).toContain((await chip.getAttribute("href")) ?? "nothing");
    await saved(ana);
    await reads(ana, "ana: the words in question ");
  });
});
