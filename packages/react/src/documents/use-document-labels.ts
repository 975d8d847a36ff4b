"use client";
import { useMemo } from "react";
import { useRealtime } from "../provider.tsx";
import { type DocumentLabels, documentLabels } from "./document-labels.ts";

/** The words of documents in the host's language. */
export function useDocumentLabels(): DocumentLabels {
  const { documents } = useRealtime().labels;
  return useMemo(() => ({ ...documentLabels, ...documents }), [documents]);
}
