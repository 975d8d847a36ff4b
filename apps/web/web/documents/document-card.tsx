"use client";
import type { Document } from "@mirage/protocol";
import { useRealtime } from "@mirage/react";
import { FileText } from "lucide-react";
import Link from "next/link";
import { useEffect, useState } from "react";
import { documentPath } from "./document-path.ts";
import { DocumentSummary } from "./document-summary.tsx";
import { EditorsNow } from "./editors-now.tsx";

/** Title, last change and who is in it now, kept up to date; nothing of a document that the reader may not see. */
export function DocumentCard({ documentId }: { documentId: string }) {
  const document = useLiveDocument(documentId);
  if (document === null) return null;
  return (
    <Link
      href={documentPath(documentId)}
      aria-busy={document === undefined}
      className="mt-1.5 flex h-16 max-w-md items-center gap-3 rounded-xl border border-line bg-raised px-3.5 text-ink no-underline hover:bg-sunken"
    >
      <FileText size={22} className="flex-none text-accent" aria-hidden />
      {document && (
        <>
          <DocumentSummary document={document} />
          <EditorsNow document={document} />
        </>
      )}
    </Link>
  );
}

type Shown = Pick<Document, "title" | "editors" | "updatedAt" | "updatedBy">;

/** Undefined until it is known, null where it cannot be seen. */
function useLiveDocument(documentId: string): Shown | null | undefined {
  const { realtime } = useRealtime();
  const [document, setDocument] = useState<Shown | null>();
  useEffect(() => {
    let isCurrent = true;
    const set = (next: Shown | null) => isCurrent && setDocument(next);
    realtime.request("get_document", { documentId }).then(
      (answer) => set(answer.document.trashedAt === null ? answer.document : null),
      () => set(null),
    );
    const end = realtime.on("document_activity", (activity) => activity.documentId === documentId && set(activity));
    return () => {
      isCurrent = false;
      end();
    };
  }, [realtime, documentId]);
  return document;
}
