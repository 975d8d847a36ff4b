"use client";
import type { Realtime } from "@mirage/client";
import { type DocumentHandle, type Documents, openDocuments } from "@mirage/client/documents";
import { useEffect, useState } from "react";
import { useRealtime } from "../provider.tsx";

const opened = new WeakMap<Realtime, Documents>();

/** The documents of a connection, made once. */
function documentsOf(realtime: Realtime, userId: string): Documents {
  const documents = opened.get(realtime) ?? openDocuments(realtime, { userId });
  opened.set(realtime, documents);
  return documents;
}

/** Opens a document for as long as the component is mounted; absent before the first effect. */
export function useDocument(documentId: string): DocumentHandle | undefined {
  const { realtime, me } = useRealtime();
  const [handle, setHandle] = useState<DocumentHandle>();
  useEffect(() => {
    const made = documentsOf(realtime, me.userId).open(documentId);
    setHandle(made);
    return () => {
      setHandle(undefined);
      made.close();
    };
  }, [realtime, me.userId, documentId]);
  return handle?.id === documentId ? handle : undefined;
}
