"use client";
import type { DocumentVersion } from "@mirage/protocol";
import { useCallback, useEffect, useState } from "react";
import { useRealtime } from "../../provider.tsx";

interface Versions {
  /** Newest first; absent until they are known. */
  versions: readonly DocumentVersion[] | undefined;
  loadMore: (() => void) | undefined;
  add(version: DocumentVersion): void;
  reload(): void;
}

/** The versions of a document, a page at a time. */
export function useVersions(documentId: string, onError: (error: unknown) => void): Versions {
  const { realtime } = useRealtime();
  const [versions, setVersions] = useState<readonly DocumentVersion[]>();
  const [cursor, setCursor] = useState<string | null>(null);
  const load = useCallback(
    async (from: string | null) => {
      try {
        const page = await realtime.request("list_versions", {
          documentId,
          ...(from === null ? {} : { cursor: from }),
        });
        setVersions((before) => (from === null ? page.versions : [...(before ?? []), ...page.versions]));
        setCursor(page.nextCursor);
      } catch (error) {
        onError(error);
      }
    },
    [realtime, documentId, onError],
  );
  useEffect(() => void load(null), [load]);
  const add = useCallback((version: DocumentVersion) => setVersions((before) => [version, ...(before ?? [])]), []);
  const reload = useCallback(() => void load(null), [load]);
  return { versions, loadMore: cursor === null ? undefined : () => void load(cursor), add, reload };
}
