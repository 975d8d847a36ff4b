import type { Attachment } from "@mirage/protocol";

/** Shown as a picture: one that was made into one, or is about to be. */
export function isPicture({ type, width }: Attachment): boolean {
  return type.startsWith("image/") && width !== undefined;
}
