import { limits } from "@mirage/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchMentions, parseMentions } from "./mentions.ts";
import { usernameKey } from "./username-key.ts";

const people = ["anna", "Anna Maria", "Bob", "小明", "Zoë", "O'Brien", "j.doe", "x_y-z", "Ünal Öz", "bob"].map(
  (username, index) => ({ userId: `${index}:${username}`, username }),
);
const named = (content: string) =>
  matchMentions(content, people).map((userId) => userId.slice(userId.indexOf(":") + 1));

describe("mentions", () => {
  it("[NOT-2] finds a name whatever its case, script and the signs around it", () => {
    expect(named("hi @ANNA!")).toEqual(["anna"]);
    expect(named("@zoe\u0308, (@j.doe) “@x_y-z” *@o'brien* _@Zoë_")).toEqual(["Zoë", "j.doe", "x_y-z", "O'Brien"]);
    expect(named("你好@小明 再见")).toEqual(["小明"]);
    expect(named("@anna's, @anna. @anna… @anna_")).toEqual(["anna"]);
  });

  it("[NOT-2] the longest name that exists wins, and all who share a name are named", () => {
    expect(named("@anna maria and @ünal öz")).toEqual(["Anna Maria", "Ünal Öz"]);
    expect(named("@anna marianne")).toEqual(["anna"]);
    expect(named("@anna @bob")).toEqual(["anna", "Bob", "bob"]);
  });

  it("[NOT-2] a longer name that nobody has is not a shorter one", () => {
    for (const text of [
      "@annabel",
      "@anna.b",
      "@anna-lena",
      "@anna_x",
      "@anna@example.org",
      "@小明你好",
      "@anna\u0301",
    ]) {
      expect([text, named(text)]).toEqual([text, []]);
    }
  });

  it("[NOT-2] names nobody inside code, an e-mail address or a link", () => {
    for (const text of [
      "`@anna`",
      "``@anna ` ``",
      "```\n@anna\n```",
      "```\n@anna",
      "mail@anna, mail.to@anna",
      "me+tag@anna",
      "https://social.example/@anna",
      "www.example.org/@anna",
      "example.org/@anna",
      "a@@anna",
      "@ anna",
      "@",
    ]) {
      expect([text, named(text)]).toEqual([text, []]);
      expect(parseMentions(text).names).not.toContain("anna");
    }
    expect(named("`code` @anna https://a.org @Bob")).toEqual(["anna", "Bob", "bob"]);
  });

  it("[NOT-2] knows @everyone and @here, and takes nobody's name for them", () => {
    expect(parseMentions("@Everyone look")).toMatchObject({ everyone: true, here: false, names: [] });
    expect(parseMentions("look, @here!")).toMatchObject({ everyone: false, here: true });
    expect(parseMentions("@everyones @hereby `@everyone`")).toMatchObject({ everyone: false, here: false });
    expect(matchMentions("@everyone", [{ userId: "1", username: "Everyone" }])).toEqual([]);
  });

  it("[NOT-2] offers every end a name may have, as keys", () => {
    expect(parseMentions("@Anna Maria Silva, hello\n@b").names).toEqual(
      expect.arrayContaining(["anna", "anna maria", "anna maria silva", "b"]),
    );
    expect(parseMentions("nobody here").names).toEqual([]);
  });

  it("[NOT-2] names at most 50 people, whatever is written", () => {
    const crowd = Array.from({ length: 120 }, (_, index) => ({ userId: `u${index}`, username: `user${index}` }));
    const content = crowd.map(({ username }) => `@${username}`).join(" ");
    expect(matchMentions(content, crowd)).toHaveLength(limits.mentionsPerMessage);
    expect(parseMentions(content).names.length).toBeLessThanOrEqual(limits.mentionsPerMessage);
    expect(parseMentions("@a".repeat(1_000)).names.length).toBeLessThanOrEqual(limits.mentionsPerMessage * 12);
  });

  it("[NOT-2] whoever is named was among the keys to look up", () => {
    const name = fc.array(fc.constantFrom("a", "B", "é", "小", "9", ".", "_", "-", "'"), {
      minLength: 1,
      maxLength: 6,
    });
    const words = fc.array(
      name.map((chars) => chars.join("")),
      { minLength: 1, maxLength: 3 },
    );
    const text = fc.array(
      fc.oneof(
        words.map((parts) => `@${parts.join(" ")}`),
        fc.constantFrom(" ", "`", "\n", "x"),
      ),
    );
    fc.assert(
      fc.property(words, text, (username, parts) => {
        const candidate = { userId: "1", username: username.join(" ") };
        const content = parts.join(" ");
        if (matchMentions(content, [candidate]).length > 0) {
          expect(parseMentions(content).names).toContain(usernameKey(candidate.username));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("[NOT-2] finds any name of letters, digits and spaces that stands alone", () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9äöüéñßя小]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
        const username = words.join(" ");
        fc.pre(!["everyone", "here"].includes(usernameKey(words[0] ?? "")));
        expect(
          matchMentions(`so, @${username.toUpperCase().toLowerCase()}: yes`, [
            { userId: "1", username: username.toUpperCase() },
          ]),
        ).toEqual(["1"]);
      }),
    );
  });

  it("takes no longer for hostile texts", () => {
    for (const piece of ["@", "@a", "`", "@a ", "``` ", "a@", "@ﷺ", "@a.", "://", "@a\n"]) {
      const content = piece.repeat(2_000 / piece.length);
      const startedMs = performance.now();
      parseMentions(content);
      matchMentions(content, people);
      expect(performance.now() - startedMs).toBeLessThan(250);
    }
  });
});
