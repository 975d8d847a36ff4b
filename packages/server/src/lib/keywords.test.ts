import { expect, test } from "vitest";
import { hasKeyword, KeywordIndex } from "./keywords.ts";

test("[NOTE-19] a keyword is found as a whole word, in upper and lower case, as a phrase, and in any script", () => {
  for (const [text, keyword] of [
    ["Deploy!", "deploy"],
    ["the DEPLOY, now", "deploy"],
    ["a release  plan\nfor it", "Release plan"],
    ["we use C++ here", "c++"],
    ["try .NET", ".net"],
    ["node.js is up", "node.js"],
    ["今天部署了", "部署"],
    ["ÉTÉ", "été"],
    ["e\u0301te\u0301", "été"],
    ["deploys deploy", "deploy"],
  ] as const) {
    expect([text, hasKeyword(text, [keyword])]).toEqual([text, true]);
  }
  for (const [text, keyword] of [
    ["redeploy deploys deployed", "deploy"],
    ["release the plan", "release plan"],
    ["deploy_now", "deploy"],
    ["anything", ""],
    ["anything", "!?"],
    ["", "deploy"],
  ] as const) {
    expect([text, hasKeyword(text, [keyword])]).toEqual([text, false]);
  }
});

test("[NOTE-19] a long text costs no more for many who listen", () => {
  const index = new KeywordIndex<string>();
  for (let n = 0; n < 20_000; n++) index.add(`word${n} of mine`, `person${n}`);
  const text = `${"word17 of yours ".repeat(120)} word19 of mine`;
  const startedMs = performance.now();
  for (let n = 0; n < 50; n++) expect([...index.find(text)]).toEqual(["person19"]);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});
