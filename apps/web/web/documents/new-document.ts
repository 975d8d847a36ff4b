"use client";
import { useEffect, useState } from "react";

/** The document that was made last in this tab, until it is shown. */
let newId: string | undefined;

/** Notes that this document was just made, and is about to be shown. */
export function noteNew(documentId: string): void {
  newId = documentId;
}

/** Whether a document is shown because it was just made; whoever comes back to it later finds it like any other. */
export function useIsNew(documentId: string): boolean {
  const [isNew] = useState(() => documentId === newId);
  useEffect(() => {
    newId = undefined;
  }, []);
  return isNew;
}
