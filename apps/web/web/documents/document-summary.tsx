import type { Document } from "@mirage/protocol";
import type { ReactNode } from "react";
import { LastChange } from "./last-change.tsx";

interface DocumentSummaryProps {
  document: Pick<Document, "title" | "updatedAt" | "updatedBy">;
  /** Stands behind the last change. */
  children?: ReactNode;
}

/** A document's title above its last change, each cut to one line. */
export function DocumentSummary({ document, children }: DocumentSummaryProps) {
  return (
    <span className="min-w-0 flex-1 leading-snug">
      <span className="block truncate font-semibold" dir="auto">
        {document.title}
      </span>
      <span className="block truncate text-[0.8125rem] text-ink-soft">
        <LastChange document={document} />
        {children}
      </span>
    </span>
  );
}
