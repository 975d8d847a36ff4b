"use client";
import type { Document } from "@mirage/protocol";
import { useRealtime, useRequest } from "@mirage/react";
import { useCallback, useEffect, useState } from "react";

/** What is asked for. */
export interface DocumentFilter {
  scope: "all" | "trash";
  roomId: string | undefined;
  query: string;
}

const typingPauseMs = 200;
/** Activity comes up to once a second for each document: the order of the list may wait. */
const refreshMs = 3_000;

/** A page after another of the documents that fit; renewed while people work in them. */
export function useDocumentList({ scope, roomId, query }: DocumentFilter) {
  const { realtime } = useRealtime();
  const { run, error, isRunning } = useRequest("list_documents");
  const [documents, setDocuments] = useState<readonly Document[]>();
  const [cursor, setCursor] = useState<string | null>(null);
  const load = useCallback(
    async (from: string | null) => {
      const wanted = query.trim();
      const page = await run({
        scope,
        ...(roomId === undefined ? {} : { roomId }),
        ...(wanted === "" ? {} : { query: wanted }),
        ...(from === null ? {} : { cursor: from }),
      });
      if (!page) return;
      setDocuments((before) => (from === null ? page.documents : [...(before ?? []), ...page.documents]));
      setCursor(page.nextCursor);
    },
    [run, scope, roomId, query],
  );
  useEffect(() => {
    const timer = setTimeout(() => void load(null), typingPauseMs);
    return () => clearTimeout(timer);
  }, [load]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void load(null);
      }, refreshMs);
    };
    const ends = [realtime.on("document_activity", refresh), realtime.on("document_updated", refresh)];
    return () => {
      clearTimeout(timer);
      for (const end of ends) end();
    };
  }, [realtime, load]);
  return {
    documents,
    error,
    isRunning,
    loadMore: cursor === null ? undefined : () => void load(cursor),
    reload: useCallback(() => void load(null), [load]),
  };
}
