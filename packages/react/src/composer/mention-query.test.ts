import type { Member } from "@mirage/protocol";
import { describe, expect, it } from "vitest";
import { findMentionQuery, rankPeople } from "./mention-query.ts";

const person = (username: string): Member => ({ userId: username, username, role: "member", status: "online" });

describe("mention suggestions", () => {
  it("[FACE-3] open at an @ that begins a word, and nowhere else", () => {
    expect(findMentionQuery("hi @an", 6)).toEqual({ from: 3, text: "an" });
    expect(findMentionQuery("@", 1)).toEqual({ from: 0, text: "" });
    expect(findMentionQuery("mail a@b", 8)).toBeUndefined();
    expect(findMentionQuery("@an then", 8)).toBeUndefined();
  });

  it("[FACE-3] rank beginnings first, then those who wrote last", () => {
    const people = [person("Mara Anders"), person("Ana"), person("Anton"), person("Bo")];
    expect(rankPeople(people, "an", ["Anton"]).map((one) => one.username)).toEqual(["Anton", "Ana", "Mara Anders"]);
  });
});
