import { type Role, type RoomType, roles, roomTypes } from "@mirage/protocol";
import { describe, expect, it } from "vitest";
import { type Action, actions, can, effectiveRole, requireVerdict, type Standing } from "./rights.ts";

/** The weakest role with the right in public, private, announcement and direct rooms; `-`: nobody has it. */
const weakest: Record<Exclude<Action, "read" | "open">, [string, string, string, string]> = {
  markRead: ["guest", "guest", "guest", "guest"],
  post: ["guest", "guest", "moderator", "guest"],
  typing: ["guest", "guest", "moderator", "guest"],
  react: ["guest", "guest", "guest", "guest"],
  editOwn: ["guest", "guest", "guest", "guest"],
  deleteOwn: ["guest", "guest", "guest", "guest"],
  deleteAny: ["moderator", "moderator", "moderator", "-"],
  pin: ["moderator", "moderator", "moderator", "guest"],
  mentionAll: ["moderator", "moderator", "moderator", "guest"],
  invite: ["member", "moderator", "moderator", "-"],
  addMember: ["member", "moderator", "moderator", "-"],
  leave: ["guest", "guest", "guest", "-"],
  removeMember: ["moderator", "moderator", "moderator", "-"],
  setRole: ["moderator", "moderator", "moderator", "-"],
  update: ["admin", "admin", "admin", "-"],
  archive: ["owner", "owner", "owner", "-"],
};
const columns: RoomType[] = ["public", "private", "announcement", "direct"];

function standing(role: Role | null, roomType: RoomType, more: Partial<Standing> = {}): Standing {
  return { role, roomType, isArchived: false, isAdmin: false, ...more };
}

describe("rights", () => {
  for (const [action, row] of Object.entries(weakest) as [Action, string[]][]) {
    it(`[ACC-3] ${action}: from ${row.join(", ")}`, () => {
      for (const [index, roomType] of columns.entries()) {
        for (const role of roles) {
          const from = roles.indexOf(row[index] as Role);
          const expected = from !== -1 && roles.indexOf(role) >= from ? "yes" : "forbidden";
          expect({ roomType, role, verdict: can(action, standing(role, roomType)) }).toEqual({
            roomType,
            role,
            verdict: expected,
          });
        }
      }
    });
  }

  it("[ACC-3] every member reads and opens every kind of room", () => {
    for (const role of roles) {
      for (const roomType of roomTypes) {
        expect(can("read", standing(role, roomType))).toBe("yes");
        expect(can("open", standing(role, roomType))).toBe("yes");
      }
    }
  });

  it("[ACC-2] to somebody outside, a private room and a direct conversation do not exist, whatever is asked", () => {
    for (const action of actions) {
      for (const isArchived of [false, true]) {
        for (const isAdmin of [false, true]) {
          expect(can(action, standing(null, "private", { isArchived, isAdmin }))).toBe("not_found");
          expect(can(action, standing(null, "direct", { isArchived, isAdmin }))).toBe("not_found");
        }
      }
    }
  });

  it("[ACC-3] somebody outside may read and open what is open to all, and do nothing there", () => {
    for (const action of actions) {
      const expected = action === "read" || action === "open" ? "yes" : "forbidden";
      for (const roomType of ["public", "announcement"] as const) {
        expect(can(action, standing(null, roomType))).toBe(expected);
        expect(can(action, standing(null, roomType, { isAdmin: true }))).toBe(expected);
      }
    }
  });

  it("[ACC-3] an archived room is read, left and rid of people, and answers `archived` to the rest", () => {
    const stays: Action[] = ["read", "open", "markRead", "leave", "removeMember", "setRole", "archive"];
    for (const action of actions) {
      const expected = stays.includes(action) ? "yes" : "archived";
      expect([action, can(action, standing("owner", "public", { isArchived: true }))]).toEqual([action, expected]);
    }
    // Who would not have the right anyway is told that first.
    expect(can("pin", standing("guest", "public", { isArchived: true }))).toBe("forbidden");
  });

  it("[ACC-3] an administrator of the instance is an owner of rooms open to all, and nobody special in private", () => {
    expect(effectiveRole(standing("guest", "public", { isAdmin: true }))).toBe("owner");
    expect(effectiveRole(standing("member", "announcement", { isAdmin: true }))).toBe("owner");
    expect(effectiveRole(standing("member", "private", { isAdmin: true }))).toBe("member");
    expect(effectiveRole(standing("guest", "direct", { isAdmin: true }))).toBe("guest");
    expect(effectiveRole(standing(null, "public", { isAdmin: true }))).toBeNull();
  });

  it("a verdict becomes the refusal of its code", () => {
    expect(() => requireVerdict("yes")).not.toThrow();
    for (const code of ["forbidden", "not_found", "archived"] as const) {
      expect(() => requireVerdict(code)).toThrow(expect.objectContaining({ code }));
    }
    expect(() => requireVerdict("forbidden")).toThrow("Permission denied");
  });
});
