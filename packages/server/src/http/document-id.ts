import { limits, Refusal } from "@mirage/protocol";

/** What an address says may be no id at all. @throws Refusal `not_found`, as for one of nothing. */
export function requireDocumentId(id: string): string {
  if (id !== "" && id.length <= limits.idCodePoints && !id.includes("\u0000")) return id;
  throw new Refusal("not_found", "Document not found");
}
