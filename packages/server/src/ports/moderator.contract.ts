import { describe, expect, it } from "vitest";
import type { Draft, Moderator } from "./moderator.ts";

export const draft = (content: string): Draft => ({
  roomId: "general",
  userId: "u1",
  username: "anna",
  content,
  kind: "post",
});

/** What every moderator keeps; `refused` is a text this one refuses. */
export function describeModerator(name: string, make: () => { moderator: Moderator; refused: string }): void {
  describe(`moderator: ${name}`, () => {
    const never = new AbortController().signal;

    it("[MOD-2] allows an ordinary text, and refuses what it is against", async () => {
      const { moderator, refused } = make();
      expect((await moderator.review(draft("Good morning, everyone"), never)).verdict).toBe("allow");
      expect((await moderator.review(draft(refused), never)).verdict).toBe("refuse");
    });

    it("[MOD-2] judges an edit like a post", async () => {
      const { moderator, refused } = make();
      const verdict = await moderator.review({ ...draft(refused), kind: "edit" }, never);
      expect(verdict.verdict).toBe("refuse");
    });

    it("judges each draft alone, also many at once", async () => {
      const { moderator, refused } = make();
      const texts = Array.from({ length: 20 }, (_, index) => (index % 2 ? refused : `hello ${index}`));
      const verdicts = await Promise.all(texts.map((text) => moderator.review(draft(text), never)));
      expect(verdicts.map(({ verdict }) => verdict)).toEqual(texts.map((_, index) => (index % 2 ? "refuse" : "allow")));
    });

    it("copes with an empty text, the longest one and signs of all kinds", async () => {
      const { moderator } = make();
      for (const text of ["", "🙂".repeat(2_000), "\u202e\u0007 ﷽ e\u0301".repeat(100)]) {
        expect((await moderator.review(draft(text), never)).verdict).toBe("allow");
      }
    });

    it("stops when the signal has been given", async () => {
      const { moderator } = make();
      const reason = new Error("the connection has gone");
      await expect(moderator.review(draft("hello"), AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    it("has a name for logs", () => {
      expect(make().moderator.name).toMatch(/^[a-z][a-z-]*$/);
    });
  });
}
