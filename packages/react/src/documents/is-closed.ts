import type { DocumentState } from "@mirage/client/documents";

/** Whether the document is not for this person any more: nothing around its text can be had. */
export function isClosed({ phase, error }: DocumentState): boolean {
  return phase === "refused" && (error?.code === "forbidden" || error?.code === "not_found");
}
