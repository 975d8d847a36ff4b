import type { Role, RoomType } from "@mirage/protocol";
import { describe, expect, it } from "vitest";
import type { Standing } from "../../access/rights.ts";
import { grantedCalls, requireDeletion, requireEdit, requirePin, requireReaction } from "./messages.policy.ts";

const mine = { authorId: "me", type: "text", isDeleted: false };
const theirs = { ...mine, authorId: "you" };
const code = (code: string) => expect.objectContaining({ code });

function standing(role: Role | null, roomType: RoomType = "public", isArchived = false): Standing {
  return { role, roomType, isArchived, isAdmin: false };
}

describe("what may be done to a message", () => {
  it("[ACC-5] only the author edits, not even an owner does", () => {
    expect(() => requireEdit("me", standing("guest"), mine)).not.toThrow();
    for (const role of ["member", "owner"] as const) {
      expect(() => requireEdit("me", standing(role), theirs)).toThrow("Edit permission denied");
    }
    expect(() => requireEdit("me", standing("owner"), { ...mine, type: "system" })).toThrow("Edit permission denied");
    expect(() => requireEdit("me", standing("member", "public", true), mine)).toThrow(code("archived"));
  });

  it("[ACC-5] one's own is deleted by anyone, others' from moderator up, in a direct conversation by nobody", () => {
    expect(() => requireDeletion("me", standing("guest"), mine)).not.toThrow();
    expect(() => requireDeletion("me", standing("member"), theirs)).toThrow(code("forbidden"));
    expect(() => requireDeletion("me", standing("moderator"), theirs)).not.toThrow();
    expect(() => requireDeletion("me", standing("owner", "direct"), theirs)).toThrow(code("forbidden"));
    expect(() => requireDeletion("me", standing("member"), { ...mine, isDeleted: true })).not.toThrow();
  });

  it("[ACC-5] reacting is for members, pinning from moderator up or among equals", () => {
    expect(() => requireReaction(standing("guest", "announcement"), theirs)).not.toThrow();
    expect(() => requireReaction(standing(null), theirs)).toThrow(code("forbidden"));
    expect(() => requirePin(standing("member"), theirs)).toThrow(code("forbidden"));
    expect(() => requirePin(standing("moderator"), theirs)).not.toThrow();
    expect(() => requirePin(standing("member", "direct"), theirs)).not.toThrow();
  });

  it("[ACC-2] a message out of sight, and a deleted one, are not found", () => {
    for (const attempt of [
      () => requireEdit("me", standing(null, "private"), mine),
      () => requireDeletion("me", standing(null, "private"), mine),
      () => requireReaction(standing(null, "direct"), mine),
      () => requirePin(standing(null, "private"), mine),
      () => requireEdit("me", standing("member"), { ...mine, isDeleted: true }),
      () => requireReaction(standing("member"), { ...mine, isDeleted: true }),
      () => requirePin(standing("owner"), { ...mine, isDeleted: true }),
    ]) {
      expect(attempt).toThrow("Message not found");
    }
  });

  it("[ACC-5] @everyone and @here from somebody without the right call nobody", () => {
    const both = { everyone: true, here: true };
    expect(grantedCalls(standing("moderator"), both)).toEqual(both);
    expect(grantedCalls(standing("member"), both)).toEqual({ everyone: false, here: false });
    expect(grantedCalls(standing("owner"), { everyone: false, here: true })).toEqual({ everyone: false, here: true });
  });
});
