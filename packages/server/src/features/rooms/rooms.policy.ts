/** Who may remove whom, and who may give whom which role. That a room keeps one owner is checked where it commits. */
import type { Role } from "@mirage/protocol";
import { can, effectiveRole, rankOf, type Standing, type Verdict } from "../../access/rights.ts";

/** `targetRole` null: that person is not a member. */
export function canRemove(standing: Standing, target: { role: Role | null; isSelf: boolean }): Verdict {
  if (target.isSelf) return can("leave", standing);
  const verdict = can("removeMember", standing);
  if (verdict !== "yes") return verdict;
  if (target.role === null) return "not_found";
  return outranks(standing, target.role) ? "yes" : "forbidden";
}

export function canSetRole(standing: Standing, target: { role: Role | null; newRole: Role }): Verdict {
  const verdict = can("setRole", standing);
  if (verdict !== "yes") return verdict;
  if (target.role === null) return "not_found";
  return outranks(standing, target.role) && outranks(standing, target.newRole) ? "yes" : "forbidden";
}

/** An owner stands above everyone, other owners and oneself included; an admin above all but owners. */
function outranks(standing: Standing, role: Role): boolean {
  const own = effectiveRole(standing);
  if (own === "owner") return true;
  if (own === "admin") return role !== "owner";
  return own !== null && rankOf(own) > rankOf(role);
}
