import type { ErrorCode } from "@mirage/protocol";
import type { Metrics } from "../../lib/metrics.ts";

/** What is counted of documents. */
export interface DocumentMetrics {
  /** `mirage_document_updates_total{outcome}`. */
  taken(outcome: "stored" | "duplicate"): void;
  /** `mirage_document_updates_refused_total{code}`. */
  refused(code: ErrorCode): void;
  /** `mirage_document_compactions_total{outcome}`. */
  compacted(outcome: "done" | "failed"): void;
  /** `mirage_documents_open`, `mirage_documents_loaded`, `mirage_documents_loaded_bytes`. */
  loaded(documents: { open: number; loaded: number; bytes: number }): void;
}

/** Counts into the process's registry. */
export function createDocumentMetrics(metrics: Metrics): DocumentMetrics {
  return {
    taken: (outcome) => metrics.documentUpdates.inc({ outcome }),
    refused: (code) => metrics.documentUpdatesRefused.inc({ code }),
    compacted: (outcome) => metrics.documentCompactions.inc({ outcome }),
    loaded({ open, loaded, bytes }) {
      metrics.documentsOpen.set(open);
      metrics.documentsLoaded.set(loaded);
      metrics.documentsLoadedBytes.set(bytes);
    },
  };
}
