import { type Role, type RoomType, roles } from "@mirage/protocol";
import { describe, expect, it } from "vitest";
import type { Standing } from "../../access/rights.ts";
import { canRemove, canSetRole } from "./rooms.policy.ts";

function standing(role: Role | null, roomType: RoomType = "private", isAdmin = false): Standing {
  return { role, roomType, isArchived: false, isAdmin };
}

/** Rules of rank, written out: an owner stands above all, an admin above all but owners, a moderator above those below. */
function outranks(role: Role, other: Role): boolean {
  if (role === "owner") return true;
  if (role === "admin") return other !== "owner";
  return role === "moderator" && ["member", "guest"].includes(other);
}

describe("rights over others", () => {
  it("[ACC-4] removing takes a rank above the other's", () => {
    for (const role of roles) {
      for (const other of roles) {
        const verdict = canRemove(standing(role), { role: other, isSelf: false });
        expect([role, other, verdict]).toEqual([role, other, outranks(role, other) ? "yes" : "forbidden"]);
      }
    }
  });

  it("[ACC-4] changing a role takes a rank above the old one and above the new one", () => {
    for (const role of roles) {
      for (const old of roles) {
        for (const newRole of roles) {
          const expected = outranks(role, old) && outranks(role, newRole) ? "yes" : "forbidden";
          expect([role, old, newRole, canSetRole(standing(role), { role: old, newRole })]).toEqual([
            role,
            old,
            newRole,
            expected,
          ]);
        }
      }
    }
  });

  it("[ACC-4] everyone may leave, but not a direct conversation; and nobody is removed from one", () => {
    for (const role of roles) {
      expect(canRemove(standing(role), { role, isSelf: true })).toBe("yes");
      expect(canRemove(standing(role, "direct"), { role, isSelf: true })).toBe("forbidden");
      expect(canRemove(standing(role, "direct"), { role: "guest", isSelf: false })).toBe("forbidden");
      expect(canSetRole(standing(role, "direct"), { role: "guest", newRole: "member" })).toBe("forbidden");
    }
  });

  it("[ACC-2] only who has the right learns that somebody is no member", () => {
    expect(canRemove(standing("moderator"), { role: null, isSelf: false })).toBe("not_found");
    expect(canSetRole(standing("owner"), { role: null, newRole: "member" })).toBe("not_found");
    expect(canRemove(standing("member"), { role: null, isSelf: false })).toBe("forbidden");
    expect(canRemove(standing(null), { role: "member", isSelf: false })).toBe("not_found");
    expect(canSetRole(standing(null, "public"), { role: "member", newRole: "guest" })).toBe("forbidden");
  });

  it("[ACC-4] an administrator of the instance acts as an owner where a room is open to all", () => {
    expect(canRemove(standing("guest", "public", true), { role: "owner", isSelf: false })).toBe("yes");
    expect(canRemove(standing("guest", "private", true), { role: "guest", isSelf: false })).toBe("forbidden");
  });
});
