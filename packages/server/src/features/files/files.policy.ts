/** Who may read a file. Pure. */
import type { DocumentRole } from "@mirage/protocol";
import { can, type Standing } from "../../access/rights.ts";

/** What a file belongs to, and how the reader stands to that: undefined and null where it is not theirs to see. */
export type FileHome =
  | { readonly of: "uploader" }
  | { readonly of: "message"; readonly standing: Standing | undefined }
  | { readonly of: "document"; readonly role: DocumentRole | null };

/** What the rules look at of a file. */
export interface FileFacts {
  readonly ownerId: string;
  /** It is there for somebody: stored, and what it belongs to not deleted. */
  readonly isThere: boolean;
  readonly home: FileHome;
}

/** Until it hangs on something it is the uploader's alone; from then on it belongs to whoever may read that. */
export function mayRead(userId: string, { ownerId, isThere, home }: FileFacts): boolean {
  if (!isThere) return false;
  switch (home.of) {
    case "uploader":
      return ownerId === userId;
    case "message":
      return home.standing !== undefined && can("read", home.standing) === "yes";
    case "document":
      return home.role !== null;
  }
}
