"use client";
import { IconButton } from "@mirage/react";
import { DocumentEditor } from "@mirage/react/documents";
import { Menu } from "lucide-react";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { useCallback } from "react";
import { useOpenDrawer } from "../shell/drawer.tsx";
import { documentsPath } from "./document-path.ts";
import { useIsNew } from "./new-document.ts";

/** One document, with the app's own button in its header. */
export function DocumentPage({ documentId }: { documentId: string }) {
  const openDrawer = useOpenDrawer();
  const setTitle = useCallback((title: string) => {
    document.title = `${title} · Mirage`;
  }, []);
  return (
    <DocumentEditor
      documentId={documentId}
      isNew={useIsNew(documentId)}
      threadId={useSearchParams().get("thread") ?? undefined}
      onTitle={setTitle}
      headerStart={
        <IconButton label="Show rooms" className="only-phone" onClick={openDrawer}>
          <Menu size={20} aria-hidden />
        </IconButton>
      }
      refusedAction={
        <Link href={documentsPath()} className="button button-primary">
          Go to your documents
        </Link>
      }
    />
  );
}
