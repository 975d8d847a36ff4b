import type { Document } from "@mirage/protocol";
import type { DocumentAccess } from "../../access/document-access.ts";
import type { Visitors } from "./visitors.ts";

/** A document as the person of a ticket sees it now. */
export type Describe = (access: DocumentAccess) => Document;

export function createDescribe(deps: {
  epoch: string;
  visitors: Visitors;
  isHidden: (userId: string) => boolean;
}): Describe {
  return ({ document, role, standing }) => ({
    ...document,
    epoch: deps.epoch,
    editors: deps.visitors.editorsOf(document.id, deps.isHidden),
    role,
    isOwner: standing.isOwner,
  });
}
